import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** What the application answers to one request. */
interface Answer {
  readonly status: number;
  readonly type: 'application/json' | 'text/html; charset=utf-8' | 'text/plain; version=0.0.4';
  readonly body: string;
}

interface Trouble {
  /** How many more requests fail; infinite until cleared. */
  failures: number;
  /** Milliseconds before each answer. */
  delay: number;
}

/** The application that the rehearsal deploys, with switches for what may go wrong with it. */
export interface SoftFactoryApp {
  readonly server: Server;
  /** Lets requests to a path answer 503: so many of them, or all until `clear`. */
  readonly fail: (path: string, times?: number) => void;
  /** Delays every answer of a path by so many milliseconds, until `clear`. */
  readonly slow: (path: string, delay: number) => void;
  /** Ends failures and delays of a path, or of all. */
  readonly clear: (path?: string) => void;
  readonly deployVersion: (version: string) => void;
  readonly close: () => Promise<void>;
}

const plans = [
  { id: 'starter', price: 0, currency: 'eur' },
  { id: 'team', price: 2900, currency: 'eur' },
  { id: 'factory', price: 19900, currency: 'eur' },
];

const page = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>SoftFactory</title></head>
<body><h1>SoftFactory</h1><p>Everything runs.</p></body></html>
`;

/** Prepares the `users` table of its database and builds the application; `server` still has to listen. */
export async function softFactoryApp(postgresUrl: string, version: string): Promise<SoftFactoryApp> {
  const pool = new pg.Pool({ connectionString: postgresUrl, max: 3, connectionTimeoutMillis: 5_000 });
  // A lost idle connection is replaced by the pool; unheard, its error would end the process.
  pool.on('error', () => {});
  await prepare(pool);
  const troubles = new Map<string, Trouble>();
  const state = { version, requests: 0 };
  const server = createServer((request, response) => {
    answer(request, pool, troubles, state).then(
      ({ status, type, body }) => response.writeHead(status, { 'content-type': type }).end(body),
      (error: unknown) => {
        if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ error: error instanceof Error ? error.message : 'unknown' }));
      },
    );
  });
  const trouble = (path: string): Trouble => {
    const found = troubles.get(path) ?? { failures: 0, delay: 0 };
    troubles.set(path, found);
    return found;
  };
  return {
    server,
    fail: (path, times = Number.POSITIVE_INFINITY) => {
      trouble(path).failures = times;
    },
    slow: (path, delay) => {
      trouble(path).delay = delay;
    },
    clear: (path) => (path === undefined ? troubles.clear() : void troubles.delete(path)),
    deployVersion: (next) => {
      state.version = next;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((settle) => server.close(settle));
      await pool.end();
    },
  };
}

async function prepare(pool: pg.Pool): Promise<void> {
  await pool.query(`create table if not exists users (
    id int primary key, email text not null, name text not null, token_sha256 text not null unique)`);
  await pool.query(
    `insert into users (id, email, name, token_sha256) values (1, 'demo@softfactory.example', 'Demo', $1::text)
     on conflict do nothing`,
    [digest('demo_token')],
  );
}

async function answer(
  request: IncomingMessage,
  pool: pg.Pool,
  troubles: ReadonlyMap<string, Trouble>,
  state: { readonly version: string; requests: number },
): Promise<Answer> {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  state.requests += 1;
  const trouble = troubles.get(path);
  if (trouble && trouble.delay > 0) await sleep(trouble.delay);
  if (trouble && trouble.failures > 0) {
    trouble.failures -= 1;
    return json(503, { error: 'unavailable', path });
  }
  switch (`${request.method} ${path}`) {
    case 'GET /':
      return { status: 200, type: 'text/html; charset=utf-8', body: page };
    case 'GET /api/health':
      return json(200, { status: 'ok', version: state.version });
    case 'GET /api/auth/user':
      return user(request, pool);
    case 'GET /api/auth/oauth/google/url': {
      const token = randomBytes(16).toString('hex');
      const query = new URLSearchParams({
        client_id: 'softfactory',
        response_type: 'code',
        scope: 'openid email',
        state: token,
      });
      return json(200, {
        auth_url: `https://accounts.google.com/o/oauth2/v2/auth?${query}`,
        state_token: token,
      });
    }
    case 'GET /api/payment/plans':
      return json(200, { plans });
    case 'POST /api/files/upload':
      return upload(request);
    case 'GET /metrics':
      return { status: 200, type: 'text/plain; version=0.0.4', body: metrics(state) };
    default:
      return json(404, { error: 'not found', path });
  }
}

async function user(request: IncomingMessage, pool: pg.Pool): Promise<Answer> {
  const [, token] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
  const { rows } = await pool.query('select id, email, name from users where token_sha256 = $1::text', [
    digest(token ?? ''),
  ]);
  return rows.length === 1 ? json(200, { user: rows[0] }) : json(401, { error: 'unauthorized' });
}

async function upload(request: IncomingMessage): Promise<Answer> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of request) {
    hash.update(chunk);
    size += chunk.length;
  }
  if (size === 0) return json(400, { error: 'no file' });
  const file = hash.digest('hex').slice(0, 32);
  return json(201, { file_id: file, size, cdn_url: `https://cdn.softfactory.example/files/${file}` });
}

function metrics({ version, requests }: { readonly version: string; readonly requests: number }): string {
  return [
    '# HELP softfactory_requests_total Requests since the start.',
    '# TYPE softfactory_requests_total counter',
    `softfactory_requests_total ${requests}`,
    '# HELP softfactory_info The running version.',
    '# TYPE softfactory_info gauge',
    `softfactory_info{version="${version}"} 1`,
    '',
  ].join('\n');
}

function json(status: number, value: unknown): Answer {
  return { status, type: 'application/json', body: JSON.stringify(value) };
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
