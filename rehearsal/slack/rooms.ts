import { z } from 'zod';
import type { WebApiCall } from './web-api-call.ts';

const State = z.looseObject({
  apps: z.array(z.looseObject({ botUserId: z.string() })),
  users: z.array(z.looseObject({ id: z.string() })),
  channels: z.array(
    z.looseObject({
      id: z.string(),
      name: z.string(),
      is_im: z.boolean(),
      is_private: z.boolean(),
      topic: z.string().default(''),
      members: z.array(z.string()),
    }),
  ),
});

type State = z.infer<typeof State>;
type Channel = State['channels'][number];

const Created = z.looseObject({ ok: z.literal(true), channel: z.looseObject({ id: z.string() }) });

const Messages = z.object({ messages: z.array(z.looseObject({ ts: z.string() })) });

/** What is known of a channel besides what the emulator knows. */
interface Room {
  creator?: string;
  created?: number;
  topic?: string;
  purpose?: string;
  readonly invited: Set<string>;
  readonly pinned: Set<string>;
}

/** Reads a page such as `state` below the emulator's `/_control/`. */
export type Look = (page: string) => Promise<unknown>;

export type Rooms = {
  /** Tells whether a call of this method is answered here, for which the state of the workspace is needed. */
  plays(method: string): boolean;
  /** The answer to a call, or undefined when the emulator has it; `look` reads a page of the emulator's control API. */
  answer(call: WebApiCall, look: Look): Promise<unknown>;
  /** Takes a call with the emulator's answer and remembers a channel that it made. */
  complete(
    call: WebApiCall,
    answer: unknown,
    by: { readonly creator: string; readonly now: number },
  ): unknown;
  /** The state with those who were invited as members. */
  withMembers(state: unknown): State;
};

/**
 * Plays what the emulator lacks of channels: taken names, topic and purpose, invitations, pins, and lists by type and page.
 * Sources: the pages of conversations.create, .setTopic, .setPurpose, .invite, .members, .info, .list, users.conversations and
 * pins.add under docs.slack.dev/reference/methods
 */
