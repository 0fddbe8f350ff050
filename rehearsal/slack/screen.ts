import { WebSocket } from 'undici';
import { z } from 'zod';

const Element = z.looseObject({
  type: z.string(),
  action_id: z.string().optional(),
  value: z.string().optional(),
  text: z.unknown().optional(),
});
export type Element = z.infer<typeof Element>;

const Block = z.looseObject({
  type: z.string(),
  block_id: z.string().optional(),
  accessory: Element.optional(),
  element: Element.optional(),
});

const File = z.looseObject({ id: z.string(), name: z.string().optional(), user: z.string().optional() });
export type SharedFile = z.infer<typeof File>;

const Message = z.looseObject({
  ts: z.string(),
  channel: z.string(),
  user: z.string(),
  text: z.string().default(''),
  blocks: z.array(Block).optional(),
  thread_ts: z.string().optional(),
  subtype: z.string().optional(),
  ephemeral_to: z.string().optional(),
  files: z.array(File).optional(),
});
/** A message as a person sees it at one moment; an update makes a new object. */
export type Message = z.infer<typeof Message>;

const View = z.looseObject({
  id: z.string(),
  type: z.string(),
  title: z.looseObject({ text: z.string() }).optional(),
  blocks: z.array(Block),
});
export type View = z.infer<typeof View>;

const State = z.looseObject({
  apps: z.array(z.looseObject({ appId: z.string(), mode: z.string(), connected: z.boolean() })),
  users: z.array(z.looseObject({ id: z.string(), name: z.string() })),
  channels: z.array(z.looseObject({ id: z.string(), name: z.string() })),
  messages: z.record(z.string(), z.array(Message)),
  modalStack: z.array(View),
  homeViews: z.record(z.string(), z.record(z.string(), View)).default({}),
});

const Change = z.discriminatedUnion('t', [
  z.object({ t: z.literal('init'), state: State }),
  z.object({ t: z.literal('message'), message: Message }),
  z.object({ t: z.literal('message_update'), message: Message }),
  z.object({ t: z.literal('message_delete'), channel: z.string(), ts: z.string() }),
  z.object({ t: z.literal('channel'), channel: z.looseObject({ id: z.string(), name: z.string() }) }),
  z.object({ t: z.literal('view'), stack: z.array(View) }),
  z.object({ t: z.literal('home'), user: z.string(), view: View }),
  z.object({ t: z.literal('view_errors'), errors: z.record(z.string(), z.string()).default({}) }),
  z.object({ t: z.literal('socket_status'), appId: z.string(), connected: z.boolean() }),
]);
type Change = z.infer<typeof Change>;

export type Screen = {
  /** The id of a user given by name or id; throws when there is none. */
  user(nameOrId: string): string;
  /** The id of a channel given by name, with or without #, or id; throws when there is none. */
  channel(nameOrId: string): string;
  messages(channelId: string): readonly Message[];
  allMessages(): readonly Message[];
  /** The home tab of a user by id, undefined when it was never drawn. */
  home(userId: string): View | undefined;
  /** The modal on top, undefined when none is open. */
  modal(): View | undefined;
  /** Whether the app can be reached: always for signed HTTP, with a live socket otherwise. */
  isAppReachable(): boolean;
  /** Calls back after each change has been taken in; returns the function that ends it. */
  onChange(listen: (change: Change) => void): () => void;
  send(message: Readonly<Record<string, unknown>>): void;
  close(): Promise<void>;
};

/**
 * Opens the WebSocket that the local Slack's own page uses and keeps what the page would show; resolves when the first
 * state is there. Source: the messages of local-slack 0.1.8 on `/ui`.
 */
export async function openScreen(localSlackUrl: string): Promise<Screen> {
  const address = new URL('/ui', localSlackUrl);
  address.protocol = 'ws:';
  address.hostname = '127.0.0.1';
  const socket = new WebSocket(address);
  const listeners = new Set<(change: Change) => void>();
  const users = new Map<string, string>();
  const channels = new Map<string, string>();
  const messages = new Map<string, Message[]>();
  const apps = new Map<string, { mode: string; connected: boolean }>();
  const homes = new Map<string, View>();
  let modals: readonly View[] = [];

  function takeIn(change: Change): void {
    switch (change.t) {
      case 'init':
        for (const { name, id } of change.state.users) users.set(name, id);
        for (const { name, id } of change.state.channels) channels.set(name, id);
        for (const [id, list] of Object.entries(change.state.messages)) messages.set(id, list);
        for (const { appId, mode, connected } of change.state.apps) apps.set(appId, { mode, connected });
        modals = change.state.modalStack;
        for (const [user, views] of Object.entries(change.state.homeViews)) {
          for (const view of Object.values(views)) homes.set(user, view);
        }
        break;
      case 'message':
        messages.set(change.message.channel, [...list(change.message.channel), change.message]);
        break;
      case 'message_update':
        messages.set(
          change.message.channel,
          list(change.message.channel).map((old) => (old.ts === change.message.ts ? change.message : old)),
        );
        break;
      case 'message_delete':
        messages.set(
          change.channel,
          list(change.channel).filter((old) => old.ts !== change.ts),
        );
        break;
      case 'channel':
        channels.set(change.channel.name, change.channel.id);
        break;
      case 'view':
        modals = change.stack;
        break;
      case 'home':
        homes.set(change.user, change.view);
        break;
      case 'socket_status': {
        const app = apps.get(change.appId);
        if (app !== undefined) app.connected = change.connected;
      }
    }
  }

  function list(channelId: string): Message[] {
    return messages.get(channelId) ?? [];
  }

  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('error', () => reject(new Error(`no local Slack answers at ${address.href}`)), {
      once: true,
    });
    socket.addEventListener('message', (event) => {
      // Changes that no person can see, the log among them, are not in the union.
      const change = Change.safeParse(JSON.parse(String(event.data)));
      if (!change.success) return;
      takeIn(change.data);
      if (change.data.t === 'init') resolve();
      for (const listen of [...listeners]) listen(change.data);
    });
  });

  return {
    user: (nameOrId) => idOf('user', users, nameOrId),
    channel: (nameOrId) => idOf('channel', channels, nameOrId.replace(/^#/, '')),
    messages: list,
    allMessages: () => [...messages.values()].flat(),
    home: (userId) => homes.get(userId),
    modal: () => modals.at(-1),
    isAppReachable: () => [...apps.values()].every((app) => app.mode === 'events' || app.connected),
    onChange(listen) {
      listeners.add(listen);
      return () => listeners.delete(listen);
    },
    send(message) {
      socket.send(JSON.stringify(message));
    },
    async close() {
      if (socket.readyState === WebSocket.CLOSED) return;
      const closed = new Promise<void>((resolve) => {
        socket.addEventListener('close', () => resolve(), { once: true });
      });
      socket.close();
      await closed;
    },
  };
}

function idOf(kind: string, known: ReadonlyMap<string, string>, nameOrId: string): string {
  const id = known.get(nameOrId) ?? [...known.values()].find((value) => value === nameOrId);
  if (id === undefined) {
    throw new Error(`there is no ${kind} ${nameOrId}; there are ${[...known.keys()].join(', ')}`);
  }
  return id;
}
