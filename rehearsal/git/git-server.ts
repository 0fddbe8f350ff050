import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createGunzip } from 'node:zlib';

/** A git server over HTTP, for reading only. */
export interface GitServer {
  /** Without a slash at the end; the path of a repository below the folder follows it. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

interface GitServerOptions {
  /** Holds bare repositories. */
  readonly folder: string;
  /** Loopback unless a machine of its own clones from here. */
  readonly address?: string;
  /** Any free one when left out. */
  readonly port?: number;
}

/** Serves the repositories of a folder through git's own `git http-backend` (git-http-backend(1)). */
export async function startGitServer({
  folder,
  address = '127.0.0.1',
  port: wanted = 0,
}: GitServerOptions): Promise<GitServer> {
  const server = createServer((request, response) => {
    answer(folder, request, response).catch((error: unknown) => response.destroy(asError(error)));
  });
  server.listen(wanted, address);
  await once(server, 'listening');
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return {
    url: `http://${address}:${port}`,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = '/', query = ''] = (request.url ?? '/').split('?', 2);
  const child = spawn('git', ['http-backend'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: decodeURIComponent(path),
      QUERY_STRING: query,
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'],
      GIT_PROTOCOL: [request.headers['git-protocol']].flat().join(),
    },
  });
  // It closes its input early when it refuses a request.
  child.stdin.on('error', () => {});
  const isZipped = request.headers['content-encoding'] === 'gzip';
  (isZipped ? request.pipe(createGunzip()) : request).pipe(child.stdin);
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk);
  const whole = Buffer.concat(chunks);
  const end = whole.indexOf('\r\n\r\n');
  const lines = whole.subarray(0, Math.max(end, 0)).toString('latin1').split('\r\n');
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const status = Number.parseInt(headers.get('status') ?? (end === -1 ? '500' : '200'), 10);
  headers.delete('status');
  response.writeHead(status, Object.fromEntries(headers)).end(whole.subarray(end === -1 ? 0 : end + 4));
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
