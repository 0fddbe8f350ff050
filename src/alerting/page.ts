import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { AlertGroup, Page } from '../alerts/group.ts';
import { alertsTold, pageContent } from '../alerts/page-content.ts';
import { isUntold, pagesOf } from '../alerts/pages-of.ts';
import { Failure, reasons } from '../errors.ts';
import { reasonOf } from '../reason-of.ts';
import type { AlertMetrics } from './alert-metrics.ts';
import type { Alerts } from './alerts.ts';
import { isCalledAgain, openIncidents } from './page-again.ts';
import type { Pager } from './pagerduty-events.ts';
import type { PagerDutyRest } from './pagerduty-rest.ts';

/** What paging needs of the rest. */
export interface PageParts {
  readonly alerts: Pick<Alerts, 'find' | 'handle' | 'episodes'>;
  readonly pager: Pager;
  /** Absent without a REST token. */
  readonly rest?: Pick<PagerDutyRest, 'incidentsOf' | 'acknowledge' | 'callAgain'> | undefined;
  /** Slack user ids to e-mail addresses in PagerDuty. */
  readonly users: Readonly<Record<string, string>>;
  /** The address of a group's message in Slack, once there is one. */
  readonly link?: (group: AlertGroup) => Promise<string | undefined>;
  readonly log: Pick<Logger, 'warn'>;
  readonly metrics?: Pick<AlertMetrics, 'pages'>;
}

const PageJob = z.object({ group: z.string(), round: z.number(), turn: z.number() });

/**
 * Works on a job `page` of the queue `calls`: brings PagerDuty from what it was told to what is wanted, and tells the group that
 * it was accepted or refused for good. A turn that is over does nothing. Throws what trying again may help.
 */
export function pageWork(parts: PageParts): (data: unknown) => Promise<void> {
  return async (data) => {
    const { group: id, round, turn } = PageJob.parse(data);
    const group = await parts.alerts.find(id);
    const page = group && pagesOf(group).find((one) => one.turn === turn);
    if (group === undefined || page === undefined) return;
    if (newestThrough(group, page)?.turn === turn) await bring(parts, round, group, page);
  };
}

async function bring(parts: PageParts, round: number, group: AlertGroup, page: Page): Promise<void> {
  const { alerts } = parts;
  const failure = await failureOf(tell(parts, group, page));
  const after = await alerts.find(group.id);
  const newest = after && newestThrough(after, page);
  if (after !== undefined && newest !== undefined && newest.turn > page.turn) {
    // What was wanted has changed during the call, which may have reached PagerDuty after that of the newer turn: the newest is
    // said once more, as if nothing were known of what PagerDuty has been told.
    const { told: _, ...afresh } = newest;
    const isTakenBack = page.wanted === 'acknowledged' && newest.wanted === 'triggered';
    await bring(parts, round, after, isTakenBack ? { ...newest, told: 'acknowledged' } : afresh);
    return;
  }
  const about = { round, turn: page.turn };
  if (failure === undefined) await alerts.handle(group.id, { type: 'PageTold', ...about });
  else if (reasons[failure.code].retry) {
    parts.metrics?.pages.inc({ outcome: 'unreachable' });
    throw failure;
  } else await alerts.handle(group.id, { type: 'PageRefused', ...about, because: failure.message });
}

function newestThrough(group: AlertGroup, { key, dedupKey }: Page): Page | undefined {
  return pagesOf(group)
    .filter((one) => one.key === key && one.dedupKey === dedupKey)
    .toSorted((a, b) => b.turn - a.turn)[0];
}

async function failureOf(work: Promise<void>): Promise<Failure | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

async function tell(parts: PageParts, group: AlertGroup, page: Page): Promise<void> {
  const { alerts, pager } = parts;
  const { key, dedupKey, wanted, told } = page;
  const follow = { key, dedupKey, summary: '', source: '', severity: group.routing.severity };
  if (wanted === 'resolved') {
    // Also when nothing is known to have been told: a trigger may have been accepted just before the process died.
    await pager.send({ ...follow, action: 'resolve' });
    return;
  }
  for (const earlier of pagesOf(group)) {
    const isSame = earlier.key === key && earlier.dedupKey === dedupKey && earlier.turn < page.turn;
    if (!isSame || !isUntold(earlier)) continue;
    // The incident of an earlier round would swallow the trigger, and call nobody once it is acknowledged.
    await pager.send({ ...follow, action: 'resolve' });
    await alerts.handle(group.id, { type: 'PageTold', round: group.round, turn: earlier.turn });
  }
  if (wanted === 'triggered' && told === 'acknowledged' && (await isCalledAgain(parts, group, page))) return;
  if (wanted === 'triggered' || told === undefined || told === 'resolved') {
    const [episodes, slack] = [await alerts.episodes(group, alertsTold), await linkTo(parts, group)];
    await pager.send({ action: 'trigger', key, dedupKey, ...pageContent(group, episodes, slack) });
  }
  if (wanted === 'triggered' || (await acknowledgedByName(parts, group, page))) return;
  await pager.send({ ...follow, action: 'acknowledge' });
}

/** Acknowledges in the name of whoever did it in Slack, which Events v2 cannot say; false when that is not possible. */
async function acknowledgedByName(parts: PageParts, group: AlertGroup, page: Page): Promise<boolean> {
  const { rest, users, log } = parts;
  const by = group.acknowledged?.by;
  const email = by?.via === 'slack' ? users[by.id] : undefined;
  if (rest === undefined || email === undefined) return false;
  try {
    const [only, ...others] = await openIncidents(rest, page);
    // Where several services have an incident of this key, only the routing key says which is meant.
    if (only === undefined || others.length > 0) return false;
    await rest.acknowledge(only.id, email);
    return true;
  } catch (error) {
    log.warn({ group: group.id, reason: reasonOf(error) }, 'not acknowledged by name in PagerDuty');
    return false;
  }
}

/** Milliseconds that a page waits for Slack, which may be as unwell as everything else. */
const patience = 1_000;

async function linkTo({ link, log }: PageParts, group: AlertGroup): Promise<string | undefined> {
  const over = new AbortController();
  const late = delay(patience, undefined, { signal: over.signal }).catch(() => undefined);
  try {
    return await Promise.race([link?.(group), late]);
  } catch (error) {
    log.warn({ group: group.id, reason: reasonOf(error) }, 'no link to the message in Slack');
    return undefined;
  } finally {
    over.abort();
  }
}
