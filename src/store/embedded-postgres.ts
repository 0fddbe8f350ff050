import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Failure } from '../errors.ts';
import { binaries, dataOwner, launch } from './postgres-binaries.ts';

interface EmbeddedPostgresOptions {
  /** Where the data, the password, the port and the server's log are kept. */
  readonly dir: string;
  /** A fixed port; without it a free one is chosen once and kept. */
  readonly port?: number;
  /** Databases to create where they are missing; `url` names the first. */
  readonly databases?: readonly string[];
  /** Server settings such as `{ fsync: 'off' }` for this start. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A running cluster; `url` carries the superuser's password, so it is a secret. */
export interface EmbeddedPostgres {
  readonly url: string;
  readonly port: number;
  readonly urlOf: (database: string) => string;
  /** Ends the server and waits for it; does nothing when another living process started it. Starting again on the same folder finds the data. */
  readonly stop: () => Promise<void>;
}

interface Running {
  readonly pid: number;
  readonly port: number;
  readonly child?: ChildProcess;
}

/**
 * Starts a PostgreSQL server of one's own on 127.0.0.1 with its data under `dir`: initialised at the first start, found again
 * at later ones, shared when a living process already runs it, taken over when the process that ran it was killed. The server is
 * in a process group of its own, so Ctrl-C reaches only the caller, whose `stop` ends it. Throws a Failure `store-unreachable`.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dir = resolve(options.dir);
  const bin = binaries();
  mkdirSync(dir, { recursive: true, mode: 0o711 });
  const password = await keptPassword(join(dir, 'password'));
  if (!existsSync(join(dir, 'data', 'PG_VERSION'))) await initialise(bin, dir);
  const urlAt = (port: number, database: string) =>
    `postgres://postgres:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  const answers = (server: Running) => answering(urlAt(server.port, 'postgres'), server, dir);
  let running = (await found(dir)) ?? (await started(bin, dir, options));
  try {
    await answers(running);
  } catch (error) {
    // Of two starts at the same time one loses the data folder to the other, and shares its server.
    const other = await found(dir);
    if (other === undefined || other.pid === running.pid) throw error;
    running = other;
    await answers(running);
  }
  await writeFile(join(dir, 'port'), String(running.port));
  const { pid, port } = running;
  const urlOf = (database: string) => urlAt(port, database);
  const mine = await own(join(dir, 'owner'));
  const stopAtExit = () => signal(pid, 'SIGINT');
  if (mine) process.once('exit', stopAtExit);
  await createMissing(urlOf('postgres'), options.databases ?? []);
  return {
    url: urlOf(options.databases?.[0] ?? 'postgres'),
    port,
    urlOf,
    stop: async () => {
      if (!mine) return;
      process.off('exit', stopAtExit);
      await ended(pid);
      await rm(join(dir, 'owner'), { force: true });
    },
  };
}

async function keptPassword(file: string): Promise<string> {
  if (!existsSync(file)) {
    const fresh = `${file}.${process.pid}`;
    await writeFile(fresh, randomBytes(24).toString('hex'), { mode: 0o600 });
    // A second start at the same time may have been first; its password counts.
    await link(fresh, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await rm(fresh);
  }
  return (await readFile(file, 'utf8')).trim();
}

async function initialise(bin: string, dir: string): Promise<void> {
  const fresh = join(dir, `data.${process.pid}`);
  const passwordFile = join(dir, `password.initdb.${process.pid}`);
  await rm(fresh, { recursive: true, force: true });
  await writeFile(passwordFile, await readFile(join(dir, 'password')), { mode: 0o600 });
  mkdirSync(fresh, { mode: 0o700 });
  if (process.getuid?.() === 0) {
    const { uid, gid } = dataOwner(dir);
    chmodSync(dir, 0o711);
    for (const path of [fresh, passwordFile]) chownSync(path, uid, gid);
  }
  const arguments_ = [
    ...[`--pgdata=${fresh}`, `--pwfile=${passwordFile}`, '--username=postgres', '--auth=scram-sha-256'],
    ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
  ];
  const child = run(join(bin, 'initdb'), arguments_, dir);
  const code = await new Promise((settle) => child.on('close', settle).on('error', settle));
  await rm(passwordFile);
  if (code !== 0) {
    await rm(fresh, { recursive: true, force: true });
    throw notStarting(dir, code);
  }
  await rename(fresh, join(dir, 'data')).catch(async (error: NodeJS.ErrnoException) => {
    // Another start initialised the folder meanwhile; its data counts.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    await rm(fresh, { recursive: true, force: true });
  });
}

/** The server that already runs on this data; clears the mark of one that is dead. */
async function found(dir: string): Promise<Running | undefined> {
  const mark = join(dir, 'data', 'postmaster.pid');
  const until = performance.now() + 10_000;
  while (existsSync(mark) && performance.now() < until) {
    const [pid, , , port] = (await readFile(mark, 'utf8')).split('\n').map(Number);
    if (pid && !(alive(pid) && isServerOf(pid, dir))) await rm(mark, { force: true });
    else if (pid && port) return { pid, port };
    // A server that is just starting writes its mark line by line.
    else await sleep(20);
  }
  return undefined;
}

/** After a reboot the number of a dead server may belong to any other process, so where the system tells, the command line decides. */
function isServerOf(pid: number, dir: string): boolean {
  const commandLine = `/proc/${pid}/cmdline`;
  return !existsSync(commandLine) || readFileSync(commandLine, 'utf8').includes(join(dir, 'data'));
}

async function started(bin: string, dir: string, options: EmbeddedPostgresOptions): Promise<Running> {
  const port = options.port ?? (await keptPort(dir));
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', ...options.settings };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = run(join(bin, 'postgres'), ['-D', join(dir, 'data'), '-p', String(port), ...flags], dir);
  await new Promise((settle) => child.once('spawn', settle).once('error', settle));
  if (child.pid === undefined) throw notStarting(dir, 'it could not be run');
  child.unref();
  return { pid: child.pid, port, child };
}

function run(program: string, flags: readonly string[], dir: string): ChildProcess {
  const how = launch(program, join(dir, 'data'));
  const log = openSync(join(dir, 'postgres.log'), 'a', 0o600);
  try {
    return spawn(how.program, [...how.before, ...flags], {
      ...how.account,
      cwd: '/',
      detached: true,
      env: { LC_ALL: 'C', PATH: '/usr/local/bin:/usr/bin:/bin', TZ: 'UTC' },
      stdio: ['ignore', log, log],
    });
  } finally {
    closeSync(log);
  }
}

async function keptPort(dir: string): Promise<number> {
  const file = join(dir, 'port');
  const kept = existsSync(file) ? Number(await readFile(file, 'utf8')) : 0;
  return (await freePort(kept)) ?? (await freePort(0)) ?? kept;
}

function freePort(wanted: number): Promise<number | undefined> {
  return new Promise((settle) => {
    const server = createServer().once('error', () => settle(undefined));
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => settle(typeof address === 'object' ? address?.port : undefined));
    });
  });
}

