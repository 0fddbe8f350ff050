import type { Pool } from 'pg';
import type { AlertGroup } from '../alerts/group.ts';

/** Whose home tab is kept fresh, and the digest of what it shows; empty when it was never drawn. */
export interface Home {
  readonly person: string;
  readonly digest: string;
}

/** Notes that somebody opened their home tab at `now`, in milliseconds since 1970. */
export async function noteOpened(pool: Pool, person: string, now: number): Promise<void> {
  await pool.query(
    `insert into homes (person, digest, opened_at, drawn_at)
     values ($1::text, '', to_timestamp($2::float8 / 1000), to_timestamp(0))
     on conflict (person) do update set opened_at = excluded.opened_at`,
    [person, now],
  );
}

/** Notes what a home tab shows. */
export async function noteHomeDrawn(pool: Pool, { person, digest }: Home, now: number): Promise<void> {
  await pool.query(
    `update homes set digest = $2::text, drawn_at = to_timestamp($3::float8 / 1000) where person = $1::text`,
    [person, digest, now],
  );
}

/** The home tabs that were opened since a time, in milliseconds since 1970, the one that was drawn longest ago first. */
export async function homesSince(pool: Pool, since: number): Promise<readonly Home[]> {
  const { rows } = await pool.query<Home>(
    `select person, digest from homes where opened_at >= to_timestamp($1::float8 / 1000)
     order by drawn_at limit 500`,
    [since],
  );
  return rows;
}

/** Something that differs as soon as a stream has changed. */
export async function newestChange(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ newest: string }>({
    name: 'newest-change',
    text: `select coalesce(string_agg(id || ' ' || version, ' '), '') as newest
           from (select id, version from streams order by changed_at desc, id limit 5) s`,
  });
  return rows[0]?.newest ?? '';
}

/** Alert groups that fire, the most severe first, of each the newest, at most `limit`; and how many fire in all. */
export async function firingGroups(
  pool: Pool,
  limit: number,
): Promise<{ readonly groups: readonly AlertGroup[]; readonly firing: number }> {
  const { rows } = await pool.query<{ state: AlertGroup; firing: number }>(
    `select state, count(*) over ()::int as firing from streams
     where kind = 'alerts' and not ended
     order by array_position(array['critical', 'error', 'warning', 'info'], state -> 'routing' ->> 'severity'),
              (state ->> 'openedAt')::float8 desc, id
     limit $1::int`,
    [limit],
  );
  return { groups: rows.map(({ state }) => state), firing: rows[0]?.firing ?? 0 };
}
