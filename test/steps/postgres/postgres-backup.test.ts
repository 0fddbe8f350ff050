import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Sshd, startSshd } from '../../../rehearsal/world/sshd.ts';
import { Secret } from '../../../src/secret.ts';
import { postgresBackup } from '../../../src/steps/postgres/postgres-backup.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contextOf, contract, failureOf } from '../contract.ts';
import { bin, type Postgres15, query, startPostgres15 } from './postgres-15.ts';

const run = promisify(execFile);

describeWith(['postgresql-15', 'sshd'], 'postgres/backup', () => {
  let dir: string;
  let sshd: Sshd;
  let database: Postgres15;
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

  test('the row counts beside a dump are those of the dump, whatever happens meanwhile', async () => {
    await query(database.url, 'create table moving (id int)');
    await query(database.url, 'create table "odd name; -- \'" as select 1 as id');
    const writer = new pg.Client({ connectionString: database.url });
    await writer.connect();
    let isWriting = true;
    const writing = (async () => {
      while (isWriting) await writer.query('insert into moving select generate_series(1, 20)');
    })();

    await applied();
    isWriting = false;
    await writing;
    await writer.end();
    const [dump = ''] = (await readdir(directory)).filter((name) => name.endsWith('.dump'));
    const counts = new Map(
      (await readFile(join(directory, `${dump}.counts`), 'utf8')).split('\n').map((line) => {
        const [table = '', rows = ''] = line.split('\t');
        return [table, rows];
      }),
    );
    const words = ['--data-only', '--table=moving', '--file=-', join(directory, dump)];
    const listed = await run(`${bin}/pg_restore`, words, { maxBuffer: 64 << 20 });

    const dumped = listed.stdout.split('\n').filter((line) => /^\d+$/.test(line)).length;
    expect(counts.get('public.moving')).toBe(String(dumped));
    expect(counts.get('public.orders')).toBe('1000');
    expect(counts.get('public."odd name; -- \'"')).toBe('1');
  });

  test('a dump that an earlier version took, without row counts, still counts as one', async () => {
    await applied();
    const [dump = ''] = (await readdir(directory)).filter((name) => name.endsWith('.dump'));
    const sums = join(directory, `${dump}.sha256`);
    await writeFile(sums, `${(await readFile(sums, 'utf8')).split('\n')[0]}\n`);
    await rm(join(directory, `${dump}.counts`));

    expect(await checking(postgresBackup, wanted, context)).toMatchObject({ is: 'satisfied' });
  });

  test('a dump that fails leaves no file and tells why', async () => {
    const url = new URL(database.url);
    url.pathname = '/nowhere';

    const failure = await failureOf(applied({ url: new Secret('DATABASE_URL', url.href) }));

    expect(failure.code).toBe('command-failed');
    expect(failure.message).toMatch(/left no file: .*database "nowhere" does not exist/);
    expect(await readdir(directory)).toEqual([]);
  });

  test('a dump that fails in the middle of the rows leaves no file, though they can be counted', async () => {
    const url = Object.assign(new URL(database.url), { pathname: '/guarded' });
    await query(database.url, "create role limited login password 'limited'");
    await query(database.url, 'create database guarded owner limited');
    Object.assign(url, { username: 'limited', password: 'limited' });
    await query(url.href, 'create table seen as select generate_series(1, 5000) as id');
    await query(url.href, 'create table unseen as select 1 as id');
    await query(url.href, 'alter table unseen enable row level security, force row level security');

    const failure = await failureOf(applied({ url: new Secret('DATABASE_URL', url.href) }));

    expect(failure.code).toBe('command-failed');
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
        `postgres-2026010${n}T120000Z.dump.counts`,
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

async function waitsForLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query(
    `select 1 from pg_stat_activity where application_name = 'pg_dump' and wait_event_type = 'Lock'`,
  );
  return rows.length > 0;
}
