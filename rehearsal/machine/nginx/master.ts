import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Ending } from '../program.ts';
import { Emergency } from './directives.ts';
import { listens, quit } from './messages.ts';

/**
 * Plays nginx's master process: gets a new worker with the new configuration at SIGHUP and lets the former end
 * (https://nginx.org/en/docs/control.html), and ends with it at SIGTERM. A configuration that it cannot run with is written to the
 * error log, and everything stays as it was.
 */
export async function runMaster(root: string, path: string): Promise<Ending> {
  process.title = 'nginx: master process';
  const exec = fileURLToPath(new URL('worker.js', import.meta.url));
  cluster.setupPrimary({ exec, args: [root, path] });
  let current: Worker | undefined;

  const run = async (): Promise<void> => {
    const next = cluster.fork();
    // It says that it listens, or why it cannot, and then ends.
    const [said] = await once(next, 'message');
    if (said !== listens) throw new Emergency(String(said));
    current?.send(quit);
    current = next;
  };

  try {
    await run();
  } catch (error) {
    return { code: 1, error: told(root, error) };
  }
  // One reload after the other, so that each knows which worker it replaces.
  let reloads = Promise.resolve();
  process.on('SIGHUP', () => {
    reloads = reloads.then(run).catch((error: unknown) => void told(root, error));
  });
  if (process.env.READY_FILE !== undefined) writeFileSync(process.env.READY_FILE, '');
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill();
  return {};
}

/** Writes what nginx cannot run with to its error log. */
function told(root: string, error: unknown): string {
  if (!(error instanceof Emergency)) throw error;
  const log = join(root, 'var/log/nginx/error.log');
  const time = new Date().toISOString().slice(0, 19).replace('T', ' ').replaceAll('-', '/');
  mkdirSync(dirname(log), { recursive: true });
  appendFileSync(log, `${time} [emerg] ${process.pid}#${process.pid}: ${error.message}\n`);
  return `nginx: [emerg] ${error.message}`;
}
