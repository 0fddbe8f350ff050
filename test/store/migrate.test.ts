import { readdir } from 'node:fs/promises';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { migrate } from '../../src/store/migrate.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';

const migrations = (await readdir(new URL('../../src/store/migrations/', import.meta.url))).sort();

describe('migrations', () => {
  let database: TestDatabase;
  let pool: pg.Pool;

  beforeEach(async () => {
    database = await testDatabase();
    pool = new pg.Pool({ connectionString: database.url, max: 8 });
    // A database that is dropped ends sessions that are still saying goodbye.
    pool.on('error', () => undefined);
  });

  afterEach(async () => {
    await pool.end();
    await database.drop();
  });

  const applied = async () => {
    const { rows } = await pool.query<{ name: string; at: Date }>(
      'select name, at from migrations order by name',
    );
    return rows;
  };

  test('run once each when several programs start at once', async () => {
    const pools = Array.from({ length: 4 }, () => new pg.Pool({ connectionString: database.url }));

    await Promise.all(pools.map(migrate));

    expect((await applied()).map(({ name }) => name)).toEqual(migrations);
    await Promise.all(pools.map((other) => other.end()));
  });

  test('leave a database alone that has them', async () => {
    await migrate(pool);
    const before = await applied();
    await pool.query("insert into leases values ('kept', 'me', now())");

    await migrate(pool);

    expect(await applied()).toEqual(before);
    const { rows } = await pool.query('select id from leases');
    expect(rows).toEqual([{ id: 'kept' }]);
  });

  test('are not made twice', async () => {
    await migrate(pool);
    await pool.query('alter table outbox drop column asked');

    await migrate(pool);

    expect((await applied()).map(({ name }) => name)).toEqual(migrations);
    await expect(pool.query('select asked from outbox')).rejects.toThrow('"asked" does not exist');
  });

  test('leave nothing behind when one fails, and do not keep others waiting', async () => {
    await pool.query('create table plans (in_the_way int)');
    await expect(migrate(pool)).rejects.toThrow('"plans" already exists');

    await pool.query('drop table plans');
    await migrate(pool);

    expect((await applied()).map(({ name }) => name)).toEqual(migrations);
  });
});
