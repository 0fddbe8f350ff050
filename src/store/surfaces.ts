import type { Pool } from 'pg';

/** Where one Slack message of a stream is, and what it shows; `postingSince` marks a first post whose outcome is unknown. */
export interface Place {
  readonly key: string;
  readonly channel: string | null;
  readonly ts: string | null;
  readonly digest: string | null;
  /** The ts of an earlier message of this surface that can no longer be edited. */
  readonly movedFrom: string | null;
  /** Milliseconds since 1970. */
  readonly postingSince: number | null;
}

/** All places of a stream. */
export async function placesOf(pool: Pool, stream: string): Promise<readonly Place[]> {
  const { rows } = await pool.query<Place>({
    name: 'places-of',
    text: `select key, channel, ts, digest, moved_from as "movedFrom",
                  extract(epoch from posting_since)::float8 * 1000 as "postingSince"
           from surfaces where stream = $1::text`,
    values: [stream],
  });
  return rows;
}

/** Notes that a first post is about to be tried, keeping the time of the first such note. */
export async function notePosting(pool: Pool, stream: string, key: string, now: number): Promise<void> {
  await pool.query({
    name: 'note-posting',
    text: `insert into surfaces (stream, key, posting_since)
           values ($1::text, $2::text, to_timestamp($3::float8 / 1000))
           on conflict (stream, key) do update
             set posting_since = coalesce(surfaces.posting_since, excluded.posting_since)`,
    values: [stream, key, now],
  });
}

/** Notes that a message is at `ts` and shows what has this digest. */
export async function noteDrawn(
  pool: Pool,
  stream: string,
  key: string,
  at: { readonly channel: string; readonly ts: string; readonly digest: string },
): Promise<void> {
  await pool.query(
    `insert into surfaces (stream, key, channel, ts, digest)
     values ($1::text, $2::text, $3::text, $4::text, $5::text)
     on conflict (stream, key) do update
       set channel = excluded.channel, ts = excluded.ts, digest = excluded.digest, posting_since = null`,
    [stream, key, at.channel, at.ts, at.digest],
  );
}

/** Notes that a message is gone or can no longer be edited, so that the surface is posted anew. */
export async function noteGone(pool: Pool, stream: string, key: string): Promise<void> {
  await pool.query(
    `update surfaces set moved_from = ts, ts = null, digest = null, posting_since = null
     where stream = $1::text and key = $2::text`,
    [stream, key],
  );
}

/** Notes that Slack shows a stream up to this version. */
export async function noteStreamDrawn(pool: Pool, stream: string, version: number): Promise<void> {
  await pool.query('update streams set drawn = greatest(drawn, $2::int) where id = $1::text', [
    stream,
    version,
  ]);
}

/** Streams that have moved since they were last drawn; alert groups are drawn with their board. */
export async function undrawnStreams(pool: Pool): Promise<readonly string[]> {
  const { rows } = await pool.query<{ id: string }>(
    "select id from streams where drawn < version and kind not in ('environment', 'alerts') order by changed_at limit 1000",
  );
  return rows.map(({ id }) => id);
}
