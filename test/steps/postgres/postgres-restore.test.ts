import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Sshd, startSshd } from '../../../rehearsal/world/sshd.ts';
import { Secret } from '../../../src/secret.ts';
import { postgresBackup } from '../../../src/steps/postgres/postgres-backup.ts';
import { postgresRestore } from '../../../src/steps/postgres/postgres-restore.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contextOf, contract, failureOf } from '../contract.ts';
import { type Postgres15, query, startPostgres15 } from './postgres-15.ts';

const run = promisify(execFile);

describeWith(['postgresql-15', 'sshd'], 'postgres/restore', () => {
  let dir: string;
  let sshd: Sshd;
  let server: Postgres15;
  let directory: string;
  let context: { hosts: { db: Sshd['host'] } };

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-restore-'));
    await chmod(dir, 0o711);
    const started = await startSshd({ dir: join(dir, 'sshd') });
    if (!started) throw new Error('sshd is missing');
    sshd = started;
    context = { hosts: { db: sshd.host } };
    server = await startPostgres15(join(dir, 'pg'));
    await query(server.url, 'create database "soft factory"');
    await query(live(), 'create table users as select generate_series(1, 3) as id');
    await query(live(), 'create table "odd name" (id int)');
    await query(
      live(),
      `create function nap() returns int language plpgsql as $$ begin
         if current_database() = 'sleepy' then perform pg_sleep(60); end if; return 1; end $$`,
    );
    await query(live(), 'create materialized view naps as select nap()');
  });

  afterAll(async () => {
    await sshd.stop();
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  });

  beforeEach(async () => {
    directory = await mkdtemp(join(dir, "back 'ups-"));
  });

  contract(postgresRestore, { first: 'unsatisfied', last: 'satisfied' }, async () => {
    const own = join(dir, 'contract');
    await mkdir(own);
    await dumped(own);
    const wanted = wantedIn(own, { tables: ['users'] });
    return {
      wanted,
      hung: (port) => ({ wanted, context: { hosts: { db: { ...sshd.host, port } } } }),
      context,
      snapshot: async () => [await readdir(own), await databases()],
      close: async () => {},
    };
  });

  test('what was proved says when, of which content, and how much it was', async () => {
    const dump = await dumped();

    const done = await applied();
    const proof = await readFile(join(directory, `${dump}.verified`), 'utf8');

    expect(proof).toMatch(/^\d{10} [0-9a-f]{64} 2 3\n$/);
    expect(done?.evidence).toMatchObject([
      { answered: '2 tables with 3 rows in all, as when the dump was taken' },
    ]);
    expect(await databases()).toEqual(['postgres', 'soft factory']);
  });

  test('a folder without dumps, a new dump and an old proof are told', async () => {
    const none = await checking(postgresRestore, wantedIn(directory), context);
    const failure = await failureOf(applied());
    const dump = await dumped();
    await applied();
    const proof = join(directory, `${dump}.verified`);
    await writeFile(proof, (await readFile(proof, 'utf8')).replace(/^\d+/, '1700000000'));
    const old = await checking(postgresRestore, wantedIn(directory), context);
    await writeFile(join(directory, 'soft_factory-20990101T000000Z.dump'), 'newer');
    const newer = await checking(postgresRestore, wantedIn(directory), context);

    expect(none).toMatchObject({ because: expect.stringContaining('There is no dump of soft factory in') });
    expect(failure.code).toBe('not-found');
    expect(old).toMatchObject({
      because: expect.stringMatching(/was last restored .* ago, wanted is at most 7 d\.$/),
    });
    expect(newer).toMatchObject({ because: expect.stringContaining('20990101T000000Z.dump on') });
  });

  test('a dump with other rows than were counted is told table by table, and its proof is gone', async () => {
    const dump = await dumped();
    await applied();
    await tamper(`${dump}.counts`, (counts) => counts.replace('public.users\t3', 'public.users\t4'));
    await writeFile(join(directory, `${dump}.verified`), 'an older proof\n');

    const failure = await failureOf(applied());

    expect(failure.code).toBe('not-satisfied');
    expect(failure.message).toMatch(/\(table: dumped, restored\): public\.users: 4, 3$/);
    expect(await readdir(directory)).not.toContain(`${dump}.verified`);
    expect(await databases()).toEqual(['postgres', 'soft factory']);
  });

  test('a dump that cannot be restored leaves no scratch database', async () => {
    const dump = await dumped();
    const whole = await readFile(join(directory, dump));
    await tamper(dump, () => whole.subarray(0, whole.length - 1_500));

    const failure = await failureOf(applied());

    expect(failure.code).toBe('command-failed');
    expect(failure.message).toMatch(/cannot be restored; the scratch database .* was dropped: pg_restore: /);
    expect(await databases()).toEqual(['postgres', 'soft factory']);
  });

  test('a damaged dump and one without row counts are not restored', async () => {
    const dump = await dumped();
    await rm(join(directory, `${dump}.counts`));
    await tamper(`${dump}.sha256`, (sums) => sums);
    const sums = join(directory, `${dump}.sha256`);
    await writeFile(sums, `${(await readFile(sums, 'utf8')).split('\n')[0]}\n`);
    const uncounted = await failureOf(applied());
    await writeFile(join(directory, dump), 'x');
    const damaged = await failureOf(applied());

    expect(uncounted.message).toContain('was taken without row counts');
    expect(damaged.message).toContain('does not match its checksum');
  });

  test('a table that must have rows and has none is told', async () => {
    await dumped();

    const failure = await failureOf(applied({ tables: ['users', 'odd name', 'public."odd name"', 'plans'] }));

    expect(failure.code).toBe('not-satisfied');
    expect(failure.message).toMatch(/has no rows of odd name; public\."odd name"; plans\.$/);
  });

  test("a database of that name that is not Slipway's is left alone", async () => {
    await dumped();
    await query(server.url, 'create database theirs');

    const failure = await failureOf(applied({ scratch: 'theirs' }));
    const after = await databases();
    await query(server.url, 'drop database theirs');

    expect(failure.message).toContain("There is a database theirs that is not Slipway's");
    expect(after).toContain('theirs');
  });

  test('a run that is stopped half-way leaves no scratch database, and the next one succeeds', async () => {
    await dumped();
    const controller = new AbortController();

    const stopping = failureOf(applied({ scratch: 'sleepy' }, controller.signal));
    while ((await naps()) === 0) await sleep(50);
    const during = await databases();
    controller.abort(new DOMException('stopped', 'AbortError'));
    const failure = await stopping;
    while ((await databases()).includes('sleepy')) await sleep(50);
    await applied();

    expect(failure.code).toBe('aborted');
    expect(during).toContain('sleepy');
    expect(await checking(postgresRestore, wantedIn(directory), context)).toMatchObject({ is: 'satisfied' });
  });

  test('what a killed run left is dropped first, even when it had no time to be marked', async () => {
    await dumped();
    await query(server.url, 'create database left_over connection limit 23571');
    await query(
      Object.assign(new URL(server.url), { pathname: '/left_over' }).href,
      'create table users (id int)',
    );

    await applied({ scratch: 'left_over' });

    expect(await databases()).toEqual(['postgres', 'soft factory']);
  });

  test('a wrong password is told without it', async () => {
    await dumped();
    const wrong = Object.assign(new URL(server.url), { password: 'hunter2' }).href;

    const failure = await failureOf(applied({ server: new Secret('SERVER', wrong) }));

    expect(failure.message).toContain('password authentication failed');
    expect(failure.message).not.toContain('hunter2');
  });

  test('the database itself can never be the scratch', () => {
    const parsed = postgresRestore.with.safeParse(wantedIn(directory, { scratch: 'soft factory' }));

    expect(parsed.success).toBe(false);
  });

  function live(): string {
    return Object.assign(new URL(server.url), { pathname: '/soft factory' }).href;
  }

  function wantedIn(folder: string, other: Record<string, unknown> = {}) {
    const url = new Secret('POSTGRES_URL', server.url);
    return { host: 'db', directory: folder, database: 'soft factory', server: url, ...other };
  }

  function applied(other: Record<string, unknown> = {}, signal = contextOf().signal) {
    const parameters = postgresRestore.with.parse(wantedIn(directory, other));
    return Promise.resolve(postgresRestore.apply?.(parameters, contextOf({ ...context, signal })));
  }

  /** Takes a dump and gives its name. */
  async function dumped(folder = directory): Promise<string> {
    const url = new Secret('DATABASE_URL', live());
    await postgresBackup.apply?.(
      postgresBackup.with.parse({ host: 'db', url, directory: folder }),
      contextOf(context),
    );
    return (await readdir(folder)).find((name) => name.endsWith('.dump')) ?? '';
  }

  /** Changes a file of a dump and its checksum with it. */
  async function tamper(name: string, change: (content: string) => string | Buffer): Promise<void> {
    const path = join(directory, name);
    const old = await sumOf(path);
    await writeFile(path, change(await readFile(path, 'utf8')));
    const sums = join(directory, `${name.replace(/(\.dump)\..*$/, '$1')}.sha256`);
    const next = await sumOf(path);
    await writeFile(sums, (await readFile(sums, 'utf8')).replace(old, next));
  }

  async function sumOf(path: string): Promise<string> {
    return (await run('sha256sum', ['--', path])).stdout.slice(0, 64);
  }

  async function databases(): Promise<unknown[]> {
    const rows = await query(
      server.url,
      'select datname from pg_database where not datistemplate order by 1',
    );
    return rows.map((row) => Reflect.get(Object(row), 'datname'));
  }

  async function naps(): Promise<number> {
    return (await query(server.url, `select 1 from pg_stat_activity where wait_event = 'PgSleep'`)).length;
  }
});
