import type { Pool } from 'pg';

const takeSql = `
  insert into leases (id, owner, until)
  values ($1::text, $2::text, clock_timestamp() + $3::float8 * interval '1 millisecond')
  on conflict (id) do update set owner = excluded.owner, until = excluded.until
  where leases.owner = excluded.owner or leases.until < clock_timestamp()`;

/** Takes or renews a lease for `span` milliseconds by the database's clock; false when somebody else has it. */
export async function takeLease(pool: Pool, id: string, owner: string, span: number): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: 'take-lease',
    text: takeSql,
    values: [id, owner, span],
  });
  return rowCount === 1;
}

/** A first post of a message of a stream: which message, and when it is tried, in milliseconds since 1970. */
export interface FirstPost {
  readonly stream: string;
  readonly key: string;
  readonly at: number;
}

/** Takes a lease as `takeLease` does and with it notes that a first post is about to be tried; `isNoted` is false where one was before. */
export async function takeLeaseToPost(
  pool: Pool,
  id: string,
  owner: string,
  span: number,
  post: FirstPost,
): Promise<{ readonly isTaken: boolean; readonly isNoted: boolean }> {
  const { rows } = await pool.query<{ isTaken: boolean; isNoted: boolean }>({
    name: 'take-lease-to-post',
    text: `with lease as (${takeSql} returning id), noted as (
             insert into surfaces (stream, key, posting_since)
             select $4::text, $5::text, to_timestamp($6::float8 / 1000) from lease
             on conflict (stream, key) do nothing
             returning key
           )
           select exists(select from lease) as "isTaken", exists(select from noted) as "isNoted"`,
    values: [id, owner, span, post.stream, post.key, post.at],
  });
  return rows[0] ?? { isTaken: false, isNoted: false };
}

/** Gives a lease back, if it is still this owner's. */
export async function dropLease(pool: Pool, id: string, owner: string): Promise<void> {
  await pool.query('delete from leases where id = $1::text and owner = $2::text', [id, owner]);
}
