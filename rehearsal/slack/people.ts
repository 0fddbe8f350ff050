import { buttonTexts, findAction } from './buttons.ts';
import { type FieldValues, fillIn } from './modal-values.ts';
import { type Message, openScreen, type Screen, type SharedFile, type View } from './screen.ts';

/** How an interaction went: the milliseconds until the app acknowledged it, and whether it did within Slack's patience. */
type Acknowledged = { readonly ackMs: number; readonly acked: boolean };

type Submitted = Acknowledged & {
  /** The errors shown in the modal, block id to text; empty when the modal was accepted. */
  readonly errors: Readonly<Record<string, string>>;
};

type Waiting = { readonly timeoutMs?: number; readonly what?: string };

export type People = {
  /** Types a slash command; users and channels are named by name or id everywhere. */
  command(user: string, channel: string, command: string, text?: string): Promise<Acknowledged>;
  /** Writes a message, in a thread when `threadTs` is given. */
  say(user: string, channel: string, text: string, threadTs?: string): Promise<void>;
  /** Puts an emoji on a message by its name without colons, or takes it away again. */
  react(user: string, message: Message, emoji: string, present?: boolean): Promise<void>;
  /** Every message of a channel, threads and ephemeral ones too, oldest first. */
  messages(channel: string): readonly Message[];
  /** Waits for a message for which the predicate holds, now or after any change; rejects with what the channel shows instead. */
  waitForMessage(
    channel: string,
    predicate: (message: Message) => boolean,
    waiting?: Waiting,
  ): Promise<Message>;
  /** Clicks a button (by text or action id) or chooses a menu entry of the message as it was when the person saw it. */
  click(user: string, message: Message, button: string): Promise<Acknowledged>;
  /** Opens the app's home tab. */
  openHome(user: string): Promise<Acknowledged>;
  /** What the home tab of this user shows; undefined when it was never drawn. */
  home(user: string): View | undefined;
  waitForHome(user: string, predicate: (view: View) => boolean, waiting?: Waiting): Promise<View>;
  /** Clicks a button of the home tab as it is, or as the person saw it. */
  clickHome(user: string, button: string, seen?: View): Promise<Acknowledged>;
  /** The texts of what can be clicked in a message, in the order of the page. */
  buttons(message: Message): string[];
  /** Waits for an open modal, with this title when one is given. */
  waitForModal(waiting?: Waiting & { readonly title?: string }): Promise<View>;
  submitModal(user: string, values: FieldValues): Promise<Submitted>;
  closeModal(user: string): Promise<void>;
  /** The messages that only this user sees, oldest first. */
  ephemeralTo(user: string): readonly Message[];
  waitForEphemeral(
    user: string,
    predicate: (message: Message) => boolean,
    waiting?: Waiting,
  ): Promise<Message>;
  /** The files shared in a channel, oldest first. */
  files(channel: string): readonly SharedFile[];
  readFile(file: SharedFile): Promise<string>;
  stop(): Promise<void>;
};

const usualWaitMs = 10_000;
// The emulator gives up waiting for an acknowledgement after 5 s; Slack does after 3 s.
const slackPatienceMs = 3000;

/**
 * Lets code act as the people of a workspace, through the protocol of the local Slack's own page and straight to it, so
 * that the people keep their Slack while the bot's gateway fails. Throws when no local Slack answers at the address.
 */
