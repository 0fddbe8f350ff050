import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Secret } from '../../../src/secret.ts';
import { postgresQuery, postgresServer } from '../../../src/steps/postgres/postgres.ts';
import { postgresDatabase } from '../../../src/steps/postgres/postgres-database.ts';
import { postgresRole } from '../../../src/steps/postgres/postgres-role.ts';
import { type TestDatabase, testDatabase } from '../../support/postgres.ts';
import { checking, contextOf, contract, failureOf } from '../contract.ts';

const admin = new Secret('POSTGRES_URL', inject('postgresUrl'));
const rolePassword = `p'w"${randomBytes(8).toString('hex')}`;
const unique = randomBytes(4).toString('hex');
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(() => database.drop());

contract(postgresServer, { first: 'satisfied', last: 'satisfied' }, async () => ({
  wanted: { url: admin, version: '>=14', maxConnectionsUsed: 90 },
  hung: (port) => ({ wanted: { url: hungUrl(port) } }),
  snapshot: async () => [],
  close: async () => {},
}));

contract(postgresQuery, { first: 'satisfied', last: 'satisfied' }, async () => ({
  wanted: { url: admin, sql: 'select 42', expect: { equals: 42, min: 1, max: 50, rows: 1 } },
  hung: (port) => ({ wanted: { url: hungUrl(port), sql: 'select 1', expect: { rows: 1 } } }),
  snapshot: async () => [],
  close: async () => {},
}));

contract(postgresDatabase, { first: 'unsatisfied', last: 'satisfied', undoes: true }, async () => ({
  wanted: { server: admin, name: `app "${unique}"`, owner: 'postgres' },
  hung: (port) => ({ wanted: { server: hungUrl(port), name: 'x' } }),
  snapshot: () =>
    rows(admin.reveal(), 'select datname from pg_database where datname like $1', [`app "${unique}"`]),
  close: async () => {},
}));

contract(postgresRole, { first: 'unsatisfied', last: 'satisfied', undoes: true }, async () => ({
  wanted: roleWanted(`app '${unique}`),
  hung: (port) => ({ wanted: { ...roleWanted('x'), server: hungUrl(port) } }),
  snapshot: () => roleSnapshot(`app '${unique}`),
  close: async () => {},
}));

describe('postgres/server', () => {
  test('an old server is told with both versions', async () => {
    const check = await checking(postgresServer, { url: admin, version: '>=99' });

    expect(check).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringMatching(/runs PostgreSQL 18.* wanted is >=99\.$/),
    });
  });

  test.each([
    [
      'a wrong password',
      () => changed({ password: 'wrong' }),
      'authentication-failed',
      /refused the password/,
    ],
    [
      'a closed port',
      () => changed({ port: '1' }),
      'connection-refused',
      /postgres@127\.0\.0\.1:1\/postgres refuses/,
    ],
    [
      'an unknown host',
      () => changed({ hostname: 'no-such-host.invalid' }),
      'host-not-found',
      /does not resolve|not be resolved/,
    ],
    [
      'a missing database',
      () => changed({ pathname: '/nowhere' }),
      'not-found',
      /has no database of that name/,
    ],
    [
      'an address that is no URL',
      () => 'host=db password=hunter2',
      'config-invalid',
      /write it as postgres:/,
    ],
  ])('%s is told as what it is', async (_, url, code, says) => {
    const failure = await failureOf(checking(postgresServer, { url: new Secret('POSTGRES_URL', url()) }));

    expect(failure.code).toBe(code);
    expect(failure.message).toMatch(says);
    expect(failure.message).not.toContain('hunter2');
  });
});

describe('postgres/query', () => {
  test.each([
    ['select 7', { equals: 8 }, 'gave 7, wanted is 8'],
    ['select 7::bigint', { min: 8 }, 'gave 7, wanted is at least 8'],
    ['select 9.5::numeric', { max: 9 }, 'gave 9.5, wanted is at most 9'],
    ["select 'abc'", { min: 1 }, 'gave "abc", wanted is a number'],
    ['select 1 where false', { rows: 1 }, 'gave 0 rows, wanted are 1'],
    ['select null', { equals: 'x' }, 'gave null, wanted is "x"'],
  ])('%s against %o says what is wrong', async (sql, expected, says) => {
    const check = await checking(postgresQuery, { url: admin, sql, expect: expected });

    expect(check).toMatchObject({ is: 'unsatisfied', because: expect.stringContaining(says) });
  });

  test('a statement that would write is refused by the server', async () => {
    const wanted = { url: database.url, sql: 'create table made (id int)', expect: { rows: 0 } };

    const failure = await failureOf(checking(postgresQuery, wanted));

    expect(failure.code).toBe('permission-denied');
    expect(await rows(database.url, "select to_regclass('made') as made")).toEqual([{ made: null }]);
  });

  test('a second statement cannot be smuggled in', async () => {
    const wanted = { url: database.url, sql: 'rollback; create table made (id int)', expect: { rows: 0 } };

    const failure = await failureOf(checking(postgresQuery, wanted));

    expect(failure.code).toBe('command-failed');
    expect(await rows(database.url, "select to_regclass('made') as made")).toEqual([{ made: null }]);
  });
});

