import type { Pool } from 'pg';

/** A job on its way to the queue. */
export interface OutboxRow {
  readonly id: string;
  readonly queue: string;
  readonly name: string;
  readonly data: Record<string, unknown>;
  /** When it is to run, in milliseconds since 1970, or null for at once. */
  readonly runAt: number | null;
}

interface Claimed extends OutboxRow {
  readonly asked: number;
}

/** How many rows are handed over at a time. */
export const batch = 100;

/** How long rows are left to the process that is sending them, in milliseconds: after a crash another sends them then. */
const claim = 5_000;

/**
 * Hands the due rows to `send` and forgets them when it has returned; when it throws they stay due. Nobody waits for a
 * slow `send`: rows are claimed for some seconds, and one that is asked for again meanwhile stays. A row may be sent twice
 * after a crash. Returns how many were sent.
 */
export async function sendDue(
  pool: Pool,
  now: number,
  send: (rows: readonly OutboxRow[]) => Promise<void>,
): Promise<number> {
  const rows = await claimDue(pool, now);
  if (rows.length === 0) return 0;
  try {
    await send(rows.map(({ asked: _, ...row }) => row));
  } catch (error) {
    await giveBack(pool, rows, now);
    throw error;
  }
  await forget(pool, rows);
  return rows.length;
}

async function claimDue(pool: Pool, now: number): Promise<readonly Claimed[]> {
  const { rows } = await pool.query<Claimed>({
    name: 'claim-due',
    text: `update outbox set due = to_timestamp(($1::float8 + $2::float8) / 1000)
           where id in (
             select id from outbox where due <= to_timestamp($1::float8 / 1000)
             order by due limit $3::int for update skip locked
           )
           returning id, queue, name, data, extract(epoch from run_at)::float8 * 1000 as "runAt", asked`,
    values: [now, claim, batch],
  });
  return rows;
}

async function giveBack(pool: Pool, rows: readonly Claimed[], now: number): Promise<void> {
  await pool.query({
    name: 'give-back',
    text: `update outbox set due = least(due, to_timestamp($2::float8 / 1000)) where id = any($1::text[])`,
    values: [rows.map(({ id }) => id), now],
  });
}

async function forget(pool: Pool, rows: readonly Claimed[]): Promise<void> {
  await pool.query({
    name: 'forget-sent',
    text: `delete from outbox using unnest($1::text[], $2::int[]) as sent(id, asked)
           where outbox.id = sent.id and outbox.asked = sent.asked`,
    values: [rows.map(({ id }) => id), rows.map(({ asked }) => asked)],
  });
}

/** When the next row is due, in milliseconds since 1970, or undefined when the outbox is empty. */
export async function nextDue(pool: Pool): Promise<number | undefined> {
  const { rows } = await pool.query<{ due: number | null }>({
    name: 'next-due',
    text: 'select extract(epoch from min(due))::float8 * 1000 as due from outbox',
  });
  return rows[0]?.due ?? undefined;
}
