import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { clusterHandlers } from './cluster.ts';
import { type Index, indexHandlers } from './indices.ts';
import { clusterMembers } from './members.ts';
import { isRefusal, refuse } from './refusal.ts';
import { callOf } from './routes.ts';
import { isObject } from './schema-faults.ts';
import { flatSettings, nestedSettings } from './settings.ts';

interface ElasticsearchOptions {
  /** Of the user `elastic`. */
  readonly password: string;
  /** Loopback unless it runs on a machine of its own. */
  readonly host?: string;
  readonly port?: number;
  readonly name?: string;
  readonly version?: string;
  /** Holds a folder for each installed plugin; it is read at the start and at `restart`, as a node does. */
  readonly pluginFolder?: string;
  /** Addresses of further nodes of the same password; they count as nodes, but documents are here alone. */
  readonly peers?: readonly string[];
  /** False where this is only the address of the cluster, as a load balancer is, and its nodes are the peers. */
  readonly isNode?: boolean;
  /** In PEM form; with it the server speaks https. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** A node of a small Elasticsearch 8 cluster, and switches for what may go wrong with it. */
export interface Elasticsearch {
  /** With user and password in it, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** What a restart of the service does: the plugin folder is read anew. Indices and documents stay. */
  readonly restart: () => void;
  /** Shows this status whatever the shards are, until it is called without one. */
  readonly showStatus: (status?: 'green' | 'yellow' | 'red') => void;
  /** Delays every answer by so many milliseconds. */
  readonly slow: (delay: number) => void;
  /** Every request that came in, as `METHOD /path`. */
  readonly requests: readonly string[];
  readonly stop: () => Promise<void>;
}

/** Starts a node that takes only what the vendor's published schema allows; nothing is kept when it stops. */
export async function startElasticsearch(options: ElasticsearchOptions): Promise<Elasticsearch> {
  const {
    password,
    host = '127.0.0.1',
    port = 0,
    name = 'node-1',
    version = '8.19.1',
    peers = [],
    isNode = true,
    tls,
  } = options;
  const installed = (): readonly string[] => {
    const { pluginFolder } = options;
    if (pluginFolder === undefined || !existsSync(pluginFolder)) return [];
    return readdirSync(pluginFolder)
      .filter((one) => !one.startsWith('.'))
      .sort();
  };
  const state: { plugins: readonly string[]; delay: number; status?: string | undefined } = {
    plugins: installed(),
    delay: 0,
  };
  const credentials = `Basic ${Buffer.from(`elastic:${password}`).toString('base64')}`;
  const indices = new Map<string, Index>();
  const requests: string[] = [];
  let server: Server;
  const listening = () => {
    const address = server.address();
    return address !== null && typeof address === 'object' ? address.port : port;
  };
  const members = clusterMembers({
    version,
    self: () => (isNode ? { name, ip: host, port: listening(), plugins: state.plugins } : undefined),
    peers,
    credentials,
  });
  const handlers = {
    ...indexHandlers(indices, members.plugins),
    ...clusterHandlers({ name, version, indices, members, forced: () => state.status }),
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://node');
    const body = await textOf(request);
    requests.push(`${request.method} ${url.pathname}`);
    if (state.delay > 0) await sleep(state.delay);
    const reply = (status: number, value: unknown) => {
      response.writeHead(status, headers(status, url, request));
      response.end(request.method === 'HEAD' ? undefined : shown(value, url, request));
    };
    try {
      requireCredentials(request, credentials);
      const call = callOf(request.method ?? 'GET', url, parsed(url, body, request));
      const handler = Object.hasOwn(handlers, call.endpoint) ? handlers[call.endpoint] : undefined;
      if (!handler)
        refuse(501, 'not_played', `the rehearsal's Elasticsearch does not play [${call.endpoint}]`);
      // A node that is asked for itself alone must not ask the others, who ask it.
      if (call.path.node_id !== '_local') await members.meet();
      const value = await handler(call);
      if (isObject(value) && typeof value.status === 'number' && value.body) reply(value.status, value.body);
      else reply(isObject(value) && value.result === 'created' ? 201 : 200, value);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      reply(error.status, error.body);
    }
  };
  const listen = (request: IncomingMessage, response: ServerResponse) =>
    void answer(request, response).catch((error) => response.destroy(error));
  server = tls ? createTlsServer(tls, listen) : createServer(listen);
  server.listen(port, host);
  await once(server, 'listening');
  return {
    url: `${tls ? 'https' : 'http'}://elastic:${encodeURIComponent(password)}@${host}:${listening()}`,
    port: listening(),
    restart: () => {
      state.plugins = installed();
    },
    showStatus: (status) => {
      state.status = status;
    },
    slow: (delay) => {
      state.delay = delay;
    },
    requests,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((settle) => server.close(settle));
    },
  };
}

function requireCredentials({ headers }: IncomingMessage, credentials: string): void {
  const given = Buffer.from(headers.authorization ?? '');
  const wanted = Buffer.from(credentials);
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return;
  const reason = given.length === 0 ? 'missing authentication credentials' : 'unable to authenticate user';
  refuse(401, 'security_exception', `${reason} for REST request`);
}

function parsed(url: URL, text: string, { headers }: IncomingMessage): unknown {
  const compatible = /compatible-with=(\d+)/.exec(`${headers.accept} ${headers['content-type']}`)?.[1];
  if (compatible !== undefined && !['7', '8'].includes(compatible)) {
    refuse(
      400,
      'media_type_header_exception',
      `Accept version must be either version 8 or 7, but found ${compatible}`,
    );
  }
  if (text === '') return undefined;
  if (!/^application\/(vnd\.elasticsearch\+)?(x-ndjson|json)\b/.test(headers['content-type'] ?? '')) {
    refuse(
      406,
      'media_type_header_exception',
      `Content-Type header [${headers['content-type']}] is not supported`,
    );
  }
  const isBulk = url.pathname.endsWith('/_bulk');
  if (isBulk && !text.endsWith('\n')) {
    refuse(400, 'illegal_argument_exception', 'The bulk request must be terminated by a newline [\\n]');
  }
  try {
    if (isBulk)
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line): unknown => JSON.parse(line));
    const body: unknown = JSON.parse(text);
    if (!isObject(body)) return body;
    if (/\/_settings$/.test(url.pathname)) return nestedSettings(flatSettings(body));
    return 'settings' in body ? { ...body, settings: nestedSettings(flatSettings(body.settings)) } : body;
  } catch {
    return refuse(400, 'parsing_exception', 'the body is not JSON');
  }
}

function headers(status: number, url: URL, request: IncomingMessage): Record<string, string> {
  const type = status === 200 && isText(url, request) ? 'text/plain; charset=UTF-8' : 'application/json';
  const challenge = { 'www-authenticate': 'Basic realm="security", charset="UTF-8"' };
  return { 'x-elastic-product': 'Elasticsearch', 'content-type': type, ...(status === 401 ? challenge : {}) };
}

/** The cat APIs answer with a table unless JSON is asked for. */
function isText(url: URL, { headers }: IncomingMessage): boolean {
  const isJson = url.searchParams.get('format') === 'json' || (headers.accept ?? '').includes('json');
  return url.pathname.startsWith('/_cat/') && !isJson;
}

function shown(value: unknown, url: URL, request: IncomingMessage): string {
  if (!isText(url, request) || !Array.isArray(value)) return JSON.stringify(value);
  const rows = value.map((row) => Object.values(isObject(row) ? row : {}).join(' '));
  return rows.map((row) => `${row}\n`).join('');
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
