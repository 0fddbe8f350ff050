import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { freePort } from '../world/free-port.ts';

const Kept = z.object({ port: z.int(), pid: z.int() });

/** Thrown when a demo runs already on the same data; the message says where. */
export class DemoRunning extends Error {
  override readonly name = 'DemoRunning';
}

/** The port for the page of Slack: that of the last time where it is free. Throws DemoRunning. */
export async function slackPort(dir: string): Promise<number> {
  const file = fileIn(dir);
  const kept = existsSync(file) ? Kept.safeParse(JSON.parse(await readFile(file, 'utf8'))).data : undefined;
  if (kept !== undefined && isAlive(kept.pid) && (await listens(kept.port))) {
    throw new DemoRunning(
      `The demo runs already: open http://localhost:${kept.port}, or stop it with Ctrl-C where it was started.`,
    );
  }
  return freePort(kept?.port);
}

/** Keeps the port that the page of Slack got, for the next start. */
export async function keepSlackPort(dir: string, port: number): Promise<void> {
  await writeFile(fileIn(dir), JSON.stringify({ port, pid: process.pid }));
}

function fileIn(dir: string): string {
  return join(dir, 'slack.json');
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      settle(true);
    });
    socket.once('error', () => settle(false));
  });
}
