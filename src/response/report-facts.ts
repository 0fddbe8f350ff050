import type { Pool } from 'pg';
import type { Alerts } from '../alerting/alerts.ts';
import type { AlertGroup } from '../alerts/group.ts';
import type { ReportedRemark, Unanswered } from '../runbooks/report.ts';
import { runbookFor, runbookForGroup } from '../runbooks/resolve.ts';
import type { Runbook } from '../runbooks/runbook.ts';

/** The most alerts of a group that are asked for their runbook, and rows of a week that are read. */
const most = { episodes: 30, rows: 2_000 } as const;

/** The alerts that began to fire between two instants and that no runbook answers, with how often. */
export async function unansweredBetween(
  pool: Pool,
  alerts: Pick<Alerts, 'episodes'>,
  runbooks: readonly Runbook[],
  from: number,
  until: number,
): Promise<readonly Unanswered[]> {
  const counts = new Map<string, number>();
  for (const { state, times } of await openedBetween(pool, from, until)) {
    for (const alert of await withoutRunbook(alerts, runbooks, state)) {
      counts.set(alert, (counts.get(alert) ?? 0) + times);
    }
  }
  return [...counts].map(([alert, times]) => ({ alert, times }));
}

/** The names of a group's alerts when no runbook answers them. */
async function withoutRunbook(
  alerts: Pick<Alerts, 'episodes'>,
  runbooks: readonly Runbook[],
  group: AlertGroup,
): Promise<readonly string[]> {
  if (runbookForGroup(runbooks, group, []) !== undefined) return [];
  const common = group.groupLabels.alertname ?? group.commonLabels.alertname;
  const episodes = await alerts.episodes(group, most.episodes);
  const unanswered = episodes.filter((episode) => runbookFor(runbooks, episode) === undefined);
  // One runbook among its alerts answers a group of one name.
  if (common !== undefined) return unanswered.length < episodes.length ? [] : [common];
  return [...new Set(unanswered.map(({ labels }) => labels.alertname ?? 'without a name'))];
}

async function openedBetween(
  pool: Pool,
  from: number,
  until: number,
): Promise<readonly { readonly state: AlertGroup; readonly times: number }[]> {
  const { rows } = await pool.query<{ state: AlertGroup; times: number }>(
    `select s.state, e.times
     from streams s join (
       select stream, count(*)::int as times from events
       where type = 'GroupOpened'
         and at >= to_timestamp($1::float8 / 1000) and at < to_timestamp($2::float8 / 1000)
       group by stream
     ) e on e.stream = s.id
     where s.kind = 'alerts' and s.changed_at >= to_timestamp($1::float8 / 1000)
     order by e.times desc, s.id limit $3::int`,
    [from, until, most.rows],
  );
  return rows;
}

/** What was said to be wrong in opened runbooks between two instants, the oldest first; `owner` is who owned the runbook then. */
export async function remarksBetween(
  pool: Pool,
  from: number,
  until: number,
): Promise<readonly (ReportedRemark & { readonly owner?: string })[]> {
  const { rows } = await pool.query<
    Omit<ReportedRemark, 'part'> & { readonly part: string | null; readonly owner: string | null }
  >(
    `select s.state -> 'runbook' ->> 'name' as name, s.state -> 'runbook' ->> 'owner' as owner,
            e.data ->> 'part' as part, e.data ->> 'text' as text, e.data ->> 'by' as by,
            extract(epoch from e.at)::float8 * 1000 as at
     from streams s join events e on e.stream = s.id
     where s.kind = 'walkthrough' and s.changed_at >= to_timestamp($1::float8 / 1000)
       and e.type = 'Remarked'
       and e.at >= to_timestamp($1::float8 / 1000) and e.at < to_timestamp($2::float8 / 1000)
     order by e.at, s.id limit $3::int`,
    [from, until, most.rows],
  );
  return rows.map(({ part, owner, at, ...row }) => ({
    ...row,
    at: Math.round(at),
    ...(part !== null && { part }),
    ...(owner !== null && { owner }),
  }));
}

/** Whether the record holds anything that is older than an instant: a new installation owes nobody last week's report. */
export async function hasRecordBefore(pool: Pool, at: number): Promise<boolean> {
  const { rows } = await pool.query<{ is: boolean }>(
    'select exists (select from streams where created_at < to_timestamp($1::float8 / 1000)) as is',
    [at],
  );
  return rows[0]?.is === true;
}