describe('postgres/database', () => {
  test('undo leaves a database with tables in it and says so', async () => {
    const wanted = postgresDatabase.with.parse({ server: admin, name: `used_${unique}` });
    const applied = await postgresDatabase.apply?.(wanted, contextOf());
    const url = changed({ pathname: `/used_${unique}` });
    await rows(url, 'create table orders (id int)');

    const failure = await failureOf(
      Promise.resolve(postgresDatabase.undo?.(wanted, contextOf(), applied?.remember)),
    );

    expect(failure.code).toBe('not-undone');
    expect(await rows(url, 'select count(*)::int as n from orders')).toEqual([{ n: 0 }]);
    await rows(admin.reveal(), `drop database used_${unique}`);
  });

  test('undo does not touch a database that was there before', async () => {
    const wanted = postgresDatabase.with.parse({ server: admin, name: database.name });
    const applied = await postgresDatabase.apply?.(wanted, contextOf());

    const undone = await postgresDatabase.undo?.(wanted, contextOf(), applied?.remember);

    expect(undone).toEqual([]);
    expect(await rows(database.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

describe('postgres/role', () => {
  const name = `partly_${unique}`;

  beforeAll(async () => {
    await rows(database.url, `create role ${name} login createdb password 'other'`);
    await rows(database.url, `grant create on schema public to ${name}`);
  });

  afterAll(async () => {
    await rows(database.url, `drop owned by ${name}`);
    await rows(database.url, `drop role ${name}`);
  });

  test('everything that is wrong with a role is found', async () => {
    const check = await checking(postgresRole, { ...roleWanted(name), grants: ['connect', 'usage'] });

    expect(check).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringMatching(
        /has createdb, does not log in with the given password, lacks connect, usage in database test_\w+, has create in database test_\w+, which is not wanted\.$/,
      ),
    });
  });

  test('apply repairs it, and undo says what it cannot restore', async () => {
    const wanted = postgresRole.with.parse({ ...roleWanted(name), grants: ['connect', 'usage'] });
    const before = await roleSnapshot(name);

    const applied = await postgresRole.apply?.(wanted, contextOf());
    const check = await postgresRole.check(wanted, contextOf());
    const failure = await failureOf(
      Promise.resolve(postgresRole.undo?.(wanted, contextOf(), applied?.remember)),
    );

    expect(check.is).toBe('satisfied');
    expect(failure.code).toBe('not-undone');
    expect(failure.message).toContain('former password');
    expect(await roleSnapshot(name)).toEqual(before);
  });

  test('a database that is still to be created is told, not failed on', async () => {
    const check = await checking(postgresRole, { ...roleWanted(name), database: 'not_yet' });

    expect(check).toMatchObject({ is: 'unsatisfied', because: expect.stringContaining('Database not_yet') });
  });

  test('a superuser is never altered', async () => {
    const wanted = postgresRole.with.parse(roleWanted('postgres'));

    const check = await postgresRole.check(wanted, contextOf());
    const failure = await failureOf(Promise.resolve(postgresRole.apply?.(wanted, contextOf())));

    expect(check).toMatchObject({ is: 'unsatisfied', because: expect.stringContaining('is a superuser') });
    expect(failure.message).toContain('was left as it is');
  });

  test('an account without the right to create roles is told so', async () => {
    await rows(database.url, `create role weak_${unique} login password 'weak'`);
    const server = changed({ username: `weak_${unique}`, password: 'weak' });

    const wanted = postgresRole.with.parse({ ...roleWanted(`never_${unique}`), server });
    const failure = await failureOf(Promise.resolve(postgresRole.apply?.(wanted, contextOf())));
    await rows(database.url, `drop role weak_${unique}`);

    expect(failure.code).toBe('permission-denied');
  });
});

function roleWanted(name: string) {
  const password = new Secret('APP_PASSWORD', rolePassword);
  return { server: admin, name, password, database: database.name };
}

function roleSnapshot(name: string): Promise<unknown> {
  return rows(
    database.url,
    `select r.rolname, r.rolcanlogin, r.rolsuper, r.rolcreatedb,
            (select array_agg(a::text order by a::text) from unnest(d.datacl) a where a::text like '%' || $1 || '%') as "inDatabase",
            (select array_agg(a::text order by a::text) from unnest(n.nspacl) a where a::text like '%' || $1 || '%') as "inSchema"
       from pg_roles r, pg_database d, pg_namespace n
      where r.rolname = $1 and d.datname = current_database() and n.nspname = 'public'`,
    [name],
  );
}

function changed(
  parts: Partial<Record<'username' | 'password' | 'port' | 'hostname' | 'pathname', string>>,
): string {
  return Object.assign(new URL(inject('postgresUrl')), parts).href;
}

function hungUrl(port: number): Secret {
  return new Secret('HUNG_URL', `postgres://postgres:hunter2@127.0.0.1:${port}/postgres`);
}

async function rows(url: string, sql: string, values: unknown[] = []): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql, values)).rows;
  } finally {
    await client.end();
  }
}