export function slackRooms(): Rooms {
  const rooms = new Map<string, Room>();
  const roomOf = (id: string): Room => {
    const room = rooms.get(id) ?? { invited: new Set(), pinned: new Set() };
    rooms.set(id, room);
    return room;
  };

  function withMembers(given: unknown): State {
    const state = State.parse(given);
    const channels = state.channels.map((channel) => ({
      ...channel,
      members: [...new Set([...channel.members, ...(rooms.get(channel.id)?.invited ?? [])])],
    }));
    return { ...state, channels };
  }

  function shown({ id, name, is_im, is_private, topic, members }: Channel) {
    const room = rooms.get(id);
    return {
      id,
      name,
      is_im,
      is_private,
      is_channel: !is_im && !is_private,
      is_group: !is_im && is_private,
      is_archived: false,
      created: Math.floor((room?.created ?? 0) / 1_000),
      creator: room?.creator ?? '',
      topic: { value: room?.topic ?? topic, creator: '', last_set: 0 },
      purpose: { value: room?.purpose ?? '', creator: '', last_set: 0 },
      num_members: members.length,
    };
  }

  function invite(call: WebApiCall, channel: Channel, state: State): unknown {
    const bots = state.apps.map(({ botUserId }) => botUserId);
    const asked = String(call.args.users).split(',');
    const errors = asked.flatMap((user) => {
      const error = bots.includes(user)
        ? 'cant_invite_self'
        : channel.members.includes(user)
          ? 'already_in_channel'
          : state.users.some(({ id }) => id === user)
            ? undefined
            : 'user_not_found';
      return error === undefined ? [] : [{ user, ok: false, error }];
    });
    const good = asked.filter((user) => !errors.some((one) => one.user === user));
    const [first] = errors;
    const isForced = call.args.force === true || call.args.force === 'true';
    if (first !== undefined && !(isForced && good.length > 0))
      return { ok: false, error: first.error, errors };
    for (const user of good) roomOf(channel.id).invited.add(user);
    return { ok: true, channel: shown(channel), ...(first !== undefined && { errors }) };
  }

  async function pin({ args }: WebApiCall, { id }: Channel, _state: State, look: Look): Promise<unknown> {
    const ts = String(args.timestamp);
    const { messages } = Messages.parse(await look(`messages/${id}`));
    if (!messages.some((message) => message.ts === ts)) return failed('message_not_found');
    const { pinned } = roomOf(id);
    if (pinned.has(ts)) return failed('already_pinned');
    pinned.add(ts);
    return { ok: true };
  }

  function list(call: WebApiCall, state: State): unknown {
    const types = String(call.args.types ?? 'public_channel').split(',');
    const isOwn = (channel: Channel) =>
      state.apps.some(({ botUserId }) => channel.members.includes(botUserId));
    const found = state.channels.filter((channel) => {
      const type = channel.is_im ? 'im' : channel.is_private ? 'private_channel' : 'public_channel';
      const isSeen = isOwn(channel) || (call.method === 'conversations.list' && type === 'public_channel');
      return types.includes(type) && isSeen;
    });
    const { page, next } = paged(call, found);
    return { ok: true, channels: page.map(shown), response_metadata: { next_cursor: next } };
  }

  const inChannel: Readonly<
    Record<string, (call: WebApiCall, channel: Channel, state: State, look: Look) => unknown>
  > = {
    'conversations.invite': invite,
    'conversations.setTopic': ({ args }, channel) => {
      roomOf(channel.id).topic = String(args.topic);
      return { ok: true, channel: shown(channel) };
    },
    'conversations.setPurpose': ({ args }, channel) => {
      roomOf(channel.id).purpose = String(args.purpose);
      return { ok: true, channel: shown(channel) };
    },
    'conversations.info': (_call, channel) => ({ ok: true, channel: shown(channel) }),
    'conversations.members': (call, channel) => {
      const { page, next } = paged(call, channel.members);
      return { ok: true, members: page, response_metadata: { next_cursor: next } };
    },
    'pins.add': pin,
  };

  return {
    plays: (method) =>
      Object.hasOwn(inChannel, method) ||
      ['conversations.create', 'conversations.list', 'users.conversations'].includes(method),
    async answer(call, look) {
      const state = withMembers(await look('state'));
      if (call.method === 'conversations.create') {
        const isTaken = state.channels.some(({ name }) => name === call.args.name);
        return isTaken ? failed('name_taken') : undefined;
      }
      if (call.method === 'conversations.list' || call.method === 'users.conversations')
        return list(call, state);
      const channel = state.channels.find(({ id }) => id === call.args.channel);
      if (channel === undefined) return failed('channel_not_found');
      const isMember = state.apps.some(({ botUserId }) => channel.members.includes(botUserId));
      const reads = call.method === 'conversations.info' || call.method === 'conversations.members';
      if (!isMember && !(reads && !channel.is_private)) {
        return failed(channel.is_private ? 'channel_not_found' : 'not_in_channel');
      }
      return inChannel[call.method]?.(call, channel, state, look);
    },
    complete(call, answer, { creator, now }) {
      const made = call.method === 'conversations.create' ? Created.safeParse(answer) : undefined;
      if (!made?.success) return answer;
      const { channel } = made.data;
      Object.assign(roomOf(channel.id), { creator, created: now });
      return { ok: true, channel: { ...channel, creator, created: Math.floor(now / 1_000) } };
    },
    withMembers,
  };
}

function failed(error: string) {
  return { ok: false, error };
}

/** One page of a list, a hundred entries unless `limit` says otherwise, and the cursor of the next. */
function paged<T>(
  { args }: WebApiCall,
  all: readonly T[],
): { readonly page: readonly T[]; readonly next: string } {
  const limit = Math.min(1000, Math.max(1, Number(args.limit ?? 100) || 100));
  const from = Number(Buffer.from(String(args.cursor ?? ''), 'base64').toString('utf8')) || 0;
  const end = from + limit;
  return {
    page: all.slice(from, end),
    next: end < all.length ? Buffer.from(String(end)).toString('base64') : '',
  };
}
