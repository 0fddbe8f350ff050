import type { Pool } from 'pg';
import type { Episode } from '../alerts/alert.ts';
import type { AlertGroup } from '../alerts/group.ts';
import type { KeptEpisode } from './comparison.ts';

/** Episodes of a source that fire. */
export async function firingEpisodes(pool: Pool, source: string): Promise<readonly KeptEpisode[]> {
  const { rows } = await pool.query<KeptEpisode>(
    `select alerts.stream as "group", fingerprint, starts_at as "startsAt"
     from streams join alerts on alerts.stream = streams.id and alerts.status = 'firing'
     where streams.kind = 'alerts' and streams.state ->> 'source' = $1::text`,
    [source],
  );
  return rows;
}

/** Of these alerts the newest episode in each group of a source, where it has ended. */
export async function closedEpisodes(
  pool: Pool,
  source: string,
  fingerprints: readonly string[],
): Promise<readonly KeptEpisode[]> {
  if (fingerprints.length === 0) return [];
  const { rows } = await pool.query<KeptEpisode>(
    `select "group", fingerprint, "startsAt" from (
       select distinct on (alerts.stream, fingerprint)
              alerts.stream as "group", fingerprint, starts_at as "startsAt", status
       from streams join alerts on alerts.stream = streams.id
       where streams.kind = 'alerts' and streams.state ->> 'source' = $1::text
         and fingerprint = any($2::text[])
       order by alerts.stream, fingerprint, starts_at desc
     ) as newest where status = 'resolved'`,
    [source, fingerprints],
  );
  return rows;
}

/** Receivers of a source that ever delivered. */
export async function receiversOf(pool: Pool, source: string): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ receiver: string }>(
    `select distinct state ->> 'receiver' as receiver from streams
     where kind = 'alerts' and state ->> 'source' = $1::text`,
    [source],
  );
  return new Set(rows.map(({ receiver }) => receiver));
}

/** Groups of a source that fire and were told without some of their alerts. */
export async function truncatedGroups(pool: Pool, source: string): Promise<readonly AlertGroup[]> {
  const { rows } = await pool.query<{ state: AlertGroup }>(
    `select state from streams
     where kind = 'alerts' and state ->> 'source' = $1::text and not ended
       and (state ->> 'truncated')::int > 0`,
    [source],
  );
  return rows.map(({ state }) => state);
}

/** Groups of a source that fire and have a silence in force, and those with these ids. */
export async function groupsWithSilences(
  pool: Pool,
  source: string,
  ids: readonly string[],
): Promise<readonly AlertGroup[]> {
  const { rows } = await pool.query<{ state: AlertGroup }>(
    `select state from streams
     where kind = 'alerts' and state ->> 'source' = $1::text
       and (id = any($2::text[]) or (not ended and state @? '$.silences[*] ? (@.status == "active")'))`,
    [source, ids],
  );
  return rows.map(({ state }) => state);
}

/** These episodes of a group, whole. */
export async function wholeEpisodes(
  pool: Pool,
  group: string,
  fingerprints: readonly string[],
): Promise<readonly Episode[]> {
  const { rows } = await pool.query<Episode>(
    `select fingerprint, status, starts_at as "startsAt", ends_at as "endsAt", round, labels, annotations,
            generator_url as "generatorUrl"
     from alerts where stream = $1::text and fingerprint = any($2::text[])`,
    [group, fingerprints],
  );
  return rows;
}
