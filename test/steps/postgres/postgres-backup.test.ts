import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { freePort } from '../../../rehearsal/world/free-port.ts';
import { type Sshd, startSshd } from '../../../rehearsal/world/sshd.ts';
import { Secret } from '../../../src/secret.ts';
import { postgresBackup } from '../../../src/steps/postgres/postgres-backup.ts';
import { dataOwner } from '../../../src/store/postgres-binaries.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contextOf, contract, failureOf } from '../contract.ts';

const bin = '/usr/lib/postgresql/15/bin';
const run = promisify(execFile);

describeWith(['postgresql-15', 'sshd'], 'postgres/backup', () => {
  let dir: string;
  let sshd: Sshd;
  let database: { url: string; stop: () => Promise<void> };
  let directory: string;
  let context: { hosts: { db: Sshd['host'] } };
  let wanted: Record<string, unknown>;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-backup-'));
    await chmod(dir, 0o711);
    const started = await startSshd({ dir: join(dir, 'sshd') });
    if (!started) throw new Error('sshd is missing');
    sshd = started;
    database = await startPostgres15(join(dir, 'pg'));
    await query(database.url, 'create table orders as select generate_series(1, 1000) as id');
    context = { hosts: { db: sshd.host } };
  });

  afterAll(async () => {
    await sshd.stop();
    await database.stop();
    await rm(dir, { recursive: true, force: true });
  });

  beforeEach(async () => {
    directory = await mkdtemp(join(dir, "back 'ups-"));
    wanted = { host: 'db', url: new Secret('DATABASE_URL', database.url), directory, maxAge: '1h', keep: 2 };
  });

  contract(postgresBackup, { first: 'unsatisfied', last: 'satisfied' }, async () => {
    const own = join(dir, 'contract');
    await mkdir(own);
    const parameters = { host: 'db', url: new Secret('DATABASE_URL', database.url), directory: own };
    return {
      wanted: parameters,
      hung: (port) => ({ wanted: parameters, context: { hosts: { db: { ...sshd.host, port } } } }),
      context: { hosts: { db: sshd.host } },
      snapshot: () => readdir(own),
      close: async () => {},
    };
  });

  test('what was dumped can be restored', async () => {
    await applied();
    const [dump = ''] = (await readdir(directory)).filter((name) => name.endsWith('.dump'));
    await query(database.url, 'create database restored');
    const target = new URL(database.url);
    target.pathname = '/restored';

    await run(`${bin}/pg_restore`, ['--no-owner', `--dbname=${target.href}`, join(directory, dump)]);
    const rows = await query(target.href, 'select count(*)::int as n from orders');

    expect(rows).toEqual([{ n: 1000 }]);
  });

  test('a dump that fails leaves no file and tells why', async () => {
    const url = new URL(database.url);
    url.pathname = '/nowhere';

    const failure = await failureOf(applied({ url: new Secret('DATABASE_URL', url.href) }));

    expect(failure.code).toBe('command-failed');
    expect(failure.message).toMatch(/left no file: .*database "nowhere" does not exist/);
    expect(await readdir(directory)).toEqual([]);
  });

  test('a wrong password fails and is not told', async () => {
    const url = new URL(database.url);
    url.password = 'hunter2';

    const failure = await failureOf(applied({ url: new Secret('DATABASE_URL', url.href) }));

    expect(failure.message).toContain('password authentication failed');
    expect(failure.message).not.toContain('hunter2');
    expect(await readdir(directory)).toEqual([]);
  });

  test('a dump that is stopped half-way leaves no file', async () => {
    const blocker = new pg.Client({ connectionString: database.url });
    await blocker.connect();
    await blocker.query('begin; lock table orders in access exclusive mode');
    const controller = new AbortController();

    const dumping = failureOf(applied({}, controller.signal));
    while ((await readdir(directory)).length === 0) {
      if (await waitsForLock(blocker)) break;
      await sleep(20);
    }
    controller.abort(new DOMException('stopped', 'AbortError'));
    const failure = await dumping;
    await blocker.end();

    expect(failure.code).toBe('aborted');
    expect(await readdir(directory)).toEqual([]);
  });

  test('a damaged dump, an unreadable one and an old one are found', async () => {
    await applied();
    const [name = ''] = (await readdir(directory)).filter((file) => file.endsWith('.dump'));
    const dump = join(directory, name);
    const whole = await readFile(dump);

    await utimes(dump, new Date(Date.now() - 7_200_000), new Date(Date.now() - 7_200_000));
    const old = await checking(postgresBackup, wanted, context);
    await writeFile(dump, whole.subarray(0, 700));
    const damaged = await checking(postgresBackup, wanted, context);
    await writeFile(dump, 'not a dump');
    const { stdout } = await run('sha256sum', [dump]);
    await writeFile(`${dump}.sha256`, `${stdout.split(' ')[0]}  ${name}\n`);
    const unreadable = await checking(postgresBackup, wanted, context);

    expect(old).toMatchObject({ because: expect.stringMatching(/is 2 h old, wanted is at most 1 h\.$/) });
    expect(damaged).toMatchObject({ because: expect.stringContaining('does not match its checksum') });
    expect(unreadable).toMatchObject({ because: expect.stringContaining('no readable table of contents') });
  });

  test('only so many dumps are kept, the newest ones', async () => {
    const day = (n: number) => Date.UTC(2026, 0, n, 12);
    for (const n of [1, 2, 3]) {
      await applied({}, undefined, day(n));
      for (const name of await readdir(directory))
        await utimes(join(directory, name), day(n) / 1_000, day(n) / 1_000);
    }

    const kept = (await readdir(directory)).sort();

    expect(kept).toEqual(
      [2, 3].flatMap((n) => [
        `postgres-2026010${n}T120000Z.dump`,
        `postgres-2026010${n}T120000Z.dump.sha256`,
      ]),
    );
  });

  function applied(other: Record<string, unknown> = {}, signal = contextOf().signal, now = Date.now()) {
    const parameters = postgresBackup.with.parse({ ...wanted, ...other });
    return Promise.resolve(
      postgresBackup.apply?.(parameters, contextOf({ ...context, signal, now: () => now })),
    );
  }
});

async function startPostgres15(dir: string) {
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

async function waitsForLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query(
    `select 1 from pg_stat_activity where application_name = 'pg_dump' and wait_event_type = 'Lock'`,
  );
  return rows.length > 0;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
