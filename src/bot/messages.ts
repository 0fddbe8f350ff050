import type { KnownBlock } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api';
import { Failure } from '../errors.ts';
import type { Metrics } from '../metrics.ts';
import type { Pace, PacedMethod } from './pace.ts';

/** What a message shows: its line in notifications, and its blocks. */
export interface Content {
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
}

/** What drawing asks of Slack. */
export interface Messages {
  /** Posts in a channel or to a user id, and returns where the message is; `mark` lets it be found again. */
  readonly post: (
    channel: string,
    thread: string | undefined,
    mark: Mark,
    content: Content,
  ) => Promise<{ readonly channel: string; readonly ts: string }>;
  /** Edits; false when the message is gone or can no longer be edited. */
  readonly update: (channel: string, ts: string, content: Content) => Promise<boolean>;
  /** Finds a message of ours by its mark, posted since `since` (milliseconds since 1970), among the newest 4000. */
  readonly find: (
    channel: string,
    thread: string | undefined,
    mark: Mark,
    since: number,
  ) => Promise<string | undefined>;
  /** Shows somebody's home tab. */
  readonly publish: (person: string, blocks: readonly KnownBlock[]) => Promise<void>;
  /** The address of a message, for links. */
  readonly link: (channel: string, ts: string) => Promise<string | undefined>;
}

/** Names the surface that a message is, in its metadata. */
export interface Mark {
  readonly stream: string;
  readonly key: string;
}

const eventType = 'slipway_surface';

/** How many pages of 200 messages are looked through: more than an hour of what a channel takes. */
const mostPages = 20;

/** Errors of chat.update that mean: this message will never be edited again (https://docs.slack.dev/reference/methods/chat.update). */
const gone = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed', 'is_inactive']);

/** Slack's messages at a pace that Slack allows; a 429 that comes all the same is obeyed and reported as `slack-unreachable`. */
export function slackMessages(
  client: WebClient,
  pace: Pace,
  { slackCalls }: Pick<Metrics, 'slackCalls'>,
): Messages {
  const held = async <T>(method: PacedMethod, channel: string, call: () => Promise<T>): Promise<T> => {
    try {
      const answer = await call();
      slackCalls.inc({ method, outcome: 'ok' });
      return answer;
    } catch (error) {
      slackCalls.inc({ method, outcome: outcomeOf(error) });
      if (error instanceof WebAPIRateLimitedError) pace.hold(method, channel, error.retryAfter);
      throw asFailure(error, method);
    }
  };
  return {
    post: async (channel, thread, mark, { text, blocks }) => {
      const answer = await held('chat.postMessage', channel, () =>
        client.chat.postMessage({
          channel,
          text,
          blocks: [...blocks],
          unfurl_links: false,
          unfurl_media: false,
          metadata: { event_type: eventType, event_payload: { ...mark } },
          ...(thread === undefined ? {} : { thread_ts: thread }),
        }),
      );
      if (answer.ts === undefined)
        throw new Failure('slack-refused', 'chat.postMessage answered without a ts.');
      return { channel: answer.channel ?? channel, ts: answer.ts };
    },
    update: async (channel, ts, { text, blocks }) => {
      try {
        await held('chat.update', channel, () =>
          client.chat.update({ channel, ts, text, blocks: [...blocks] }),
        );
        return true;
      } catch (error) {
        const { cause } = error as Error;
        if (cause instanceof WebAPIPlatformError && gone.has(cause.data.error)) return false;
        throw error;
      }
    },
    find: async (channel, thread, mark, since) => {
      // Slack's clock and ours may differ by some seconds.
      const about = { channel, oldest: String(since / 1_000 - 60), include_all_metadata: true, limit: 200 };
      const method = thread === undefined ? 'conversations.history' : 'conversations.replies';
      let from: { cursor?: string } = {};
      for (let page = 0; page < mostPages; page += 1) {
        await pace.turn(method, channel, true);
        const answer = await held(method, channel, () =>
          thread === undefined
            ? client.conversations.history({ ...about, ...from })
            : client.conversations.replies({ ...about, ...from, ts: thread }),
        );
        const found = (answer.messages ?? []).find(({ metadata }) => isMarked(metadata, mark));
        if (found !== undefined) return found.ts;
        const cursor = answer.response_metadata?.next_cursor ?? '';
        if (cursor === '') return undefined;
        from = { cursor };
      }
      return undefined;
    },
    publish: async (person, blocks) => {
      const view = { type: 'home' as const, blocks: [...blocks] };
      await held('views.publish', person, () => client.views.publish({ user_id: person, view }));
    },
    link: async (channel, ts) => {
      const answer = await client.chat.getPermalink({ channel, message_ts: ts }).catch(() => undefined);
      return answer?.permalink;
    },
  };
}

function isMarked(
  metadata: { readonly event_type?: string; readonly event_payload?: object } | undefined,
  { stream, key }: Mark,
): boolean {
  const payload = metadata?.event_payload as Partial<Mark> | undefined;
  return metadata?.event_type === eventType && payload?.stream === stream && payload.key === key;
}

function outcomeOf(error: unknown): string {
  if (error instanceof WebAPIRateLimitedError) return 'ratelimited';
  return error instanceof WebAPIPlatformError ? 'refused' : 'unreachable';
}

function asFailure(error: unknown, method: string): Failure {
  if (error instanceof WebAPIPlatformError) {
    const messages = error.data.response_metadata?.messages?.join('; ') ?? '';
    return new Failure('slack-refused', `${method}: ${error.data.error} ${messages}`.trim(), {
      cause: error,
    });
  }
  return new Failure('slack-unreachable', `${method}: ${(error as Error).message}`, { cause: error });
}
