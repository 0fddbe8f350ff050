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
  if (changes.length === 0) return 'appended';
  try {
    if (changes.length === 1) return (await write(pool, changes)).length === 1 ? 'appended' : 'conflict';
    return await appendAll(pool, changes);
  } catch (error) {
    if (isHeld(error)) return 'held';
    throw error;
  }
}

/**
 * Writes each of these changes for itself, all in one commit, and returns the streams that were written: the others have moved
 * meanwhile. They must be of different streams that hold nothing. With a client it is part of the caller's transaction.
 */
export async function appendEach(
  db: Pool | ClientBase,
  changes: readonly Change[],
): Promise<ReadonlySet<string>> {
  // Two that write the same streams wait for each other in one order.
  const ordered = changes.toSorted((a, b) => (a.stream < b.stream ? -1 : 1));
  return new Set(await write(db, ordered));
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
      if ((await write(client, [change])).length === 0) {
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

/** Writes each change by compare-and-set in one statement; returns the streams that were where their change leaves them. */
async function write(db: Pool | ClientBase, changes: readonly Change[]): Promise<readonly string[]> {
  const hasAlerts = changes.some(({ alerts }) => alerts.length > 0);
  const { rows } = await db.query<{ id: string }>({
    name: hasAlerts ? 'append-alerts' : 'append',
    text: hasAlerts ? appendAlertsSql : appendSql,
    values: [
      JSON.stringify(changes.map(streamRow)),
      JSON.stringify(changes.flatMap(({ stream, links }) => links.map((link) => ({ stream, ...link })))),
      JSON.stringify(changes.flatMap(outboxRows)),
      JSON.stringify(changes.flatMap((change) => keptRows(change, change.evidence))),
      JSON.stringify(changes.flatMap((change) => keptRows(change, change.plans))),
      ...(hasAlerts ? [JSON.stringify(changes.flatMap(alertRows))] : []),
    ],
  });
  return rows.map(({ id }) => id);
}

function streamRow(change: Change) {
  const { stream, kind, from, links, state, holds, ended } = change;
  const hash = links.at(-1)?.hash ?? from.hash;
  return {
    ...{ id: stream, kind, leaves: from.version, version: from.version + links.length },
    ...{ state, hash, holds, ended, at: changedAt(change) },
  };
}

/** Drawing may wait a little, so that many changes become one; all else is handed over at once. */
function outboxRows({ stream, draws, jobs, drawAt }: Change) {
  const draw = {
    stream,
    id: `draw.${draws}`,
    queue: 'views',
    name: 'draw',
    data: { stream: draws },
    due: drawAt,
  };
  return [draw, ...jobs.map(({ at, ...job }) => ({ stream, ...job, due: 0, run_at: at }))];
}

function keptRows(change: Change, kept: readonly Kept[]) {
  return kept.map(({ hash, body }) => ({ stream: change.stream, hash, body, at: changedAt(change) }));
}

function alertRows(change: Change) {
  return change.alerts.map((alert) => ({ stream: change.stream, ...alert, at: changedAt(change) }));
}

function changedAt({ links, drawAt }: Change): number {
  return links.at(-1)?.at ?? drawAt;
}

const appendWith = (more: string) => `
  with given as materialized (
    select * from jsonb_to_recordset($1::jsonb)
      as g(id text, kind text, leaves int, version int, state jsonb, hash text, holds text, ended bool, at float8)
  ), moved as (
    insert into streams (id, kind, version, state, hash, holds, ended, created_at, changed_at)
    select id, kind, version, state, hash, holds, ended, to_timestamp(at / 1000), to_timestamp(at / 1000)
    from given
    on conflict (id) do update
      set version = excluded.version, state = excluded.state, hash = excluded.hash,
          holds = excluded.holds, ended = excluded.ended, changed_at = excluded.changed_at
      where streams.version = (select given.leaves from given where given.id = excluded.id)
    returning id
  ), history as (
    insert into events (stream, version, type, data, at, hash)
    select moved.id, e.version, e.type, e.data, to_timestamp(e.at / 1000), e.hash
    from moved join jsonb_to_recordset($2::jsonb)
      as e(stream text, version int, type text, data jsonb, at float8, hash text) on e.stream = moved.id
  ), sent as (
    insert into outbox (id, queue, name, data, due, run_at)
    select distinct on (j.id)
           j.id, j.queue, j.name, j.data, to_timestamp(j.due / 1000), to_timestamp(j.run_at / 1000)
    from moved join jsonb_to_recordset($3::jsonb)
      as j(stream text, id text, queue text, name text, data jsonb, due float8, run_at float8) on j.stream = moved.id
    order by j.id, j.due
    on conflict (id) do update
      set due = least(outbox.due, excluded.due), asked = outbox.asked + 1
  ), shown as (
    insert into evidence (stream, hash, body, at)
    select moved.id, v.hash, v.body, to_timestamp(v.at / 1000)
    from moved join jsonb_to_recordset($4::jsonb)
      as v(stream text, hash text, body jsonb, at float8) on v.stream = moved.id
    on conflict do nothing
  ), planned as (
    insert into plans (hash, body)
    select p.hash, p.body
    from moved join jsonb_to_recordset($5::jsonb) as p(stream text, hash text, body jsonb) on p.stream = moved.id
    on conflict do nothing
  )${more}
  select id from moved`;

const appendSql = appendWith('');

const appendAlertsSql = appendWith(`, alerted as (
    insert into alerts
      (stream, fingerprint, starts_at, ends_at, status, round, labels, annotations, generator_url, changed_at)
    select moved.id, a.fingerprint, a."startsAt", a."endsAt", a.status, a.round, a.labels, a.annotations,
           a."generatorUrl", to_timestamp(a.at / 1000)
    from moved join jsonb_to_recordset($6::jsonb)
      as a(stream text, fingerprint text, "startsAt" text, "endsAt" text, status text, round int, labels jsonb,
           annotations jsonb, "generatorUrl" text, at float8) on a.stream = moved.id
    on conflict (stream, fingerprint, starts_at) do update
      set ends_at = excluded.ends_at, status = excluded.status, round = excluded.round,
          changed_at = excluded.changed_at, labels = excluded.labels, annotations = excluded.annotations,
          generator_url = excluded.generator_url
  )`);
