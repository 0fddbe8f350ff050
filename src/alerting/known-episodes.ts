import type { Pool } from 'pg';
import type { Episode, Stamp } from '../alerts/alert.ts';
import type { AlertGroup } from '../alerts/group.ts';
import type { Loaded } from '../store/streams.ts';

/** A group as it stands, with the newest episode that is kept of each fingerprint that was asked for. */
export interface KnownGroup extends Loaded<AlertGroup> {
  readonly known: readonly Episode[];
}

interface Row extends Loaded<AlertGroup> {
  readonly id: string;
  readonly known: readonly (Omit<Episode, 'endsAt'> & { readonly endsAt: Stamp | null })[];
}

/** Loads groups by their ids with the episodes of the fingerprints asked for, all as of one moment; a group that is not there is left out. */
export async function loadKnown(
  pool: Pool,
  asked: readonly { readonly id: string; readonly fingerprints: readonly string[] }[],
): Promise<ReadonlyMap<string, KnownGroup>> {
  const pairs = asked.flatMap(({ id, fingerprints }) => fingerprints.map((one) => [id, one] as const));
  const { rows } = await pool.query<Row>({
    name: 'load-known-episodes',
    text: `with newest as (
             select asked.stream, json_agg(a) as known
             from unnest($2::text[], $3::text[]) as asked(stream, fingerprint)
             cross join lateral (
               select fingerprint, status, starts_at as "startsAt", ends_at as "endsAt", round, labels, annotations,
                      generator_url as "generatorUrl"
               from alerts where alerts.stream = asked.stream and alerts.fingerprint = asked.fingerprint
               order by starts_at desc limit 1
             ) a
             group by asked.stream
           )
           select streams.id, state, version, hash, coalesce(known, '[]') as known
           from streams left join newest on newest.stream = streams.id
           where streams.id = any($1::text[])`,
    values: [asked.map(({ id }) => id), pairs.map(([id]) => id), pairs.map(([, fingerprint]) => fingerprint)],
  });
  return new Map(rows.map(({ id, known, ...loaded }) => [id, { ...loaded, known: known.map(episodeOf) }]));
}

function episodeOf({ endsAt, ...rest }: Row['known'][number]): Episode {
  return endsAt === null ? rest : { ...rest, endsAt };
}
