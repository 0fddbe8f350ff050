import type { Pool } from 'pg';
import { Failure } from '../errors.ts';
import { reasonOf } from '../reason-of.ts';

/** Asks the database at this URL for a sign of life; throws `store-unreachable`, which names host, port and database. */
export async function reach(pool: Pool, url: string): Promise<void> {
  try {
    await pool.query('select 1');
  } catch (error) {
    const { hostname, port, pathname } = new URL(url);
    throw new Failure(
      'store-unreachable',
      `PostgreSQL at ${hostname}:${port || '5432'}${pathname} does not answer (${reasonOf(error)}). Check DATABASE_URL, or leave it out to use the embedded one.`,
      { cause: error },
    );
  }
}
