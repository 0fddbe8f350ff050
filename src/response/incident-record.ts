import type { Pool } from 'pg';
import type { AlertGroup } from '../alerts/group.ts';
import { oneLine } from '../alerts/one-line.ts';
import type { Deployment } from '../deploy/deployment.ts';
import { changedSince } from '../engine/changed-since.ts';
import type { Runs } from '../engine/runs.ts';
import type { Incident, Instant } from '../incidents/incident.ts';
import type { Happening, IncidentRecord } from '../incidents/record.ts';
import type { Walkthrough } from '../walkthroughs/walkthrough.ts';
import type { Walkthroughs } from './walkthroughs.ts';

/** What the record of an incident is read with. */
export interface RecordParts {
  readonly runs: Runs;
  readonly walkthroughs: Pick<Walkthroughs, 'runbookOf'>;
}

/** How long before it began a change may be what caused it, and for how long alerts are followed after it, in milliseconds. */
const day = 86_400_000;

/** How many events are read: an alert that flaps for weeks must not fill the memory. */
const mostEvents = 20_000;

type Linked =
  | { readonly id: string; readonly kind: 'incident'; readonly state: Incident }
  | { readonly id: string; readonly kind: 'alerts'; readonly state: AlertGroup }
  | { readonly id: string; readonly kind: 'run'; readonly state: Deployment }
  | { readonly id: string; readonly kind: 'walkthrough'; readonly state: Walkthrough };

/** Everything that the record says of an incident and of the alert groups, opened runbooks and runs that are linked to it. */
export async function incidentRecord(parts: RecordParts, incident: Incident): Promise<IncidentRecord> {
  const { pool } = parts.runs.parts;
  const linked = await linkedTo(pool, incident);
  const names = new Map(
    await Promise.all(linked.map(async (one) => [one.id, await nameOf(parts, one)] as const)),
  );
  const until = incident.resolvedAt === undefined ? undefined : incident.resolvedAt + day;
  const happenings = (await eventsOf(pool, incident, [...names.keys()], until)).flatMap((event) => {
    const about = names.get(event.stream);
    return about === undefined ? [] : [{ ...event, ...about }];
  });
  return { incident, happenings, before: await changesBefore(parts.runs, incident, linked, happenings) };
}

/** The incident itself and what it is linked to: its groups, its runs with what takes them back, and the runbooks opened for them. */
async function linkedTo(pool: Pool, { id, groups, runs }: Incident): Promise<readonly Linked[]> {
  const rollbacks = runs.map((run) => `${run}-rollback`);
  const { rows } = await pool.query<Linked>(
    `select id, kind, state from streams where id = any($1::text[])
     union all
     select id, kind, state from streams
     where kind = 'walkthrough'
       and (state ->> 'incident' = $2::text
            or (state -> 'alert' ->> 'group', (state -> 'alert' ->> 'round')::int)
               in (select * from jsonb_to_recordset($3::jsonb) as g("group" text, round int)))
     order by id`,
    [[id, ...groups.map(({ group }) => group), ...runs, ...rollbacks], id, JSON.stringify(groups)],
  );
  return rows;
}

type Event = Omit<Happening, 'kind' | 'name' | 'titles'>;

/** Their events by time; those of an alert group from the first opening that is meant, the rest is of other incidents. */
async function eventsOf(
  pool: Pool,
  { groups }: Incident,
  streams: readonly string[],
  until: Instant | undefined,
): Promise<readonly Event[]> {
  const { rows } = await pool.query<Event>(
    `with opened as (
       select e.stream, min(e.version) as version
       from jsonb_to_recordset($2::jsonb) as g("group" text, round int)
       join events e on e.stream = g.group and e.type = 'GroupOpened' and (e.data ->> 'round')::int = g.round
       group by e.stream
     )
     select e.stream, e.version, e.type, e.data, extract(epoch from e.at)::float8 * 1000 as at
     from events e left join opened o on o.stream = e.stream
     where e.stream = any($1::text[])
       and (o.version is null or (e.version >= o.version and ($3::float8 is null or e.at <= to_timestamp($3::float8 / 1000))))
     order by e.at, e.stream, e.version limit $4::int`,
    [streams, JSON.stringify(groups), until ?? null, mostEvents],
  );
  return rows.map((row) => ({ ...row, at: Math.round(row.at) }));
}

/** What people call a stream and its parts. */
async function nameOf(
  { runs, walkthroughs }: RecordParts,
  linked: Linked,
): Promise<Pick<Happening, 'kind' | 'name' | 'titles'>> {
  switch (linked.kind) {
    case 'incident':
      return { kind: 'incident', name: `#${linked.state.number} ${linked.state.title}` };
    case 'alerts': {
      const { groupLabels, commonLabels } = linked.state;
      const name = groupLabels.alertname ?? commonLabels.alertname ?? linked.id;
      return { kind: 'alerts', name: oneLine(name, 120) };
    }
    case 'walkthrough': {
      const { sections } = await walkthroughs.runbookOf(linked.state);
      const titles = sections
        .flatMap(({ parts }) => parts)
        .flatMap((part) => {
          if (part.kind === 'text') return [];
          const title = part.kind === 'task' ? part.markdown : (part.title ?? part.uses);
          return [[part.id, oneLine(title, 200)] as const];
        });
      return {
        kind: 'walkthrough',
        name: linked.state.runbook.title,
        titles: Object.fromEntries(titles),
      };
    }
    case 'run': {
      const { environment, version, kind, planHash, severity } = linked.state;
      const name = `${environment} ${version}${kind === 'rollback' ? ' (rollback)' : ''}`;
      if (planHash === '') return { kind: 'deployment', name };
      const plan = await runs.planOf({ planHash });
      const back = severity === undefined ? [] : (plan.rollback[severity]?.phases ?? []);
      const phases = [...plan.phases, ...(kind === 'rollback' ? back : [])];
      const titles = phases.flatMap(({ id, title, steps }) => [
        ...steps.map((step) => [step.id, step.title ?? step.id] as const),
        [id, title] as const,
      ]);
      return { kind: 'deployment', name, titles: Object.fromEntries(titles) };
    }
  }
}

/** The phases that changed something in the environments concerned within a day before the incident began. */
async function changesBefore(
  runs: Runs,
  { groups, declaredAt }: Incident,
  linked: readonly Linked[],
  happenings: readonly Happening[],
): Promise<IncidentRecord['before']> {
  const opened = happenings
    .filter(
      ({ type, stream, data }) =>
        type === 'GroupOpened' && groups.some(({ group, round }) => group === stream && round === data.round),
    )
    .map(({ at }) => at);
  const began = Math.min(declaredAt, ...opened);
  const environments = new Set(
    linked.flatMap(({ kind, state }) => {
      const environment =
        kind === 'run' ? state.environment : kind === 'alerts' ? state.routing.environment : undefined;
      return environment === undefined ? [] : [environment];
    }),
  );
  const found = await Promise.all(
    [...environments].map(async (environment) => {
      const changes = await changedSince(runs, environment, began - day, began);
      return changes.map((change) => ({ environment, ...change }));
    }),
  );
  return found.flat().toSorted((one, other) => one.at - other.at);
}
