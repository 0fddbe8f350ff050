import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { AlertGroup, Instant, Page } from '../alerts/group.ts';
import { isOpen } from '../alerts/pages-of.ts';
import { reasonOf } from '../reason-of.ts';
import type { Alerts } from './alerts.ts';
import type { Pager } from './pagerduty-events.ts';
import type { PagerDutyIncident, PagerDutyRest } from './pagerduty-rest.ts';

/** Where PagerDuty and a group differ. */
export interface PageDrift {
  readonly group: string;
  /**
   * `still-open` there although the group has closed: resolved once more. `resolved` or `acknowledged` there although nothing was
   * heard of it: now the group says so. `missing`: PagerDuty took the page and made no incident of it.
   */
  readonly found: 'still-open' | 'resolved' | 'acknowledged' | 'missing';
}

/** What comparing needs of the rest. */
export interface PageDriftParts {
  readonly pool: Pool;
  readonly alerts: Pick<Alerts, 'handle'>;
  readonly pager: Pager;
  readonly rest: Pick<PagerDutyRest, 'incidentsOf'>;
  readonly log: Pick<Logger, 'warn'>;
  /** Calls to the REST API at a time. */
  readonly most?: number;
}

/** Two minutes for what is on its way; then each group again after ten. */
const settled = 120_000;
const again = 600_000;

/** For how long a closed group is looked after, in milliseconds. */
const closedLately = 3_600_000;

type Paged = AlertGroup & { readonly page: Page };

/**
 * Compares groups with their incidents in PagerDuty, a bounded number at each call, those first that were not looked at for
 * longest, and repairs what differs. To be called every minute.
 */
export function openPageDrift(parts: PageDriftParts): (now: Instant) => Promise<readonly PageDrift[]> {
  const { pool, rest, log, most = 30 } = parts;
  /** When each opening of a group was last looked at. */
  const looked = new Map<string, Instant>();

  return async (now) => {
    const groups = await comparable(pool, now);
    const names = new Set(groups.map(nameOf));
    for (const name of looked.keys()) if (!names.has(name)) looked.delete(name);
    const due = groups
      .map((group) => ({ group, at: looked.get(nameOf(group)) ?? 0 }))
      .filter(({ at }) => now - at >= again)
      .toSorted((a, b) => a.at - b.at)
      .slice(0, most);
    const drifts: PageDrift[] = [];
    for (const { group } of due) {
      try {
        const drift = await compare(parts, group, await rest.incidentsOf(group.page.dedupKey));
        looked.set(nameOf(group), now);
        if (drift === undefined) continue;
        log.warn({ ...drift }, 'PagerDuty and an alert group differed');
        drifts.push(drift);
      } catch (error) {
        // What is away now is away for the others too.
        log.warn({ group: group.id, reason: reasonOf(error) }, 'not compared with PagerDuty');
        break;
      }
    }
    return drifts;
  };
}

/** An opening of a group; once it has closed it is looked at anew. */
function nameOf({ id, round, status }: AlertGroup): string {
  return `${id} ${round} ${status}`;
}

async function compare(
  { alerts, pager }: PageDriftParts,
  group: Paged,
  incidents: readonly PagerDutyIncident[],
): Promise<PageDrift | undefined> {
  const { id, page, openedAt, closedAt = openedAt } = group;
  const { key, dedupKey } = page;
  const open = incidents.filter(({ status }) => status !== 'resolved');
  if (group.status === 'resolved') {
    // One that was opened since is of alerts that have not been heard of here yet.
    if (!open.some(({ createdAt }) => createdAt <= closedAt)) return undefined;
    const { severity } = group.routing;
    await pager.send({ action: 'resolve', key, dedupKey, summary: '', source: '', severity });
    return { group: id, found: 'still-open' };
  }
  const by = { via: 'pagerduty', id: 'pagerduty', name: 'PagerDuty' } as const;
  const [only, ...others] = open;
  if (only !== undefined) {
    // What was acknowledged from here is no news.
    if (others.length > 0 || only.status !== 'acknowledged' || page.told !== 'triggered') return undefined;
    const name = only.acknowledgers[0];
    const who = name === undefined ? by : { ...by, name };
    await alerts.handle(id, { type: 'PageChanged', dedupKey, to: 'acknowledged', by: who });
    return { group: id, found: 'acknowledged' };
  }
  // One of an earlier opening must not end this one.
  if (!incidents.some(({ createdAt }) => createdAt >= openedAt)) return { group: id, found: 'missing' };
  await alerts.handle(id, { type: 'PageChanged', dedupKey, to: 'resolved', by });
  return { group: id, found: 'resolved' };
}

/** Groups whose page PagerDuty has been told of for a while, and that nobody else shares a key with while they are closed. */
async function comparable(pool: Pool, now: Instant): Promise<readonly Paged[]> {
  const { rows } = await pool.query<{ state: Paged }>(
    `select s.state from streams s
     where s.kind = 'alerts' and s.state -> 'page' ->> 'told' = s.state -> 'page' ->> 'wanted'
       and s.changed_at <= to_timestamp($1::float8 / 1000)
       and (
         not s.ended
         or (s.state ->> 'closedAt')::float8 > $2::float8
           and not exists (
             select from streams o
             where o.kind = 'alerts' and not o.ended and o.id <> s.id
               and o.state -> 'page' ->> 'dedupKey' = s.state -> 'page' ->> 'dedupKey'
           )
       )
     order by s.changed_at limit 1000`,
    [now - settled, now - closedLately],
  );
  return rows
    .map(({ state }) => state)
    .filter(({ status, page, dismissed }) =>
      status === 'resolved' ? page.wanted === 'resolved' : isOpen(page) && dismissed === undefined,
    );
}
