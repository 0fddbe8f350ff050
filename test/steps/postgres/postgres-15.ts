import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from '../../../rehearsal/world/free-port.ts';
import { dataOwner } from '../../../src/store/postgres-binaries.ts';

/** Where Debian has the programs of PostgreSQL 15. */
export const bin = '/usr/lib/postgresql/15/bin';
const run = promisify(execFile);

/** A server that is as old as Debian's `pg_dump`, which refuses newer ones; `url` is its superuser's. */
export interface Postgres15 {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Starts Debian's PostgreSQL 15 with its data in a new folder `dir`; listens on loopback only. */
export async function startPostgres15(dir: string): Promise<Postgres15> {
  const port = await freePort();
  await mkdir(dir);
  const account = process.getuid?.() === 0 ? dataOwner(dir) : undefined;
  const passwordFile = `${dir}.password`;
  await writeFile(passwordFile, 'pg15-5ecret\n');
  if (account) await run('chown', [`${account.uid}:${account.gid}`, dir]);
  const flags = [
    '-D',
    join(dir, 'data'),
    '-U',
    'postgres',
    '-A',
    'scram-sha-256',
    `--pwfile=${passwordFile}`,
  ];
  await run(`${bin}/initdb`, [...flags, '--no-sync'], { ...account, cwd: '/' });
  const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'fsync=off'];
  const server = spawn(`${bin}/postgres`, ['-D', join(dir, 'data'), '-p', String(port), ...settings], {
    ...account,
    cwd: '/',
    stdio: 'ignore',
  });
  const url = `postgres://postgres:pg15-5ecret@127.0.0.1:${port}/postgres`;
  for (let tries = 0; tries < 200; tries += 1) {
    if (await query(url, 'select 1').catch(() => undefined)) break;
    await sleep(50);
  }
  const stop = async () => {
    server.kill('SIGINT');
    if (server.exitCode === null) await once(server, 'exit');
  };
  return { url, stop };
}

/** The rows that a statement gives, on a connection of its own. */
export async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
