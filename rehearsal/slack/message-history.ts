import { z } from 'zod';
import type { WebApiCall } from './web-api-call.ts';

const Posted = z.looseObject({ ok: z.literal(true), channel: z.string(), ts: z.string() });
const Listed = z.looseObject({
  ok: z.literal(true),
  messages: z.array(z.looseObject({ ts: z.string(), subtype: z.string().optional() })),
});

type ListedMessage = z.infer<typeof Listed>['messages'][number];

export type MessageHistory = {
  /** Takes a call with the emulator's answer and gives the answer that Slack would have given. */
  complete(call: WebApiCall, answer: unknown): unknown;
};

/**
 * Adds what the emulator leaves out of message history: the metadata of a message, and the arguments oldest, latest,
 * inclusive, limit and cursor. A reader sees no ephemeral message. Sources: docs.slack.dev/reference/methods/conversations.history
 * and …/conversations.replies.
 */
export function messageHistory(): MessageHistory {
  const metadata = new Map<string, unknown>();

  function remember(call: WebApiCall, answer: unknown): void {
    const posted = Posted.safeParse(answer);
    if (!posted.success) return;
    const key = `${posted.data.channel} ${posted.data.ts}`;
    if (call.method === 'chat.delete') metadata.delete(key);
    else if (call.args.metadata !== undefined) metadata.set(key, call.args.metadata);
  }

  function list(call: WebApiCall, answer: unknown): unknown {
    const listed = Listed.safeParse(answer);
    if (!listed.success) return answer;
    const channel = String(call.args.channel);
    const all = listed.data.messages.filter((message) => message.subtype !== 'ephemeral');
    const isReplies = call.method === 'conversations.replies';
    const page = isReplies ? pageOfReplies(call, all) : pageOfHistory(call, all);
    const withMetadata = isTrue(call.args.include_all_metadata);
    const messages = page.messages.map((message) => {
      const kept = metadata.get(`${channel} ${message.ts}`);
      return withMetadata && kept !== undefined ? { ...message, metadata: kept } : message;
    });
    return {
      ...listed.data,
      messages,
      has_more: page.next !== undefined,
      response_metadata: { next_cursor: page.next === undefined ? '' : encodeCursor(page.next) },
    };
  }

  return {
    complete(call, answer) {
      switch (call.method) {
        case 'chat.postMessage':
        case 'chat.update':
        case 'chat.delete':
          remember(call, answer);
          return answer;
        case 'conversations.history':
        case 'conversations.replies':
          return list(call, answer);
        default:
          return answer;
      }
    },
  };
}

type Page = { readonly messages: ListedMessage[]; readonly next: string | undefined };

function pageOfHistory(call: WebApiCall, all: readonly ListedMessage[]): Page {
  const before = decodeCursor(call.args.cursor);
  const newestFirst = all.filter(isBetween(call)).sort((a, b) => Number(b.ts) - Number(a.ts));
  const rest =
    before === undefined ? newestFirst : newestFirst.filter((message) => Number(message.ts) < before);
  return firstPage(rest, limitOf(call, 100));
}

function pageOfReplies(call: WebApiCall, all: readonly ListedMessage[]): Page {
  const after = decodeCursor(call.args.cursor);
  const inside = isBetween(call);
  const [parent, ...replies] = [...all].sort((a, b) => Number(a.ts) - Number(b.ts));
  if (parent === undefined) return { messages: [], next: undefined };
  const rest = replies.filter(
    (message) => inside(message) && (after === undefined || Number(message.ts) > after),
  );
  const page = firstPage(rest, limitOf(call, 1000));
  return { messages: [parent, ...page.messages], next: page.next };
}

function firstPage(rest: readonly ListedMessage[], limit: number): Page {
  const messages = rest.slice(0, limit);
  return { messages, next: rest.length > limit ? messages.at(-1)?.ts : undefined };
}

function isBetween(call: WebApiCall): (message: ListedMessage) => boolean {
  const oldest = numberOf(call.args.oldest) ?? 0;
  const latest = numberOf(call.args.latest) ?? Number.POSITIVE_INFINITY;
  const inclusive = isTrue(call.args.inclusive);
  return ({ ts }) => {
    const at = Number(ts);
    return inclusive ? at >= oldest && at <= latest : at > oldest && at < latest;
  };
}

function limitOf(call: WebApiCall, usual: number): number {
  return Math.min(1000, Math.max(1, numberOf(call.args.limit) ?? usual));
}

function numberOf(value: unknown): number | undefined {
  if (value === undefined || value === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true' || value === '1' || value === 1;
}

function encodeCursor(ts: string): string {
  return Buffer.from(`next_ts:${ts}`).toString('base64');
}

function decodeCursor(cursor: unknown): number | undefined {
  if (typeof cursor !== 'string' || cursor === '') return undefined;
  return numberOf(Buffer.from(cursor, 'base64').toString('utf8').replace('next_ts:', ''));
}
