import type { Pool } from 'pg';

/** Takes or renews a lease for `span` milliseconds by the database's clock; false when somebody else has it. */
export async function takeLease(pool: Pool, id: string, owner: string, span: number): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: 'take-lease',
    text: `insert into leases (id, owner, until)
           values ($1::text, $2::text, clock_timestamp() + $3::float8 * interval '1 millisecond')
           on conflict (id) do update set owner = excluded.owner, until = excluded.until
           where leases.owner = excluded.owner or leases.until < clock_timestamp()`,
    values: [id, owner, span],
  });
  return rowCount === 1;
}

/** Gives a lease back, if it is still this owner's. */
export async function dropLease(pool: Pool, id: string, owner: string): Promise<void> {
  await pool.query('delete from leases where id = $1::text and owner = $2::text', [id, owner]);
}
