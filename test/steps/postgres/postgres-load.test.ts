import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Secret } from '../../../src/secret.ts';
import { postgresPerformance } from '../../../src/steps/postgres/postgres-performance.ts';
import { postgresPool } from '../../../src/steps/postgres/postgres-pool.ts';
import { startEmbeddedPostgres } from '../../../src/store/embedded-postgres.ts';
import { type TestDatabase, testDatabase } from '../../support/postgres.ts';
import { checking, contextOf, contract, failureOf } from '../contract.ts';

const unique = randomBytes(4).toString('hex');
const role = `pool_${unique}`;
let database: TestDatabase;
/** A server of this file's own, with pg_stat_statements loaded. */
let own: { url: string; stop: () => Promise<unknown> };
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-load-'));
  database = await testDatabase();
  own = await startEmbeddedPostgres({
    dir,
    settings: { fsync: 'off', shared_preload_libraries: 'pg_stat_statements', max_connections: '40' },
  });
  await rows(own.url, `create role ${role} login password 'x' connection limit 8`);
});

afterAll(async () => {
  await database.drop();
  await own.stop();
  await rm(dir, { recursive: true, force: true });
});

contract(postgresPerformance, { first: 'unsatisfied', last: 'satisfied', undoes: true }, async () => ({
  wanted: {
    url: secret(own.url),
    slowest: '30s',
    longRunning: '1m',
    idleInTransaction: '1m',
    cacheHit: 1,
    deadTuples: 90,
  },
  hung: (port) => ({ wanted: { url: hungUrl(port), longRunning: '1m' } }),
  snapshot: () => rows(own.url, 'select extname from pg_extension order by 1'),
  close: async () => {},
}));

contract(postgresPool, { first: 'satisfied', last: 'satisfied' }, async () => ({
  wanted: { url: secret(own.url), user: role, size: 2, processes: 4 },
  hung: (port) => ({ wanted: { url: hungUrl(port), user: 'x', size: 1 } }),
  snapshot: async () => [],
  close: async () => {},
}));

