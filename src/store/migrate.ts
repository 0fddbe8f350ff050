import { readdir, readFile } from 'node:fs/promises';
import type { Pool, PoolClient } from 'pg';

const folder = new URL('./migrations/', import.meta.url);

/** Any number that no other program uses as an advisory lock in this database. */
const migrationLock = 7_318_250_411;

/** Brings the database's tables to this version under an advisory lock, so that several processes may start at once; forward only. */
export async function migrate(pool: Pool): Promise<void> {
  const client = await pool.connect();
  // A connection that is lost here fails the statement; unheard, its event would end the process without a word.
  client.on('error', () => undefined);
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    await client.query(
      'create table if not exists migrations (name text primary key, at timestamptz not null)',
    );
    const { rows } = await client.query<{ name: string }>('select name from migrations');
    const done = new Set(rows.map(({ name }) => name));
    for (const name of (await readdir(folder)).sort()) {
      if (name.endsWith('.sql') && !done.has(name)) await run(client, name);
    }
  } finally {
    // Closing the session frees the lock even when the statement above failed.
    client.release(true);
  }
}

async function run(client: PoolClient, name: string): Promise<void> {
  await client.query('begin');
  try {
    await client.query(await readFile(new URL(name, folder), 'utf8'));
    await client.query('insert into migrations (name, at) values ($1, now())', [name]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}
