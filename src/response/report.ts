import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Alerts } from '../alerting/alerts.ts';
import type { IncidentSettings } from '../incidents/settings.ts';
import type { JobsByName, Queues } from '../queue/queues.ts';
import type { Library } from '../runbooks/library.ts';
import type { Report } from '../runbooks/report.ts';
import { lettersOf } from '../runbooks/report-letters.ts';
import { type DueReport, reportsAround } from '../runbooks/report-week.ts';
import { handle } from '../store/handle.ts';
import type { OutboxRow } from '../store/outbox.ts';
import { load } from '../store/streams.ts';
import { hasRecordBefore, remarksBetween, unansweredBetween } from './report-facts.ts';
import { reportRules } from './report-rules.ts';

/** What the weekly report is made from. */
export interface ReportParts {
  readonly pool: Pool;
  readonly settings: Pick<IncidentSettings, 'report' | 'announce'>;
  readonly library: Pick<Library, 'all' | 'faults'>;
  /** Absent where slipway.yaml says nothing of alerts. */
  readonly alerts: Pick<Alerts, 'episodes'> | undefined;
  /** The members of a group of slipway.yaml. */
  readonly members: (group: string) => Promise<readonly string[]>;
  readonly now: () => number;
  /** Called after each commit with the time when its first job may be handed over, in milliseconds since 1970. */
  readonly nudge: (due: number) => void;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** How late a report is still written, when nothing was running at its time, in milliseconds. */
const lateMs = 3 * 86_400_000;
const weekMs = 7 * 86_400_000;

/** How long before its time a report is put into the queue, in milliseconds: its time may be changed until then. */
const aheadMs = 10 * 60_000;

const ReportJob = z.object({ report: z.string().regex(/^report-\d{4}-w\d{2}$/), due: z.number() });

/** The job `report` of the queue `timers`: writes the report of a week, once, also when there is nothing to say. */
export function reportWork(parts: ReportParts): JobsByName {
  return {
    report: async (data) => {
      const { report: id, due } = ReportJob.parse(data);
      await writeReport(parts, { id, due });
    },
  };
}

/** Asks the queue for the next report when its time is near, and for the last one when it was missed. What is queued already is ignored there. */
export async function refillReport(
  { pool, settings, now }: Pick<ReportParts, 'pool' | 'settings' | 'now'>,
  queues: Pick<Queues, 'add'>,
): Promise<void> {
  const at = now();
  const { last, next } = reportsAround(settings.report, at);
  const isMissed =
    at - last.due <= lateMs &&
    (await load<Report>(pool, last.id)) === undefined &&
    (await hasRecordBefore(pool, last.due));
  const isNear = next.due - at <= aheadMs;
  await queues.add([...(isMissed ? [jobOf(last)] : []), ...(isNear ? [jobOf(next)] : [])], at);
}

function jobOf({ id, due }: DueReport): OutboxRow {
  return { id, queue: 'timers', name: 'report', data: { report: id, due }, runAt: due };
}

/** Writes the report of the week that ends when it is due; a second time changes nothing. */
async function writeReport(parts: ReportParts, { id, due }: DueReport): Promise<void> {
  const { pool, settings, library, alerts, members, now, nudge, log } = parts;
  if ((await load<Report>(pool, id)) !== undefined) return;
  const runbooks = library.all();
  const from = due - weekMs;
  const remarks = await remarksBetween(pool, from, due);
  const owners = new Set([...runbooks, ...remarks].flatMap(({ owner }) => owner ?? []));
  const people = await Promise.all([...owners].map(async (owner) => [owner, await members(owner)] as const));
  const { announce } = settings;
  const letters = lettersOf({
    now: due,
    runbooks,
    faults: library.faults(),
    unanswered: alerts === undefined ? [] : await unansweredBetween(pool, alerts, runbooks, from, due),
    remarks,
    people: Object.fromEntries(people.filter(([, users]) => users.length > 0)),
    ...(announce !== undefined && { announce }),
  });
  const handled = await handle(pool, reportRules, id, { type: 'Write', id, letters }, now());
  if (!handled.ok || handled.events.length === 0) return;
  nudge(handled.due ?? now());
  log.info({ report: id, letters: letters.length }, 'report on runbooks written');
}
