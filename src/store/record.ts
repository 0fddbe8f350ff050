import type { Pool } from 'pg';
import type { Link } from './chain.ts';

/** The whole history of a stream, oldest first. */
export async function historyOf(pool: Pool, stream: string): Promise<readonly Link[]> {
  const { rows } = await pool.query<Link>(
    `select version, type, data, extract(epoch from at)::float8 * 1000 as at, hash
     from events where stream = $1::text order by version`,
    [stream],
  );
  return rows.map((row) => ({ ...row, at: Math.round(row.at) }));
}

/** What is kept under these hashes beside a stream. */
export async function evidenceOf(
  pool: Pool,
  stream: string,
  hashes?: readonly string[],
): Promise<readonly { readonly hash: string; readonly body: unknown }[]> {
  const { rows } = await pool.query<{ hash: string; body: unknown }>(
    `select hash, body from evidence
     where stream = $1::text and ($2::text[] is null or hash = any($2::text[])) order by at, hash`,
    [stream, hashes ?? null],
  );
  return rows;
}

/** A run's own copy of its plan, or undefined when the hash is unknown. */
export async function planCopy(pool: Pool, hash: string): Promise<unknown> {
  const { rows } = await pool.query<{ body: unknown }>('select body from plans where hash = $1::text', [
    hash,
  ]);
  return rows[0]?.body;
}

/** States of the streams of a kind that have not ended, or ended less than `since` milliseconds ago. */
export async function openStreams<State>(pool: Pool, kind: string, since = 0): Promise<readonly State[]> {
  const { rows } = await pool.query<{ state: State }>(
    `select state from streams
     where kind = $1::text
       and (not ended or changed_at > clock_timestamp() - $2::float8 * interval '1 millisecond')
     order by created_at`,
    [kind, since],
  );
  return rows.map(({ state }) => state);
}

/** The newest states of a kind in an environment, newest first. */
export async function newestStreams<State>(
  pool: Pool,
  kind: string,
  environment: string,
  limit: number,
): Promise<readonly State[]> {
  const { rows } = await pool.query<{ state: State }>(
    `select state from streams where kind = $1::text and state ->> 'environment' = $2::text
     order by created_at desc limit $3::int`,
    [kind, environment, limit],
  );
  return rows.map(({ state }) => state);
}

/** The state of the stream that holds this, or undefined when it is free. */
export async function holderOf<State>(pool: Pool, held: string): Promise<State | undefined> {
  const { rows } = await pool.query<{ state: State }>('select state from streams where holds = $1::text', [
    held,
  ]);
  return rows[0]?.state;
}

/** Ids of all streams of a kind, oldest first. */
export async function streamIds(pool: Pool, kind: string): Promise<readonly string[]> {
  const { rows } = await pool.query<{ id: string }>(
    'select id from streams where kind = $1::text order by created_at',
    [kind],
  );
  return rows.map(({ id }) => id);
}

/** The kind of a stream, or undefined when there is none. */
export async function kindOf(pool: Pool, stream: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ kind: string }>('select kind from streams where id = $1::text', [
    stream,
  ]);
  return rows[0]?.kind;
}

/** A number that no run of this installation has had. */
export async function newRunNumber(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ number: number }>("select nextval('run_numbers')::int as number");
  return rows[0]?.number ?? 0;
}

/** The key of this installation's fingerprints. */
export async function fingerprintKey(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ key: string }>('select fingerprint_key as key from installation');
  return rows[0]?.key ?? '';
}
