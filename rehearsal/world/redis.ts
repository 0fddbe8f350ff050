import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from './free-port.ts';

const program = '/usr/bin/redis-server';

interface RedisOptions {
  readonly dir: string;
  /** The password; a random one when left out, none at all when empty. */
  readonly password?: string;
  /** Taken when it is free, else another. */
  readonly port?: number;
  /** More directives of redis.conf, such as `{ appendonly: 'no' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A real Redis on loopback; `pause` makes it hang with its connections open until `resume`. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly pause: () => void;
  readonly resume: () => void;
  readonly stop: () => Promise<void>;
}

/** Starts Debian's redis-server with its append-only file in `dir`; undefined where it is not installed. */
export async function startRedis(options: RedisOptions): Promise<RedisServer | undefined> {
  if (!existsSync(program)) return undefined;
  const { dir, password, settings } = options;
  const folder = resolve(dir);
  await mkdir(folder, { recursive: true });
  const secret = password ?? randomBytes(16).toString('hex');
  if (options.port && secret !== '') await endLeftover(options.port, secret);
  const port = await freePort(options.port);
  const directives = {
    bind: '127.0.0.1',
    port: String(port),
    dir: folder,
    appendonly: 'yes',
    save: '""',
    ...(secret === '' ? {} : { requirepass: secret }),
    ...settings,
  };
  const config = join(folder, 'redis.conf');
  const lines = Object.entries(directives).map(([name, value]) => `${name} ${value}`);
  // In a file, because the arguments of a process are there for everybody to read.
  await writeFile(config, `${lines.join('\n')}\n`, { mode: 0o600 });
  // In a group of its own, so that Ctrl-C leaves it to the caller's `stop`.
  const child = spawn(program, [config], { stdio: 'ignore', detached: true });
  const killAtExit = () => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const url = `redis://${secret === '' ? '' : `:${secret}@`}127.0.0.1:${port}/0`;
  await answering(url, () => child.exitCode !== null);
  return {
    url,
    port,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    stop: async () => {
      process.off('exit', killAtExit);
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** A server that a killed process left behind holds the port and the data; only it knows the same password. */
async function endLeftover(port: number, password: string): Promise<void> {
  const redis = new Redis({
    port,
    password,
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  redis.on('error', () => {});
  const isOurs = await redis
    .connect()
    .then(() => redis.ping())
    .catch(() => undefined);
  if (isOurs === 'PONG') {
    const gone = new Promise((settle) => redis.once('end', settle));
    await redis.shutdown('NOSAVE').catch(() => undefined);
    await gone;
  }
  redis.disconnect();
}

async function answering(url: string, dead: () => boolean): Promise<void> {
  for (const until = performance.now() + 10_000; performance.now() < until; await sleep(20)) {
    if (dead())
      throw new Error('redis-server ended at once; run it with the same configuration by hand to see why');
    const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
    redis.on('error', () => {});
    const answered = await redis
      .connect()
      .then(() => redis.ping())
      .catch(() => undefined);
    redis.disconnect();
    if (answered === 'PONG') return;
  }
  throw new Error('redis-server does not answer');
}
