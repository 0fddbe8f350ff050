import type { ClientBase, Pool } from 'pg';

/** A job on its way to the queue. */
export interface OutboxRow {
  readonly id: string;
  readonly queue: string;
  readonly name: string;
  readonly data: Record<string, unknown>;
  /** When it is to run, in milliseconds since 1970, or null for at once. */
  readonly runAt: number | null;
}

/**
 * Hands the due rows to `send` and forgets them when it has returned; when it throws they stay. A row may be sent twice
 * after a crash. Returns how many were sent.
 */
export async function sendDue(
  pool: Pool,
  now: number,
  send: (rows: readonly OutboxRow[]) => Promise<void>,
): Promise<number> {
  const client = await pool.connect();
  let broken = true;
  try {
    await client.query('begin');
    const rows = await takeDue(client, now);
    if (rows.length > 0) await send(rows);
    await client.query('commit');
    broken = false;
    return rows.length;
  } finally {
    client.release(broken);
  }
}

async function takeDue(client: ClientBase, now: number): Promise<readonly OutboxRow[]> {
  const { rows } = await client.query<OutboxRow>(
    `delete from outbox where id in (
       select id from outbox where due <= to_timestamp($1::float8 / 1000)
       order by due limit 100 for update skip locked
     )
     returning id, queue, name, data, extract(epoch from run_at)::float8 * 1000 as "runAt"`,
    [now],
  );
  return rows;
}

/** When the next row is due, in milliseconds since 1970, or undefined when the outbox is empty. */
export async function nextDue(pool: Pool): Promise<number | undefined> {
  const { rows } = await pool.query<{ due: number | null }>(
    'select extract(epoch from min(due))::float8 * 1000 as due from outbox',
  );
  return rows[0]?.due ?? undefined;
}
