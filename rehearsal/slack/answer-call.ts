import type { IncomingMessage, ServerResponse } from 'node:http';
import { actsInChannel, refuseChannel } from './channel-members.ts';
import type { Contract, Refusal } from './contract.ts';
import { drawable } from './drawable.ts';
import { ephemeralByDefault } from './ephemeral-default.ts';
import type { Failures } from './failures.ts';
import { sendJson, sendRateLimited, sendRaw, sendRefusal } from './http-answers.ts';
import type { MessageHistory } from './message-history.ts';
import type { RateLimits } from './rate-limits.ts';
import type { Look, Rooms } from './rooms.ts';
import { rehearsalBot } from './slack-workspace.ts';
import { forward, type Upstream } from './upstream.ts';
import { answerUserGroups, type UserGroups } from './user-groups.ts';
import { parseJson, type WebApiCall } from './web-api-call.ts';

/** A call that broke Slack's contract; a test asserts that there is none. */
export type Violation = Refusal & {
  /** A Web API method, `response_url`, or `ack` for the content of an acknowledgement. */
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
};

export type AnswerDependencies = {
  readonly upstream: Upstream;
  readonly userGroups: UserGroups;
  readonly tokens: { readonly bot: string; readonly app: string } | undefined;
  readonly contract: Contract;
  readonly limits: RateLimits | undefined;
  readonly history: MessageHistory;
  readonly rooms: Rooms;
  readonly failures: Failures;
  readonly now: () => number;
  /** Whether people look at the emulator's page. */
  readonly isWatched: boolean;
  readonly violations: Violation[];
  readonly stats: { rateLimited: number; failed: number };
};

export type Exchange = {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly body: Buffer;
};

/** Answers one call as Slack would and resolves with the error that the caller saw; rejects when the local Slack is gone. */
export async function answerCall(
  call: WebApiCall,
  { message, response, path, body }: Exchange,
  deps: AnswerDependencies,
): Promise<string | undefined> {
  const failure = deps.failures.take(call.method);
  if (failure !== undefined) deps.stats.failed += 1;
  switch (failure?.with) {
    case 'drop-before':
      message.socket.destroy();
      return 'drop-before';
    case 'timeout':
      return 'timeout';
    case 'http500':
      response.writeHead(500, { 'content-type': 'text/plain' }).end('Internal Server Error');
      return 'http500';
    case '429':
      return sendRateLimited(response, failure.retryAfter ?? 1);
    case 'refusal':
      return sendRefusal(response, call.method, { error: failure.error ?? 'fatal_error', messages: [] });
  }

  const wait = deps.limits?.retryAfter(call, deps.now());
  if (wait !== undefined) {
    deps.stats.rateLimited += 1;
    return sendRateLimited(response, wait);
  }

  const refusal = await refuse(call, deps);
  if (refusal !== undefined) return sendRefusal(response, call.method, refusal);
  const groups = answerUserGroups(call, deps.userGroups);
  if (groups !== undefined) return sendJson(response, 200, groups);
  const played = deps.rooms.plays(call.method) ? await deps.rooms.answer(call, lookAt(deps)) : undefined;
  if (played !== undefined) {
    if (failure?.with !== 'drop-after-delivery') return sendJson(response, 200, played);
    message.socket.destroy();
    return 'drop-after-delivery';
  }

  const from = { method: message.method ?? 'POST', path, headers: message.headers };
  const sent =
    call.method === 'response_url' ? Buffer.from(JSON.stringify(ephemeralByDefault(call.args))) : body;
  const shown = deps.isWatched && call.method !== 'upload' ? drawable(sent, typeOf(message)) : sent;
  const answer = await forward(deps.upstream, from, shown);
  const parsed = parseJson(answer.body.toString('utf8'));
  const by = { creator: rehearsalBot.botUserId, now: deps.now() };
  const completed = deps.rooms.complete(call, deps.history.complete(call, parsed), by);
  if (failure?.with === 'drop-after-delivery') {
    message.socket.destroy();
    return 'drop-after-delivery';
  }
  if (path.startsWith('/api/') && parsed !== undefined) return sendJson(response, answer.status, completed);
  sendRaw(response, answer);
  return answer.status < 400 ? undefined : `http${answer.status}`;
}

function typeOf({ headers }: IncomingMessage): string | undefined {
  return headers['content-type'];
}

async function refuse(call: WebApiCall, deps: AnswerDependencies): Promise<Refusal | undefined> {
  const unauthorized = refuseToken(call, deps.tokens);
  if (unauthorized !== undefined) return unauthorized;
  const broken = refuseContent(call, deps);
  if (broken !== undefined) return broken;
  if (!actsInChannel(call.method)) return undefined;
  return refuseChannel(call, deps.rooms.withMembers(await lookAt(deps)('state')));
}

function lookAt({ upstream }: AnswerDependencies): Look {
  return async (page) => {
    const from = { method: 'GET', path: `/_control/${page}`, headers: {} };
    const answer = await forward(upstream, from, Buffer.alloc(0));
    return parseJson(answer.body.toString('utf8'));
  };
}

/** Refuses what breaks the contract, and records it as a violation. */
export function refuseContent(
  call: WebApiCall,
  { contract, violations }: Pick<AnswerDependencies, 'contract' | 'violations'>,
): Refusal | undefined {
  const broken = contract.check(call);
  if (broken !== undefined) violations.push({ ...broken, method: call.method, args: call.args });
  return broken;
}

// The response and upload addresses are secrets of their own and take no token.
const withoutToken = new Set(['response_url', 'upload']);

function refuseToken(call: WebApiCall, tokens: AnswerDependencies['tokens']): Refusal | undefined {
  if (tokens === undefined || withoutToken.has(call.method)) return undefined;
  if (call.token === undefined) return { error: 'not_authed', messages: [] };
  const wanted = call.method === 'apps.connections.open' ? tokens.app : tokens.bot;
  if (call.token === wanted) return undefined;
  const isKnown = call.token === tokens.bot || call.token === tokens.app;
  return { error: isKnown ? 'not_allowed_token_type' : 'invalid_auth', messages: [] };
}
