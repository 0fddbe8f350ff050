import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Account, PagerDutyIncident, PagerDutyTurn, PagerDutyUser } from './account.ts';
import { createAccount } from './account.ts';
import { AlertEvent, faultsIn } from './event-faults.ts';
import type { Failing } from './failures.ts';
import { failuresOnDemand } from './failures.ts';
import { answerRest } from './rest.ts';
import { openWebhooks, type Webhooks } from './webhooks.ts';

/** PagerDuty on loopback, played after its published documentation: Events API v2, some of the REST API, and v3 webhooks. */
export interface PlayedPagerDuty {
  /** The address of both APIs, without a slash at the end. */
  readonly url: string;
  /** Routing keys by the name of the service. */
  readonly keys: Readonly<Record<string, string>>;
  /** The REST token that is taken. */
  readonly token: string;
  readonly users: readonly PagerDutyUser[];
  /** What stands in the account, oldest first. */
  readonly incidents: () => readonly PagerDutyIncident[];
  /** Events that were accepted, as they were sent, oldest first. */
  readonly events: readonly AlertEvent[];
  /** `METHOD /path` of every request, oldest first. */
  readonly asked: readonly string[];
  readonly fail: (failing: Failing) => () => void;
  /** What people and timeouts do in PagerDuty itself; webhooks tell of it. */
  readonly acts: Pick<Account, 'acknowledge' | 'unacknowledge' | 'resolve' | 'reopen' | 'assign'>;
  readonly setSchedule: (id: string, turns: readonly PagerDutyTurn[]) => void;
  readonly webhooks: Webhooks;
  readonly stop: () => Promise<void>;
}

export interface PlayedPagerDutyOptions {
  /** Names of services, each with its own routing key; `default` unless told. */
  readonly services?: readonly string[];
  readonly users?: readonly Omit<PagerDutyUser, 'id'>[];
  /** Calls that a routing key is allowed in 60 seconds; without end unless told. */
  readonly callsPerMinute?: number;
  /** Milliseconds before a webhook is tried again. */
  readonly webhookPause?: number;
  readonly port?: number;
}

/** "Events API payloads are limited to 512 KB" (https://developer.pagerduty.com/docs/events-api-v2-overview, "Size Limits"). */
const mostBytes = 512 * 1_024;

export async function startPagerDuty(options: PlayedPagerDutyOptions = {}): Promise<PlayedPagerDuty> {
  const {
    services = ['default'],
    users = [{ name: 'Robin', email: 'robin@example.com' }],
    callsPerMinute = Number.POSITIVE_INFINITY,
    webhookPause = 100,
    port = 0,
  } = options;
  const keys = Object.fromEntries(services.map((name) => [name, randomUUID().replaceAll('-', '')]));
  const token = randomUUID();
  const schedules = new Map<string, readonly PagerDutyTurn[]>();
  const events: AlertEvent[] = [];
  const asked: string[] = [];
  const calls = new Map<string, number[]>();
  const failures = failuresOnDemand();
  const webhooks = openWebhooks(() => account.users, webhookPause);
  const account = createAccount(users, webhooks.tell);

  const isThrottled = (key: string): boolean => {
    const now = Date.now();
    const lately = (calls.get(key) ?? []).filter((at) => at > now - 60_000);
    calls.set(key, [...lately, now]);
    return lately.length >= callsPerMinute;
  };
  // Answers: https://developer.pagerduty.com/api-reference/368ae3d938c9e-send-an-event-to-pager-duty
  const enqueue = (body: Buffer): { status: number; body: unknown } => {
    if (body.length > mostBytes) return { status: 413, body: invalid(['Request is too large']) };
    const json = parsed(body);
    const event = AlertEvent.safeParse(json);
    if (!event.success) return { status: 400, body: invalid(faultsIn(event.error)) };
    const { routing_key: key, event_action: action, dedup_key: dedupKey = randomUUID() } = event.data;
    const service = services.find((name) => keys[name] === key);
    if (service === undefined) return { status: 400, body: invalid(['Invalid routing key']) };
    if (isThrottled(key)) {
      const message = 'Requests for this service are arriving too quickly. Please retry later.';
      return { status: 429, body: { status: 'throttle exceeded', message } };
    }
    events.push(event.data);
    account.take(service, action, dedupKey, event.data);
    return { status: 202, body: { status: 'success', message: 'Event processed', dedup_key: dedupKey } };
  };
  const answer = (request: IncomingMessage, url: URL, body: Buffer) => {
    if (url.pathname === '/v2/enqueue') {
      if (request.method === 'POST') return enqueue(body);
      return { status: 405, body: invalid(['Only POST is allowed']) };
    }
    const { authorization, accept, from } = request.headers;
    const method = request.method ?? 'GET';
    const parts = { account, token, schedules };
    return answerRest(parts, { method, url, authorization, accept, from, body: parsed(body) });
  };

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://pagerduty');
    const body = await bodyOf(request);
    asked.push(`${request.method} ${url.pathname}`);
    const failing = failures.take(url.pathname);
    if (failing?.with === 'silence') return;
    if (failing?.with === 'cut') return void request.socket.destroy();
    if (typeof failing?.with === 'number') {
      const header = failing.retryAfter === undefined ? {} : { 'retry-after': String(failing.retryAfter) };
      return write(
        response,
        { status: failing.with, body: { status: 'error', message: 'It was ordered' } },
        header,
      );
    }
    const made = answer(request, url, body);
    if (failing?.with === 'cut-after') return void request.socket.destroy();
    write(response, made);
  });
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  const address = server.address();
  const { acknowledge, unacknowledge, resolve, reopen, assign } = account;
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    keys,
    token,
    users: account.users,
    incidents: account.incidents,
    events,
    asked,
    fail: failures.order,
    acts: { acknowledge, unacknowledge, resolve, reopen, assign },
    setSchedule: (id, turns) => void schedules.set(id, turns),
    webhooks,
    stop: async () => {
      await webhooks.stop();
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function invalid(errors: readonly string[]) {
  return { status: 'invalid event', message: 'Event object is invalid', errors };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

/** What came of a request's body: all of it, or as much as came before the connection was cut. */
async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
  } catch {
    request.destroy();
  }
  return Buffer.concat(chunks);
}

function write(
  response: ServerResponse,
  { status, body }: { readonly status: number; readonly body: unknown },
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
