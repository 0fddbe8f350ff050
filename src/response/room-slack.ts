import type { WebClient } from '@slack/web-api';
import { WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api';
import { Failure } from '../errors.ts';
import { reasonOf } from '../reason-of.ts';

/** A channel that Slack has made. */
export interface MadeRoom {
  readonly channel: string;
  readonly name: string;
}

/** Why Slack did not invite somebody, by their user id: its error codes. */
export type NotInvited = Readonly<Record<string, string>>;

/** What an incident asks of Slack; each throws `slack-unreachable` for what may pass and `slack-refused` for what will not. */
export interface RoomSlack {
  /** Makes a channel; undefined when its name is taken. */
  readonly create: (name: string, isPrivate: boolean) => Promise<MadeRoom | undefined>;
  /** The channel of this name that this bot has made since then, and whose purpose is empty or says `mark`. */
  readonly findOwn: (name: string, mark: string, since: number) => Promise<MadeRoom | undefined>;
  readonly setTopic: (channel: string, topic: string) => Promise<void>;
  readonly setPurpose: (channel: string, purpose: string) => Promise<void>;
  /** Everybody who is in the channel. */
  readonly members: (channel: string) => Promise<readonly string[]>;
  /** Invites these, none of them in the channel; returns why not for those who could not be. */
  readonly invite: (channel: string, people: readonly string[]) => Promise<NotInvited>;
  /** Pins a message, or leaves it pinned. */
  readonly pin: (channel: string, ts: string) => Promise<void>;
}

/** A refusal that trying again does not change; `code` is Slack's error code, `needed` the scope that is missing. */
export interface SlackRefusal {
  readonly code: string;
  readonly needed?: string;
}

/** Slack's own codes for what passes (https://docs.slack.dev/reference/methods/conversations.create, "Errors"). */
const passing = new Set([
  'fatal_error',
  'internal_error',
  'service_unavailable',
  'request_timeout',
  'ratelimited',
  'rate_limited',
  'team_added_to_org',
]);

/** What of a failure is Slack's refusal for good; undefined for everything else. */
export function refusalOf(error: unknown): SlackRefusal | undefined {
  const cause = error instanceof Failure ? error.cause : error;
  if (!(cause instanceof WebAPIPlatformError) || passing.has(cause.data.error)) return undefined;
  const { needed } = cause.data as { readonly needed?: unknown };
  return { code: cause.data.error, ...(typeof needed === 'string' && { needed }) };
}

type Asked = <T>(method: string, call: () => Promise<T>) => Promise<T>;

/** At most so many at once (https://docs.slack.dev/reference/methods/conversations.invite). */
const mostInvited = 100;

/** How many pages of the bot's own channels are looked through. */
const mostPages = 20;

/** Binds what an incident asks to Slack's Web API; after a 429 it is left alone for as long as it said. */
export function roomSlack(client: WebClient, now: () => number): RoomSlack {
  let quietUntil = 0;
  const asked: Asked = async (method, call) => {
    if (now() < quietUntil) {
      throw new Failure('slack-unreachable', `${method} waits, since Slack asked for a pause.`);
    }
    try {
      return await call();
    } catch (error) {
      if (error instanceof WebAPIRateLimitedError) quietUntil = now() + error.retryAfter * 1_000;
      if (refusalOf(error) === undefined) {
        throw new Failure('slack-unreachable', `${method}: ${reasonOf(error)}`, { cause: error });
      }
      throw new Failure('slack-refused', `${method}: ${(error as Error).message}`, { cause: error });
    }
  };
  const invite: RoomSlack['invite'] = async (channel, people) => {
    const [error, errors] = await asked('conversations.invite', () =>
      client.conversations.invite({ channel, users: people.join(','), force: true }),
    ).then(
      ({ errors = [] }) => [undefined, errors] as const,
      (failure: unknown) => [failure, errorsIn(failure)] as const,
    );
    const reasons = Object.fromEntries(
      errors.flatMap(({ user, error: code = 'cant_invite' }) => (user === undefined ? [] : [[user, code]])),
    );
    if (error === undefined) return reasons;
    const code = refusalOf(error)?.code;
    if (code === undefined) throw error;
    const [only, second] = people;
    if (only !== undefined && second === undefined) return { [only]: reasons[only] ?? code };
    // Nobody was invited, because of one of them: of the others each is asked for alone.
    if (!ofOne.has(code)) throw error;
    const each: Record<string, string> = {};
    for (const person of people) Object.assign(each, await invite(channel, [person]));
    return each;
  };
  return {
    create: async (name, isPrivate) => {
      try {
        const { channel } = await asked('conversations.create', () =>
          client.conversations.create({ name, is_private: isPrivate }),
        );
        if (channel?.id === undefined) {
          throw new Failure('slack-unreachable', 'conversations.create answered without a channel.');
        }
        return { channel: channel.id, name: channel.name ?? name };
      } catch (error) {
        if (refusalOf(error)?.code === 'name_taken') return undefined;
        throw error;
      }
    },
    findOwn: async (name, mark, since) => {
      const { user_id: self } = await asked('auth.test', () => client.auth.test());
      for await (const channel of ownChannels(client, asked)) {
        const purpose = channel.purpose?.value ?? '';
        const isOurs = channel.creator === self && (channel.created ?? 0) * 1_000 >= since;
        if (channel.id !== undefined && channel.name === name && isOurs) {
          if (purpose === '' || purpose.includes(mark)) return { channel: channel.id, name };
        }
      }
      return undefined;
    },
    setTopic: async (channel, topic) => {
      await asked('conversations.setTopic', () => client.conversations.setTopic({ channel, topic }));
    },
    setPurpose: async (channel, purpose) => {
      await asked('conversations.setPurpose', () => client.conversations.setPurpose({ channel, purpose }));
    },
    members: async (channel) => {
      const found: string[] = [];
      let from: { cursor?: string } = {};
      for (let page = 0; page < mostPages; page += 1) {
        const { members = [], response_metadata: more } = await asked('conversations.members', () =>
          client.conversations.members({ channel, limit: 1_000, ...from }),
        );
        found.push(...members);
        if (!more?.next_cursor) break;
        from = { cursor: more.next_cursor };
      }
      return found;
    },
    invite: async (channel, people) => {
      const reasons: Record<string, string> = {};
      for (let at = 0; at < people.length; at += mostInvited) {
        Object.assign(reasons, await invite(channel, people.slice(at, at + mostInvited)));
      }
      return reasons;
    },
    pin: async (channel, ts) => {
      try {
        await asked('pins.add', () => client.pins.add({ channel, timestamp: ts }));
      } catch (error) {
        if (refusalOf(error)?.code !== 'already_pinned') throw error;
      }
    },
  };
}

/** Codes that say something of one of those who are invited, not of the channel or the bot. */
const ofOne = new Set([
  'already_in_channel',
  'cant_invite',
  'cant_invite_self',
  'no_user',
  'user_not_found',
  'user_disabled',
  'user_is_restricted',
  'user_is_ultra_restricted',
  'user_team_not_in_channel',
  'ura_max_channels',
  'invitee_cant_see_channel',
]);

/** Who could not be invited, as a refusal of conversations.invite lists them. */
function errorsIn(failure: unknown): readonly { readonly user?: string; readonly error?: string }[] {
  const cause = failure instanceof Failure ? failure.cause : failure;
  if (!(cause instanceof WebAPIPlatformError)) return [];
  const { errors } = cause.data as { readonly errors?: unknown };
  return Array.isArray(errors) ? errors.filter((one) => typeof one === 'object' && one !== null) : [];
}

async function* ownChannels(client: WebClient, asked: Asked) {
  let from: { cursor?: string } = {};
  for (let page = 0; page < mostPages; page += 1) {
    const { channels = [], response_metadata: more } = await asked('users.conversations', () =>
      client.users.conversations({
        types: 'public_channel,private_channel',
        exclude_archived: true,
        limit: 200,
        ...from,
      }),
    );
    yield* channels;
    if (!more?.next_cursor) return;
    from = { cursor: more.next_cursor };
  }
}