async function answering(url: string, { child, pid }: Running, dir: string): Promise<void> {
  const until = performance.now() + 60_000;
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      const over = child ? child.exitCode !== null || child.signalCode !== null : !alive(pid);
      const { code } = error as NodeJS.ErrnoException;
      const mayCome = code === 'ECONNREFUSED' || code === '57P03' || code === 'ECONNRESET';
      if (over || !mayCome || performance.now() > until) throw notStarting(dir, error);
      await sleep(20);
    }
  }
}

function notStarting(dir: string, cause: unknown): Failure {
  const log = join(dir, 'postgres.log');
  const last = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').slice(-3).join(' | ') : '';
  return new Failure('store-unreachable', `The embedded PostgreSQL in ${dir} does not start: ${last}`, {
    cause,
  });
}

/** Whether this process is the one that ends the server: it is unless another living process said so first. */
async function own(file: string): Promise<boolean> {
  const owner = existsSync(file) ? Number(await readFile(file, 'utf8')) : 0;
  if (owner > 0 && owner !== process.pid && alive(owner)) return false;
  await writeFile(file, String(process.pid));
  return true;
}

async function createMissing(url: string, databases: readonly string[]): Promise<void> {
  if (databases.length === 0) return;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>('select datname from pg_database');
    const present = new Set(rows.map((row) => row.datname));
    for (const name of databases) {
      if (!present.has(name)) await client.query(`create database ${client.escapeIdentifier(name)}`);
    }
  } finally {
    await client.end();
  }
}

async function ended(pid: number): Promise<void> {
  signal(pid, 'SIGINT');
  const until = performance.now() + 10_000;
  while (alive(pid)) {
    if (performance.now() > until) signal(pid, 'SIGQUIT');
    await sleep(10);
  }
}

function alive(pid: number): boolean {
  return signal(pid, 0);
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
