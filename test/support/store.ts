import pg from 'pg';
import { migrate } from '../../src/store/migrate.ts';
import type { Change } from '../../src/store/streams.ts';
import { testDatabase } from './postgres.ts';

/** An empty database with Slipway's tables; `drop` closes the pool and removes it. */
export interface TestStore {
  readonly url: string;
  readonly pool: pg.Pool;
  readonly drop: () => Promise<void>;
}

export async function testStore(): Promise<TestStore> {
  const database = await testDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 12 });
  pool.on('error', () => undefined);
  await migrate(pool);
  return {
    url: database.url,
    pool,
    drop: async () => {
      await pool.end();
      await database.drop();
    },
  };
}

/** The first change of a stream, with one event and no jobs, unless it is said otherwise. */
export function changeOf(stream: string, more: Partial<Change> = {}): Change {
  return {
    stream,
    kind: 'run',
    from: { version: 0, hash: '' },
    state: { id: stream },
    events: [{ type: 'Happened', at: 1_000 }],
    ended: false,
    holds: null,
    jobs: [],
    drawAt: 1_000,
    evidence: [],
    plans: [],
    ...more,
  };
}

/** How many rows a table has. */
export async function countOf(pool: pg.Pool, table: string): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(`select count(*)::int as count from ${table}`);
  return rows[0]?.count ?? Number.NaN;
}
