import { setTimeout as delay } from 'node:timers/promises';
import type { People } from '../../rehearsal/slack/people.ts';
import type { Message, View } from '../../rehearsal/slack/screen.ts';
import { channel, type Slipway } from '../support/slipway.ts';

/** What the crew of a test does and sees again and again, in the channel of production. */
export interface Crew {
  readonly deploy: (user: string, text: string) => Promise<void>;
  /** Waits for a message that carries this button. */
  readonly offered: (button: string, wanted?: string) => Promise<Message>;
  /** Waits for a button and presses it. */
  readonly press: (user: string, button: string, wanted?: string) => Promise<Message>;
  /** Waits for a button that opens a modal, presses it, and fills the modal in; gives the modal as it was. */
  readonly fillIn: (
    user: string,
    button: string,
    values: Readonly<Record<string, string>>,
    wanted?: string,
  ) => Promise<View>;
  /** Waits for a card, which stands in the channel and not in a thread, that shows all of these. */
  readonly card: (...texts: readonly string[]) => Promise<Message>;
  /** Waits for any message of the channel that shows all of these. */
  readonly message: (...texts: readonly string[]) => Promise<Message>;
  /** Waits for what only this person is told. */
  readonly told: (user: string, ...texts: readonly string[]) => Promise<Message>;
  /** Waits until a command is answered again, as a person would find out. */
  readonly reachable: () => Promise<void>;
  /** Waits until nothing in the channel can be pressed any more but Plan, Details and what is named. */
  readonly settled: (...texts: readonly string[]) => Promise<void>;
}

const patient = { timeoutMs: 25_000 };

/** The crew of a running Slipway. */
export function crewOf({ people }: Pick<Slipway, 'people'>): Crew {
  const wait = (look: (message: Message) => boolean, what: string) =>
    people.waitForMessage(channel, (message) => message.ephemeral_to === undefined && look(message), {
      ...patient,
      what,
    });
  const offered: Crew['offered'] = (button, wanted = '') =>
    wait(
      (message) => people.buttons(message).includes(button) && read(message).includes(wanted),
      `a button ${button} with “${wanted}”`,
    );
  const press: Crew['press'] = async (user, button, wanted) => {
    const message = await offered(button, wanted);
    await people.click(user, message, button);
    return message;
  };
  return {
    deploy: async (user, text) => void (await people.command(user, channel, '/deploy', text)),
    offered,
    press,
    fillIn: async (user, button, values, wanted) => {
      await press(user, button, wanted);
      const modal = await people.waitForModal(patient);
      await submit(people, user, values);
      return modal;
    },
    card: (...texts) =>
      wait(
        (message) => message.thread_ts === undefined && hasAll(message, texts),
        `a card with ${texts.join(' and ')}`,
      ),
    message: (...texts) => wait((message) => hasAll(message, texts), texts.join(' and ')),
    told: (user, ...texts) =>
      people.waitForEphemeral(user, (message) => hasAll(message, texts), {
        ...patient,
        what: texts.join(' and '),
      }),
    reachable: async () => {
      const before = people.ephemeralTo('bob').length;
      for (const end = Date.now() + 60_000; Date.now() < end; await delay(500)) {
        await people.command('bob', channel, '/deploy', 'help');
        if (people.ephemeralTo('bob').length > before) return;
      }
      throw new Error('Slipway did not come back within a minute');
    },
    settled: async (...allowed) => {
      const quiet = new Set(['Plan', 'Details', ...allowed]);
      await wait(
        () => {
          const shown = people.messages(channel).filter((one) => one.ephemeral_to === undefined);
          return shown.every((one) => people.buttons(one).every((button) => quiet.has(button)));
        },
        `only ${[...quiet].join(', ')} to press`,
      );
    },
  };
}

/** Fills in the open modal and expects it to be accepted. */
export async function submit(
  people: People,
  user: string,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const { errors } = await people.submitModal(user, values);
  if (Object.keys(errors).length > 0) throw new Error(`the modal said ${JSON.stringify(errors)}`);
}

/** A message or modal as a person reads it: all texts, buttons in their order, dates by their fallback. */
export function read(shown: { readonly text?: string | undefined; readonly blocks?: unknown }): string {
  const texts = [shown.text ?? '', ...textsIn(shown.blocks)];
  return texts.join('\n').replace(/<!date\^[^|>]*\|([^>]*)>/g, '$1');
}

function textsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === 'text' && typeof inner === 'string' ? [inner] : textsIn(inner),
  );
}

function hasAll(message: Message, texts: readonly string[]): boolean {
  const shown = read(message);
  return texts.every((text) => shown.includes(text));
}
