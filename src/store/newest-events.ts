import type { Pool } from 'pg';
import type { Link } from './chain.ts';

/** The newest events of some types of a stream, the oldest of them first. */
export async function newestEvents(
  pool: Pool,
  stream: string,
  types: readonly string[],
  limit: number,
): Promise<readonly Omit<Link, 'hash'>[]> {
  const { rows } = await pool.query<Omit<Link, 'hash'>>(
    `select version, type, data, extract(epoch from at)::float8 * 1000 as at
     from events where stream = $1::text and type = any($2::text[]) order by version desc limit $3::int`,
    [stream, types, limit],
  );
  return rows.map((row) => ({ ...row, at: Math.round(row.at) })).toReversed();
}
