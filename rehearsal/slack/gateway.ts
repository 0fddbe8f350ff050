import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { answerCall, refuseContent, type Violation } from './answer-call.ts';
import { slackContract } from './contract.ts';
import { ephemeralByDefault } from './ephemeral-default.ts';
import { type FailureOrder, failuresOnDemand } from './failures.ts';
import { sendRaw, sendRefusal } from './http-answers.ts';
import { messageHistory } from './message-history.ts';
import { slackRateLimits } from './rate-limits.ts';
import { slackRooms } from './rooms.ts';
import { acknowledgement, deliverSigned } from './signed-delivery.ts';
import { socketModeRelay } from './socket-mode.ts';
import { forward, readBody, type Upstream } from './upstream.ts';
import type { UserGroups } from './user-groups.ts';
import { readWebApiCall } from './web-api-call.ts';

type GatewayCall = {
  /** A Web API method, `response_url` or `upload`. */
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Milliseconds since the epoch at arrival; the record is in the order of arrival. */
  readonly at: number;
  /** Whether the caller got a good answer; false, with the error `unanswered`, while it has none. */
  readonly ok: boolean;
  readonly error: string | undefined;
};

type GatewayStats = { readonly calls: number; readonly rateLimited: number; readonly failed: number };

export type GatewayOptions = {
  readonly upstream: Upstream;
  readonly port?: number;
  readonly limits: 'off' | 'slack';
  readonly userGroups: UserGroups;
  /** Crowd mentions that the bot may use, such as `<!subteam^S0ONCALL>`. */
  readonly allowMentions?: readonly string[];
  /** With these any other token is refused with invalid_auth; without them every token is good. */
  readonly tokens?: { readonly bot: string; readonly app: string };
  readonly now?: () => number;
  /** Whether people look at the emulator's page: what it cannot draw is then written as Slack would show it. */
  readonly isWatched?: boolean;
};

export type Gateway = {
  /** The Web API's base address, `http://127.0.0.1:PORT/api/`. */
  readonly url: string;
  readonly port: number;
  readonly calls: readonly GatewayCall[];
  readonly violations: readonly Violation[];
  readonly stats: GatewayStats;
  /** Orders failures and returns a function that takes the order back. */
  fail(order: FailureOrder): () => void;
  /** Breaks every connection, WebSockets too, and refuses new ones until `light()`. */
  goDark(): void;
  light(): void;
  /** Where the requests go that the local Slack signs and sends to `deliveryUrl`. */
  deliverTo(address: string): void;
  readonly deliveryUrl: string;
  stop(): Promise<void>;
};

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const responseUrlUses = 5;
const goodbyeMs = 250;
const deliveryPath = '/_deliver';

/** The first part of the path in every address that the local Slack gives out when it stands behind a gateway. */
export const gatewayPrefix = 'slack';