describe('postgres/performance', () => {
  test('a server that has not loaded the statistics is told, and applying does not help', async () => {
    const wanted = { url: database.url, slowest: '50ms' };

    const check = await checking(postgresPerformance, wanted);
    const failure = await failureOf(applied(wanted));

    expect(check).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringContaining('add it to shared_preload_libraries in postgresql.conf and restart'),
    });
    expect(failure.code).toBe('not-satisfied');
  });

  test('a statement that is slow on average is named without its constants', async () => {
    await applied({ url: own.url, slowest: '1s' });
    for (let n = 0; n < 2; n += 1) await rows(own.url, "select pg_sleep(0.06), 'hunter2'");
    await rows(own.url, `do $$ begin perform pg_sleep(0.2); perform 'hunter3'; end $$`);

    const slow = await checking(postgresPerformance, { url: own.url, slowest: '50ms', minCalls: 2 });
    const rare = await checking(postgresPerformance, { url: own.url, slowest: '50ms', minCalls: 3 });
    const failure = await failureOf(applied({ url: own.url, slowest: '50ms', minCalls: 2 }));

    expect(slow).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringMatching(/over 50 ms: [\d.]+ ms \(2 calls\): select pg_sleep\(\$1\), \$2\.$/),
    });
    expect(rare.is).toBe('satisfied');
    expect(JSON.stringify([slow, rare, failure.message])).not.toContain('hunter');
  });

  test('a long statement and an idle transaction are named with their sessions', async () => {
    const [busy, idle] = [
      await connected(database.url, 'importer'),
      await connected(database.url, 'forgetful'),
    ];
    await idle.query('begin');
    await idle.query('select 1');
    const sleeping = busy.query('select pg_sleep(60)').catch(() => undefined);
    await new Promise((settle) => setTimeout(settle, 300));

    const check = await checking(postgresPerformance, {
      url: database.url,
      longRunning: '100ms',
      idleInTransaction: '100ms',
    });
    const patient = await checking(postgresPerformance, {
      url: database.url,
      longRunning: '1m',
      idleInTransaction: '1m',
    });
    await rows(
      database.url,
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'importer'`,
    );
    await sleeping;
    await idle.end();

    expect(check).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringMatching(
        /running statements are older than 0\.1 s: postgres\/importer pid \d+ .*; idle transactions are older than 0\.1 s: postgres\/forgetful pid \d+/,
      ),
    });
    expect(patient.is).toBe('satisfied');
  });

  test('another database of the same server is looked at when it is named', async () => {
    const forgetful = await connected(database.url, 'forgetful');
    await forgetful.query('begin');
    const name = new URL(database.url).pathname.slice(1);
    const wanted = { url: inject('postgresUrl'), idleInTransaction: '1ms' };
    await new Promise((settle) => setTimeout(settle, 50));

    const there = await checking(postgresPerformance, { ...wanted, database: name });
    const here = await checking(postgresPerformance, { ...wanted, idleInTransaction: '1h' });
    await forgetful.end();

    expect(there).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringMatching(
        new RegExp(`/${name} idle transactions are older.*postgres/forgetful pid`),
      ),
    });
    expect(JSON.stringify(here)).not.toContain('forgetful');
  });

  test('dead rows are told per table', async () => {
    await rows(
      database.url,
      'create table orders with (autovacuum_enabled = false) as select generate_series(1, 4000) as id',
    );
    await rows(database.url, 'delete from orders where id <= 3000');
    await settled(database.url);

    const check = await checking(postgresPerformance, { url: database.url, deadTuples: 20 });

    expect(check).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringMatching(/dead rows are more than 20 % of orders 75 %; vacuum\.$/),
    });
  });

  test('a cache that does not hold everything is told in per cent', async () => {
    const check = await checking(postgresPerformance, { url: own.url, cacheHit: 100 });

    expect(check).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringMatching(/cache hit [\d.]+ % of \d+ blocks, wanted are at least 100 %\.$/),
    });
  });

  test('a plan without any budget is refused', () => {
    expect(postgresPerformance.with.safeParse({ url: database.url }).success).toBe(false);
  });

  function applied(wanted: unknown) {
    return Promise.resolve(postgresPerformance.apply?.(postgresPerformance.with.parse(wanted), contextOf()));
  }
});

describe('postgres/pool', () => {
  test('busy connections are counted against the pools of all processes', async () => {
    const clients = [await connected(asRole(), 'gunicorn'), await connected(asRole(), 'gunicorn')];
    const elsewhere = await connected(asRole(), 'worker');
    for (const client of [...clients, elsewhere]) await client.query('begin');

    const wanted = { url: own.url, user: role, application: 'gunicorn' };
    const full = await checking(postgresPool, { ...wanted, size: 2, maxUsedPercent: 80 });
    const roomy = await checking(postgresPool, { ...wanted, size: 2, processes: 2, maxUsedPercent: 80 });
    for (const client of clients) await client.query('rollback');
    const small = await checking(postgresPool, { ...wanted, size: 1 });
    for (const client of [...clients, elsewhere]) await client.end();

    expect(full).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringContaining(
        `${role}/gunicorn uses 2 of its 2 connections (100 %), wanted are at most 80 %`,
      ),
    });
    expect(roomy).toMatchObject({ is: 'satisfied' });
    expect(small).toMatchObject({
      because: expect.stringContaining('has 2 connections open, more than its pools of 1 × 1 = 1'),
    });
  });

  test("pools that exceed the role's or the server's limit are told with the numbers", async () => {
    const check = await checking(postgresPool, { url: own.url, user: role, size: 20, processes: 4 });

    expect(check).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringMatching(
        /the pools of 4 × 20 = 80 connections exceed the role's limit of 8; .* 0 connections of others exceed the 37 that the server has/,
      ),
    });
  });

  test('a role that does not exist is told', async () => {
    const check = await checking(postgresPool, { url: own.url, user: 'nobody', size: 1 });

    expect(check).toMatchObject({ because: expect.stringContaining('there is no role nobody') });
  });

  test('an account that does not see the sessions of others is told what it lacks', async () => {
    const failure = await failureOf(checking(postgresPool, { url: asRole(), user: role, size: 1 }));

    expect(failure.code).toBe('permission-denied');
    expect(failure.message).toContain(`run grant pg_read_all_stats to ${role}`);
  });
});

function asRole(): string {
  return Object.assign(new URL(own.url), { username: role, password: 'x' }).href;
}

async function connected(url: string, name: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: name });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Waits until the statistics of the deletion have arrived, which each session tells about once a second at most. */
async function settled(url: string): Promise<void> {
  for (;;) {
    const [row] = await rows(url, 'select n_dead_tup::int as dead from pg_stat_user_tables');
    if (Reflect.get(Object(row), 'dead') === 3000) return;
    await new Promise((settle) => setTimeout(settle, 100));
  }
}

async function rows(url: string, sql: string): Promise<unknown[]> {
  const client = await connected(url, 'test');
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function secret(url: string): Secret {
  return new Secret('POSTGRES_URL', url);
}

function hungUrl(port: number): Secret {
  return secret(
    Object.assign(new URL(inject('postgresUrl')), { password: 'hunter2', port: String(port) }).href,
  );
}
