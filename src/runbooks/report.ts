import type { Fault } from './library.ts';

/** What owners of runbooks are told of one week: a stream each, written once and never changed. */
export interface Report {
  /** `report-2026-w47`. */
  readonly id: string;
  /** When it was written, in milliseconds since 1970. */
  readonly at: number;
  readonly letters: readonly Letter[];
}

/** What one group of owners is told, or what nobody owns; nothing in it is empty of news. */
export interface Letter {
  /** A group of slipway.yaml; absent for what nobody owns. */
  readonly owner?: string;
  /** Slack user ids, each of whom gets a message of their own. */
  readonly people: readonly string[];
  /** A channel that is told instead. */
  readonly channel?: string;
  readonly news: News;
}

/** What runbooks lack; each list holds at most thirty, and `left` counts what it does not hold. */
export interface News {
  /** Alerts that fired without a runbook, and how often, the commonest first. */
  readonly unanswered: readonly Unanswered[];
  /** Runbooks that nobody has reviewed lately. */
  readonly stale: readonly { readonly name: string; readonly title: string; readonly reviewed?: string }[];
  readonly remarks: readonly ReportedRemark[];
  readonly faults: readonly Fault[];
  readonly left: number;
}

/** An alert without a runbook, and how often it began to fire. */
export interface Unanswered {
  readonly alert: string;
  readonly times: number;
}

/** "This step was wrong", as somebody said it of a runbook that was opened. */
export interface ReportedRemark {
  readonly name: string;
  /** The task or step that is meant; the whole when absent. */
  readonly part?: string;
  readonly text: string;
  readonly by: string;
  readonly at: number;
}

/** Writes the report of a week. */
export type ReportCommand = { readonly type: 'Write' } & Pick<Report, 'id' | 'letters'>;

/** The one thing that happens to a report. */
export type ReportEvent = { readonly type: 'ReportWritten' } & Report;

/** A report is written once: who comes second changes nothing. */
export function decideReport(
  report: Report | undefined,
  { id, letters }: ReportCommand,
  now: number,
): { readonly ok: true; readonly events: readonly ReportEvent[] } {
  if (report !== undefined) return { ok: true, events: [] };
  return { ok: true, events: [{ type: 'ReportWritten', id, letters, at: now }] };
}

/** The report as it was written. */
export function evolveReport(_report: Report | undefined, { id, at, letters }: ReportEvent): Report {
  return { id, at, letters };
}
