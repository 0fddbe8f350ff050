import pg from 'pg';
import { chain } from '../../src/store/chain.ts';
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

type Events = readonly { readonly type: string; readonly at: number }[];

/** The first change of a stream, with one event and no jobs, unless it is said otherwise. */
export function changeOf(
  stream: string,
  { events = [{ type: 'Happened', at: 1_000 }], ...more }: Partial<Change> & { events?: Events } = {},
): Change {
  const from = more.from ?? { version: 0, hash: '' };
  return {
    stream,
    kind: 'run',
    from,
    state: { id: stream },
    links: chain(stream, from, events),
    ended: false,
    holds: null,
    jobs: [],
    drawAt: 1_000,
    evidence: [],
    plans: [],
    alerts: [],
    draws: stream,
    ...more,
  };
}

/** How many rows a table has. */
export async function countOf(pool: pg.Pool, table: string): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(`select count(*)::int as count from ${table}`);
  return rows[0]?.count ?? Number.NaN;
}
