import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Secret } from '../../../src/secret.ts';
import { postgresMigrations } from '../../../src/steps/postgres/postgres-migrations.ts';
import { postgresSeed } from '../../../src/steps/postgres/postgres-seed.ts';
import type { Step, StepContext } from '../../../src/steps/step.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contextOf, contract, failureOf } from '../contract.ts';
import { type DebianPostgres, startDebianPostgres } from './debian-postgres.ts';
import { migration, writeCheckout } from './flask-checkout.ts';
import { query } from './postgres-15.ts';

const packages = ['python3-flask', 'python3-flask-migrate', 'python3-psycopg2'];
const checkout = '/opt/factory';

describeWith('debian-host', 'an application on a host that migrates and seeds its database', () => {
  let folder: string;
  let server: DebianPostgres;
  let context: { hosts: { app: DebianPostgres['debian']['host'] } };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-checkout-'));
    await writeCheckout(folder);
    server = await startDebianPostgres(packages, { '/srv/checkout': folder });
    context = { hosts: { app: server.debian.host } };
    await server.debian.shell(`set -eu
      useradd --create-home factory
      mkdir ${checkout}
      cd ${checkout}
      cp /srv/checkout/*.py .
      SQLALCHEMY_DATABASE_URI=postgresql:///x FLASK_APP=app.py flask db init >/dev/null 2>&1
      cp /srv/checkout/versions/*.py migrations/versions/
      chown -R factory: ${checkout}`);
  }, 600_000);

  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    await fresh('app');
  });

  contract(postgresMigrations, { first: 'unsatisfied', last: 'satisfied', undoes: true }, async () => {
    await fresh('contract');
    const wanted = migrationsOf('contract', { reversible: true });
    return {
      wanted,
      hung: (port) => ({ wanted, context: hungContext(port) }),
      context,
      snapshot: async () => [
        await ownTables('contract'),
        await server.debian.shell(`find ${checkout} | sort`),
      ],
      close: async () => {},
    };
  });

  contract(postgresSeed, { first: 'unsatisfied', last: 'satisfied' }, async () => {
    await fresh('contract_seed');
    await makeTables('contract_seed');
    const wanted = seedOf('contract_seed');
    return {
      wanted,
      hung: (port) => ({
        wanted: { ...wanted, url: secret(server.outside('x').replace(/@.*:5432/, `@127.0.0.1:${port}`)) },
      }),
      context,
      snapshot: () =>
        query(server.outside('contract_seed'), 'select * from users, subscription_plans order by 1, 3'),
      close: async () => {},
    };
  });

  describe('postgres/migrations', () => {
    test('what is pending is listed, and upgrading is told while it runs', async () => {
      const log: string[] = [];
      const before = await checking(postgresMigrations, migrationsOf('app'), context);
      await applied(postgresMigrations, migrationsOf('app'), { log: (text) => void log.push(text) });

      expect(before).toMatchObject({
        is: 'unsatisfied',
        because: expect.stringContaining('is at none, wanted is b2; pending: a1, b2.'),
      });
      expect(log.join('')).toContain('Running upgrade a1 -> b2');
      expect(await tables('app')).toEqual(['alembic_version', 'subscription_plans', 'users']);
    });

    test('models that say more than the migrations are an error that applying does not mend', async () => {
      await applied(postgresMigrations, migrationsOf('app'));
      const wanted = migrationsOf('app', { env: { WITH_EMAIL: '1' } });

      const check = await checking(postgresMigrations, wanted, context);
      const failure = await failureOf(applied(postgresMigrations, wanted));

      expect(check).toMatchObject({
        is: 'unsatisfied',
        because: expect.stringMatching(/the models differ from it, .*: add_column users\.?.*email/),
      });
      expect(failure.code).toBe('not-satisfied');
      expect(await query(server.outside('app'), 'select * from users')).toEqual([]);
    });

    test('a table that somebody has dropped by hand is found as a difference', async () => {
      await applied(postgresMigrations, migrationsOf('app'));
      await query(server.outside('app'), 'drop table subscription_plans');

      const check = await checking(postgresMigrations, migrationsOf('app'), context);

      expect(check).toMatchObject({ because: expect.stringContaining('add_table subscription_plans') });
    });

    test('two heads are an error, and nothing is run', async () => {
      await write('c3', migration('c3', 'a1', 'select 1', 'select 1'));

      const check = await checking(postgresMigrations, migrationsOf('app'), context);
      const failure = await failureOf(applied(postgresMigrations, migrationsOf('app')));
      await remove('c3');

      expect(check).toMatchObject({
        because: expect.stringMatching(/have 2 heads \((b2, c3|c3, b2)\); merge them/),
      });
      expect(failure.code).toBe('not-satisfied');
      expect(await tables('app')).toEqual([]);
    });

    test('a database that is newer than the checkout is told', async () => {
      await write('c3', migration('c3', 'b2', 'select 1', 'select 1'));
      await applied(postgresMigrations, migrationsOf('app'));
      await remove('c3');

      const check = await checking(postgresMigrations, migrationsOf('app'), context);

      expect(check).toMatchObject({
        because: expect.stringContaining('is at c3, which this checkout does not know'),
      });
    });

    test('a migration that fails leaves the database as it was and names the error', async () => {
      await write('c3', migration('c3', 'b2', 'alter table nowhere add column x int', 'select 1'));

      const failure = await failureOf(applied(postgresMigrations, migrationsOf('app')));
      await remove('c3');

      expect(failure.code).toBe('command-failed');
      expect(failure.message).toMatch(/PostgreSQL took nothing of it: .*relation "nowhere" does not exist/);
      expect(await tables('app')).toEqual([]);
    });

    test('an upgrade that is stopped half-way leaves nothing, and running again succeeds', async () => {
      await write('c3', migration('c3', 'b2', 'select pg_sleep(60)', 'select 1'));
      const controller = new AbortController();

      const stopping = failureOf(
        applied(postgresMigrations, migrationsOf('app'), { signal: controller.signal }),
      );
      while ((await sleeping()) === 0) await sleep(100);
      controller.abort(new DOMException('stopped', 'AbortError'));
      const failure = await stopping;
      await query(
        server.outside('postgres'),
        `select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'`,
      );
      await write('c3', migration('c3', 'b2', 'select 1', 'select 1'));
      await applied(postgresMigrations, migrationsOf('app'));
      const check = await checking(postgresMigrations, migrationsOf('app'), context);
      await remove('c3');

      expect(failure.code).toBe('aborted');
      expect(check).toMatchObject({ is: 'satisfied' });
    });

    test('a connection that is lost leaves the upgrade to end by itself, and the next run waits for it', async () => {
      await write('c3', migration('c3', 'b2', 'select pg_sleep(4)', 'select 1'));

      const losing = failureOf(applied(postgresMigrations, migrationsOf('app')));
      while ((await sleeping()) === 0) await sleep(100);
      await server.debian.shell(`pkill -KILL -u deploy sshd`);
      const failure = await losing;
      const during = await tables('app');
      await applied(postgresMigrations, migrationsOf('app'));
      const check = await checking(postgresMigrations, migrationsOf('app'), context);
      await remove('c3');

      expect(failure.code).toBe('connection-refused');
      expect(during).toEqual([]);
      expect(check).toMatchObject({ is: 'satisfied' });
    });

    test('undo refuses where the plan does not allow it, and where somebody has migrated on', async () => {
      const parameters = postgresMigrations.with.parse(migrationsOf('app', { reversible: true }));
      const done = await postgresMigrations.apply?.(parameters, contextOf(context));
      await write('c3', migration('c3', 'b2', 'select 1', 'select 1'));
      await applied(postgresMigrations, migrationsOf('app'));

      const failure = await failureOf(
        Promise.resolve(postgresMigrations.undo?.(parameters, contextOf(context), done?.remember)),
      );
      await remove('c3');

      expect(failure.code).toBe('not-undone');
      expect(failure.message).toContain('is at c3, this run had brought it to b2');
      expect(postgresMigrations.canUndo?.(postgresMigrations.with.parse(migrationsOf('app')))).toBe(false);
    });

    test.each([
      ['a missing checkout', { directory: '/opt/nothing' }, 'There is no folder /opt/nothing on'],
      [
        'a missing program',
        { python: '/opt/venv/bin/python' },
        'There is no program /opt/venv/bin/python on',
      ],
    ])('%s is told in a dry run, and applying fails on it', async (_, other, says) => {
      const check = await checking(postgresMigrations, migrationsOf('app', other), context);
      const failure = await failureOf(applied(postgresMigrations, migrationsOf('app', other)));

      expect(check).toMatchObject({ is: 'unsatisfied', because: expect.stringContaining(says) });
      expect(failure.message).toContain(says);
    });

    test.each([
      ['an application that does not start', { app: 'nothing.py' }],
      [
        'a wrong password',
        { url: new Secret('DATABASE_URL', 'postgres://admin:hunter2@127.0.0.1:5432/app') },
      ],
    ])('%s is told without secrets', async (_, other) => {
      const failure = await failureOf(checking(postgresMigrations, migrationsOf('app', other), context));

      expect(failure.code).toBe('command-failed');
      expect(failure.message).toMatch(/could not be looked at, because .*: \w+: /);
      expect(failure.message).not.toContain('hunter2');
    });
  });

  describe('postgres/seed', () => {
    test('tables without their rows are told, filled, and what the program says is in the log', async () => {
      await makeTables('app');
      const log: string[] = [];

      const before = await checking(postgresSeed, seedOf('app'), context);
      await applied(postgresSeed, seedOf('app'), { log: (text) => void log.push(text) });
      const after = await checking(postgresSeed, seedOf('app'), context);

      expect(before).toMatchObject({
        because: expect.stringMatching(
          /users has 0 rows, wanted are at least 1; subscription_plans has 0 rows, wanted are 3 to 4\.$/,
        ),
      });
      expect(log.join('')).toContain('seeding');
      expect(after).toMatchObject({
        is: 'satisfied',
        evidence: [{ answered: 'users 1, subscription_plans 3' }],
      });
    });

    test('too many rows are not seeded away, and the program is not started', async () => {
      await makeTables('app');
      await query(server.outside('app'), 'insert into subscription_plans select generate_series(1, 5)');

      const failure = await failureOf(applied(postgresSeed, seedOf('app')));

      expect(failure.code).toBe('not-satisfied');
      expect(failure.message).toContain(
        'subscription_plans has 5 rows, wanted are 3 to 4. Seeding cannot mend that',
      );
      expect(await query(server.outside('app'), 'select * from users')).toEqual([]);
    });

    test('a database or tables that are not there yet are told in a dry run, and applying asks for the migrations', async () => {
      const nowhere = await checking(postgresSeed, seedOf('not_yet'), context);
      const check = await checking(postgresSeed, seedOf('app'), context);
      const failure = await failureOf(applied(postgresSeed, seedOf('app')));

      expect(nowhere).toMatchObject({
        is: 'unsatisfied',
        because: expect.stringContaining('has no database'),
      });
      expect(check).toMatchObject({ because: expect.stringContaining('users does not exist') });
      expect(failure.code).toBe('not-found');
      expect(failure.message).toContain('Run the migrations first');
    });

    test('a program that fails is told by its error, without the password that it shows', async () => {
      await makeTables('app');
      const program = ['/usr/bin/python3', 'seed.py', 'fail'];

      const failure = await failureOf(applied(postgresSeed, seedOf('app', { program })));

      expect(failure.code).toBe('command-failed');
      expect(failure.message).toMatch(/ended with exit code 1: RuntimeError: asked to fail with /);
      expect(failure.message).not.toContain('adm1n-5ecret');
      expect(await query(server.outside('app'), 'select * from users')).toEqual([]);
    });
  });

  function migrationsOf(database: string, other: Record<string, unknown> = {}) {
    const url = secret(server.inside(database));
    return {
      host: 'app',
      directory: checkout,
      python: '/usr/bin/python3',
      app: 'app.py',
      as: 'factory',
      url,
      ...other,
    };
  }

  function seedOf(database: string, other: Record<string, unknown> = {}) {
    return {
      host: 'app',
      url: secret(server.outside(database)),
      hostUrl: secret(server.inside(database)),
      directory: checkout,
      program: ['/usr/bin/python3', 'seed.py'],
      as: 'factory',
      tables: { users: { min: 1 }, subscription_plans: { min: 3, max: 4 } },
      ...other,
    };
  }

  function applied(step: Step, wanted: unknown, more: Partial<StepContext> = {}) {
    return Promise.resolve(step.apply?.(step.with.parse(wanted), contextOf({ ...context, ...more })));
  }

  function hungContext(port: number) {
    return { hosts: { app: { ...server.debian.host, address: '127.0.0.1', port } } };
  }

  async function makeTables(database: string): Promise<void> {
    await query(server.outside(database), 'create table users (id serial primary key, name text not null)');
    await query(server.outside(database), 'create table subscription_plans (id serial primary key)');
  }

  async function fresh(database: string): Promise<void> {
    await query(server.outside('postgres'), `drop database if exists ${database} with (force)`);
    await query(server.outside('postgres'), `create database ${database}`);
  }

  /** Without the table of Alembic's own, which a downgrade empties and leaves. */
  async function ownTables(database: string): Promise<unknown[]> {
    return (await tables(database)).filter((name) => name !== 'alembic_version');
  }

  async function tables(database: string): Promise<unknown[]> {
    const rows = await query(
      server.outside(database),
      `select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`,
    );
    return rows.map((row) => Reflect.get(Object(row), 'relname'));
  }

  async function sleeping(): Promise<number> {
    return (
      await query(server.outside('postgres'), `select 1 from pg_stat_activity where wait_event = 'PgSleep'`)
    ).length;
  }

  function write(revision: string, content: string): Promise<string> {
    const path = `${checkout}/migrations/versions/${revision}.py`;
    return server.debian.shell(`cat >${path} <<'EOT'\n${content}EOT\nchown factory: ${path}`);
  }

  function remove(revision: string): Promise<string> {
    return server.debian.shell(`rm ${checkout}/migrations/versions/${revision}.py`);
  }

  function secret(url: string): Secret {
    return new Secret('DATABASE_URL', url);
  }
});
