import type { ClientBase, Pool } from 'pg';
import type { Episode } from '../alerts/alert.ts';
import type { Job } from '../deploy/jobs.ts';
import type { Link } from './chain.ts';

/** A stream as it stands: `version` counts its events and `hash` is that of the newest. */
export interface Loaded<State> {
  readonly state: State;
  readonly version: number;
  readonly hash: string;
}

/** A JSON value that is kept beside a stream under its hash. */
export interface Kept {
  readonly hash: string;
  readonly body: unknown;
}

/** Everything that one command changes in one stream. */
export interface Change {
  readonly stream: string;
  readonly kind: string;
  /** The version and hash that this change leaves; version 0 means that the stream must not exist. */
  readonly from: { readonly version: number; readonly hash: string };
  readonly state: unknown;
  /** The events, chained to what they follow. */
  readonly links: readonly Link[];
  readonly ended: boolean;
  /** What this stream alone may hold, or null. */
  readonly holds: string | null;
  readonly jobs: readonly Job[];
  /** When to draw the stream in Slack, in milliseconds since 1970. */
  readonly drawAt: number;
  readonly evidence: readonly Kept[];
  readonly plans: readonly Kept[];
  /** Alerts that a delivery brought or ended. */
  readonly alerts: readonly Episode[];
  /** What is drawn for this change: the stream itself, or the board that it stands on. */
  readonly draws: string;
}

/** `conflict`: a stream has moved meanwhile; `held`: another stream holds the same; nothing is written in either case. */
export type Appended = 'appended' | 'conflict' | 'held';

/** Loads a stream's state, or undefined when there is none. */
export async function load<State>(db: Pool | ClientBase, stream: string): Promise<Loaded<State> | undefined> {
  const { rows } = await db.query<Loaded<State>>({
    name: 'load-stream',
    text: 'select state, version, hash from streams where id = $1::text',
    values: [stream],
  });
  return rows[0];
}

/** Writes all changes or none: states, events, outbox, and what is kept beside them, each stream by compare-and-set. */
export async function append(pool: Pool, changes: readonly Change[]): Promise<Appended> {
  const [only, ...others] = changes;
  if (only === undefined) return 'appended';
  try {
    if (others.length === 0) return (await write(pool, only)) ? 'appended' : 'conflict';
    return await appendAll(pool, changes);
  } catch (error) {
    if (isHeld(error)) return 'held';
    throw error;
  }
}

async function appendAll(pool: Pool, changes: readonly Change[]): Promise<Appended> {
  const client = await pool.connect();
  // The pool does not listen to a client that it has lent, and a lost connection that nobody hears of ends the process.
  client.on('error', ignored);
  let broken = true;
  try {
    await client.query('begin');
    let appended: Appended = 'appended';
    for (const change of changes) {
      if (!(await write(client, change))) {
        appended = 'conflict';
        break;
      }
    }
    await client.query(appended === 'appended' ? 'commit' : 'rollback');
    broken = false;
    return appended;
  } finally {
    client.off('error', ignored);
    client.release(broken);
  }
}

/** The query in flight fails with the same error. */
function ignored(): void {}

function isHeld(error: unknown): boolean {
  const { code, constraint } = error as { code?: string; constraint?: string };
  return code === '23505' && constraint === 'streams_holds';
}

async function write(db: Pool | ClientBase, change: Change): Promise<boolean> {
  const { from, links } = change;
  const at = links.at(-1)?.at ?? change.drawAt;
  const hasAlerts = change.alerts.length > 0;
  const { rows } = await db.query<{ moved: number }>({
    name: hasAlerts ? 'append-alerts' : 'append',
    text: hasAlerts ? appendAlertsSql : appendSql,
    values: [
      change.stream,
      change.kind,
      from.version,
      from.version + links.length,
      JSON.stringify(change.state),
      links.at(-1)?.hash ?? from.hash,
      change.holds,
      change.ended,
      at,
      JSON.stringify(links),
      JSON.stringify(outboxRows(change)),
      JSON.stringify(change.evidence),
      JSON.stringify(change.plans),
      ...(hasAlerts ? [JSON.stringify(change.alerts)] : []),
    ],
  });
  return rows[0]?.moved === 1;
}

/** Drawing may wait a little, so that many changes become one; all else is handed over at once. */
function outboxRows({ draws: stream, jobs, drawAt }: Change) {
  const draw = { id: `draw.${stream}`, queue: 'views', name: 'draw', data: { stream }, due: drawAt };
  return [draw, ...jobs.map(({ at, ...job }) => ({ ...job, due: 0, run_at: at }))];
}

const appendWith = (more: string) => `
  with moved as (
    insert into streams (id, kind, version, state, hash, holds, ended, created_at, changed_at)
    values ($1::text, $2::text, $4::int, $5::jsonb, $6::text, $7::text, $8::bool,
            to_timestamp($9::float8 / 1000), to_timestamp($9::float8 / 1000))
    on conflict (id) do update
      set version = excluded.version, state = excluded.state, hash = excluded.hash,
          holds = excluded.holds, ended = excluded.ended, changed_at = excluded.changed_at
      where streams.version = $3::int
    returning id
  ), history as (
    insert into events (stream, version, type, data, at, hash)
    select $1::text, e.version, e.type, e.data, to_timestamp(e.at / 1000), e.hash
    from moved, jsonb_to_recordset($10::jsonb) as e(version int, type text, data jsonb, at float8, hash text)
  ), sent as (
    insert into outbox (id, queue, name, data, due, run_at)
    select j.id, j.queue, j.name, j.data, to_timestamp(j.due / 1000), to_timestamp(j.run_at / 1000)
    from moved, jsonb_to_recordset($11::jsonb)
      as j(id text, queue text, name text, data jsonb, due float8, run_at float8)
    on conflict (id) do update
      set due = least(outbox.due, excluded.due), asked = outbox.asked + 1
  ), shown as (
    insert into evidence (stream, hash, body, at)
    select $1::text, v.hash, v.body, to_timestamp($9::float8 / 1000)
    from moved, jsonb_to_recordset($12::jsonb) as v(hash text, body jsonb)
    on conflict do nothing
  ), planned as (
    insert into plans (hash, body)
    select p.hash, p.body from moved, jsonb_to_recordset($13::jsonb) as p(hash text, body jsonb)
    on conflict do nothing
  )${more}
  select count(*)::int as moved from moved`;

const appendSql = appendWith('');

const appendAlertsSql = appendWith(`, alerted as (
    insert into alerts
      (stream, fingerprint, starts_at, ends_at, status, round, labels, annotations, generator_url, changed_at)
    select $1::text, a.fingerprint, a."startsAt", a."endsAt", a.status, a.round, a.labels, a.annotations,
           a."generatorUrl", to_timestamp($9::float8 / 1000)
    from moved, jsonb_to_recordset($14::jsonb)
      as a(fingerprint text, "startsAt" text, "endsAt" text, status text, round int, labels jsonb,
           annotations jsonb, "generatorUrl" text)
    on conflict (stream, fingerprint, starts_at) do update
      set ends_at = excluded.ends_at, status = excluded.status, round = excluded.round,
          changed_at = excluded.changed_at, labels = excluded.labels, annotations = excluded.annotations,
          generator_url = excluded.generator_url
  )`);
