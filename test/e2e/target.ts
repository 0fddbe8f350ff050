import { createServer, type ServerResponse } from 'node:http';

/** What the target says at a path: a status with a text, or nothing at all until the caller gives up. */
export type Line = { readonly status: number; readonly text?: string } | 'hang';

/** A system to be deployed that says what a test has written for it, and remembers what it was asked. */
export interface Target {
  readonly url: string;
  readonly port: number;
  /** `METHOD /path` of every request, oldest first. */
  readonly asked: readonly string[];
  /** The paths that are being answered by nothing just now. */
  readonly hanging: () => readonly string[];
  readonly say: (path: string, line: Line) => void;
  readonly stop: () => Promise<void>;
}

/** Starts a target on loopback that answers 200 at every path until told otherwise. */
export async function startTarget(): Promise<Target> {
  const lines = new Map<string, Line>();
  const asked: string[] = [];
  const open = new Map<ServerResponse, string>();
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    asked.push(`${request.method} ${path}`);
    const line = lines.get(path) ?? { status: 200, text: 'fine' };
    if (line === 'hang') {
      open.set(response, path);
      response.once('close', () => open.delete(response));
      return;
    }
    response.writeHead(line.status, { 'content-type': 'text/plain; charset=utf-8' }).end(line.text ?? '');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    asked,
    hanging: () => [...open.values()],
    say: (path, line) => void lines.set(path, line),
    stop: async () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}
