import pg from 'pg';
import { bodyOf } from './bodies.ts';

/** Rows that are inserted and committed one after the other, each with the body of a webhook; gives rows per second. */
export async function bareInserts(databaseUrl: string): Promise<{
  readonly run: (rows: number) => Promise<number>;
  readonly close: () => Promise<void>;
}> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('create table bare (id bigserial primary key, body jsonb not null)');
  let index = 0;
  return {
    run: async (rows) => {
      const bodies = Array.from({ length: rows }, () => bodyOf(0, index++));
      const startedAt = performance.now();
      for (const body of bodies) {
        await client.query({
          name: 'bare-insert',
          text: 'insert into bare (body) values ($1::jsonb)',
          values: [body],
        });
      }
      return (rows * 1_000) / (performance.now() - startedAt);
    },
    close: () => client.end(),
  };
}