/**
 * Starts an HTTP and WebSocket gateway on 127.0.0.1 that stands before the local Slack for the bot's traffic: it refuses
 * what Slack's documented contract refuses, limits rates, completes message history, channels and user groups, fails on demand and
 * records every call. Sources are cited at each part (contract, rate-limits, message-history, rooms, user-groups).
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { upstream, userGroups, tokens, now = Date.now, isWatched = false } = options;
  const contract = slackContract(options.allowMentions);
  const limits = options.limits === 'slack' ? slackRateLimits() : undefined;
  const history = messageHistory();
  const failures = failuresOnDemand();
  const responseUses = new Map<string, number>();
  const sockets = new Set<Socket>();
  const calls: GatewayCall[] = [];
  const violations: Violation[] = [];
  const stats = { calls: 0, rateLimited: 0, failed: 0 };
  const deps = {
    upstream,
    userGroups,
    tokens,
    contract,
    limits,
    history,
    rooms: slackRooms(),
    failures,
    now,
    violations,
    stats,
    isWatched,
  };
  const relay = socketModeRelay(upstream, (call) => refuseContent(call, deps));
  let isDark = false;
  let botAddress: string | undefined;

  async function handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = new URL(message.url ?? '/', 'http://gateway');
    const pathname = withoutPrefix(address.pathname);
    const path = pathname + address.search;
    const body = await readBody(message);
    if (pathname === deliveryPath) {
      await deliver(message, body, response);
      return;
    }
    const method = methodOf(pathname);
    if (method === undefined) {
      response.writeHead(404).end();
      return;
    }
    if (method === 'file') {
      sendRaw(response, await forward(upstream, { method: 'GET', path, headers: message.headers }, body));
      return;
    }

    const call =
      method === 'upload'
        ? { method, args: {}, token: undefined, unreadable: [] }
        : readWebApiCall(method, address.searchParams, message.headers, body);
    const record: Writable<GatewayCall> = {
      method,
      args: call.args,
      at: now(),
      ok: false,
      error: 'unanswered',
    };
    calls.push(record);
    stats.calls += 1;
    try {
      record.error = isUsedUp(pathname)
        ? sendRefusal(response, method, { error: 'used_url', messages: [] })
        : await answerCall(call, { message, response, path, body }, deps);
    } catch (error) {
      message.socket.destroy();
      record.error = `the local Slack did not answer: ${String(error)}`;
    }
    record.ok = record.error === undefined;
  }

  async function deliver(message: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    if (botAddress === undefined) {
      response.writeHead(503).end();
      return;
    }
    const answer = await deliverSigned(botAddress, message.headers, body);
    const ack = acknowledgement(answer);
    const isRefused = answer.status === 200 && ack !== undefined && refuseContent(ack, deps) !== undefined;
    if (isRefused) response.writeHead(502).end();
    else response.writeHead(answer.status).end(ack && JSON.stringify(ephemeralByDefault(ack.args)));
  }

  /** Counts a use of a response address; Slack allows five (docs.slack.dev/interactivity/handling-user-interaction). */
  function isUsedUp(path: string): boolean {
    if (methodOf(path) !== 'response_url') return false;
    const uses = (responseUses.get(path) ?? 0) + 1;
    responseUses.set(path, uses);
    return uses > responseUrlUses;
  }

  const server = createServer((message, response) => {
    // Only a connection that broke while its body was read ends here; there is nobody left to answer.
    handle(message, response).catch(() => message.socket.destroy());
  });
  server.on('connection', (socket) => {
    if (isDark) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (message: IncomingMessage, socket: Socket, head: Buffer) => {
    const path = withoutPrefix(message.url ?? '/');
    if (path.startsWith('/socket/')) relay(message, path, socket, head);
    else socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the gateway has no port');
  const { port } = address;

  function breakConnections(): void {
    for (const socket of sockets) socket.destroy();
  }

  return {
    url: `http://127.0.0.1:${port}/api/`,
    port,
    calls,
    violations,
    stats,
    deliverTo(address) {
      botAddress = address;
    },
    deliveryUrl: `http://127.0.0.1:${port}${deliveryPath}`,
    fail: (order) => failures.order(order),
    goDark() {
      isDark = true;
      breakConnections();
    },
    light() {
      isDark = false;
    },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      // A bot that has just stopped is still saying goodbye on its WebSocket.
      const goodbye = setTimeout(breakConnections, goodbyeMs);
      await closed;
      clearTimeout(goodbye);
    },
  };
}

function methodOf(path: string): string | undefined {
  const api = /^\/api\/([A-Za-z.]+)$/.exec(path)?.[1];
  if (api !== undefined) return api;
  if (path.startsWith('/_hooks/response/')) return 'response_url';
  if (path.startsWith('/upload/v1/')) return 'upload';
  if (path.startsWith('/files/') || path.startsWith('/files-pri/')) return 'file';
  return undefined;
}

function withoutPrefix(path: string): string {
  return path.replace(new RegExp(`^/${gatewayPrefix}:\\d+(?=/)`), '');
}