export async function connectPeople(localSlackUrl: string): Promise<People> {
  const screen = await openScreen(localSlackUrl);
  const base = `http://127.0.0.1:${new URL(localSlackUrl).port}`;

  async function control(action: string, body: Readonly<Record<string, unknown>>): Promise<Acknowledged> {
    const reachable = screen.isAppReachable();
    const start = performance.now();
    const response = await fetch(`${base}/_control/${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const ackMs = performance.now() - start;
    if (!response.ok) throw new Error(`local-slack refused ${action}: ${await response.text()}`);
    return { ackMs, acked: reachable && ackMs < slackPatienceMs };
  }

  return {
    command: (user, channel, command, text = '') =>
      control('command', { user: screen.user(user), channel: screen.channel(channel), command, text }),
    async say(user, channel, text, threadTs) {
      const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
      await control('message', {
        user: screen.user(user),
        channel: screen.channel(channel),
        text,
        ...thread,
      });
    },
    async react(user, { channel, ts }, emoji, present = true) {
      await control('reaction', { user: screen.user(user), channel, ts, name: emoji, present });
    },
    messages: (channel) => screen.messages(screen.channel(channel)),
    waitForMessage(channel, predicate, waiting = {}) {
      const id = screen.channel(channel);
      const shown = () => screen.messages(id);
      return waitFor(screen, () => shown().find(predicate), {
        ...waiting,
        describe: () => `#${channel} shows:\n${describeMessages(shown())}`,
      });
    },
    click: (user, message, button) =>
      control('interact', {
        user: screen.user(user),
        channel: message.channel,
        messageTs: message.ts,
        action: findAction(message, button),
      }),
    openHome: (user) => control('open-home', { user: screen.user(user) }),
    home: (user) => screen.home(screen.user(user)),
    waitForHome(user, predicate, waiting = {}) {
      const shown = () => screen.home(screen.user(user));
      const found = () => {
        const view = shown();
        return view !== undefined && predicate(view) ? view : undefined;
      };
      return waitFor(screen, found, {
        ...waiting,
        describe: () => `the home of ${user} shows ${JSON.stringify(shown()?.blocks).slice(0, 3_000)}`,
      });
    },
    clickHome(user, button, seen) {
      const view = seen ?? screen.home(screen.user(user));
      if (view === undefined) throw new Error(`the home of ${user} was never drawn`);
      const action = findAction({ blocks: view.blocks }, button);
      return control('interact', { user: screen.user(user), channel: '-', messageTs: '-', action });
    },
    buttons: buttonTexts,
    waitForModal({ title, ...waiting } = {}) {
      const open = () => {
        const modal = screen.modal();
        return title === undefined || modal?.title?.text === title ? modal : undefined;
      };
      return waitFor(screen, open, {
        what: title === undefined ? 'a modal' : `the modal “${title}”`,
        ...waiting,
        describe: () => `open is ${screen.modal()?.title?.text ?? 'none'}`,
      });
    },
    submitModal: (user, values) => submit(screen, screen.user(user), values),
    async closeModal(user) {
      if (screen.modal() === undefined) throw new Error('there is no modal to close');
      screen.send({ t: 'view_close', user: screen.user(user) });
      await waitFor(screen, () => screen.modal() === undefined || undefined, { what: 'the modal to close' });
    },
    ephemeralTo: (user) => onlyTo(screen, screen.user(user)),
    waitForEphemeral(user, predicate, waiting = {}) {
      const shown = () => onlyTo(screen, screen.user(user));
      return waitFor(screen, () => shown().find(predicate), {
        ...waiting,
        describe: () => `${user} alone was told:\n${describeMessages(shown())}`,
      });
    },
    files: (channel) => screen.messages(screen.channel(channel)).flatMap((message) => message.files ?? []),
    async readFile(file) {
      const path = `/files/${file.user}/${file.id}/${encodeURIComponent(file.name ?? 'file')}`;
      const response = await fetch(base + path);
      if (!response.ok) throw new Error(`the file ${file.name} cannot be read: HTTP ${response.status}`);
      return response.text();
    },
    stop: () => screen.close(),
  };
}

async function submit(screen: Screen, user: string, given: FieldValues): Promise<Submitted> {
  const modal = screen.modal();
  if (modal === undefined) throw new Error('there is no modal to submit');
  const values = fillIn(modal, given);
  const reachable = screen.isAppReachable();
  const start = performance.now();
  const settled = new Promise<Record<string, string>>((resolve) => {
    const end = screen.onChange((change) => {
      if (change.t !== 'view' && change.t !== 'view_errors') return;
      end();
      resolve(change.t === 'view_errors' ? change.errors : {});
    });
  });
  screen.send({ t: 'view_submit', user, values });
  const errors = await settled;
  const ackMs = performance.now() - start;
  return { ackMs, acked: reachable && ackMs < slackPatienceMs, errors };
}

function waitFor<T>(
  screen: Screen,
  look: () => T | undefined,
  {
    timeoutMs = usualWaitMs,
    what = 'what was expected',
    describe = () => '',
  }: Waiting & { describe?: () => string },
): Promise<T> {
  return new Promise((resolve, reject) => {
    const now = look();
    if (now !== undefined) {
      resolve(now);
      return;
    }
    const end = screen.onChange(() => {
      const seen = look();
      if (seen === undefined) return;
      end();
      clearTimeout(limit);
      resolve(seen);
    });
    const limit = setTimeout(() => {
      end();
      reject(new Error(`${what} did not appear within ${timeoutMs} ms; ${describe()}`));
    }, timeoutMs);
  });
}

function onlyTo(screen: Screen, user: string): readonly Message[] {
  return screen.allMessages().filter((message) => message.ephemeral_to === user);
}

function describeMessages(messages: readonly Message[]): string {
  if (messages.length === 0) return '  nothing';
  return messages
    .slice(-10)
    .map((message) => {
      const place = message.ephemeral_to !== undefined ? `only to ${message.ephemeral_to}, ` : '';
      const thread = message.thread_ts === undefined ? '' : `in thread ${message.thread_ts}, `;
      return `  [${place}${thread}${message.ts}] ${message.text}${describeBlocks(message)}`;
    })
    .join('\n');
}

function describeBlocks(message: Message): string {
  if (message.blocks === undefined) return '';
  const text = JSON.stringify(message.blocks.flatMap((block) => block.text ?? block.elements ?? []));
  return `\n      ${text.slice(0, 600)}`;
}
