import type { AlertSeverity } from './alert.ts';
import type { Matcher } from './group.ts';

/** A group that opens this often within this span (milliseconds) flaps. */
export interface FlapBudget {
  readonly episodes: number;
  readonly within: number;
}

/** One step of an escalation policy: who is told, and how long the policy waits before it, in milliseconds. */
export interface PolicyStep {
  readonly wait: number;
  readonly tell: Recipient;
}

/** Whoever is on call in a schedule, or is next; everybody of a group; or a PagerDuty service by the name of its routing key. */
export type Recipient =
  | { readonly schedule: string; readonly who: 'now' | 'next' }
  | { readonly group: string }
  | { readonly page: string };

/** Hours in which a route neither pages nor escalates. Days count from 1, Monday, to 7; `from` and `to` are minutes after midnight in the zone. */
export interface QuietHours {
  readonly name: string;
  readonly timeZone: string;
  readonly days: readonly number[];
  readonly from: number;
  readonly to: number;
}

/** Who is on call when: people take turns of `shift` milliseconds of wall clock from `start` on; an override takes precedence. */
export interface Rotation {
  readonly name: string;
  readonly timeZone: string;
  /** Local wall clock of the zone, `2026-11-02T09:00`. */
  readonly start: string;
  /** Whole days of a turn; days may be 23 or 25 hours long. */
  readonly days: number;
  /** Slack user ids in turn. */
  readonly people: readonly string[];
  readonly overrides: readonly { readonly from: string; readonly to: string; readonly person: string }[];
}

/** A schedule that PagerDuty keeps, by its id. */
export interface PagerDutySchedule {
  readonly name: string;
  readonly pagerduty: string;
}

/** A route: the first whose matchers all match decides, in the order of the file. */
export interface Route {
  readonly name: string;
  readonly match: readonly Matcher[];
  readonly channel: string;
  /** When absent, the alert's own `severity` label through `severities`. */
  readonly severity?: AlertSeverity;
  readonly page?: string;
  readonly policy?: string;
  readonly environment?: string;
  readonly quiet?: readonly string[];
}

/** What `alerts` of slipway.yaml says, apart from addresses and secrets. */
export interface AlertSettings {
  /** Tried in order; the last one matches everything. */
  readonly routes: readonly Route[];
  /** What people write into a `severity` label, in lower case, to PagerDuty's four; anything else is `warning`. */
  readonly severities: Readonly<Record<string, AlertSeverity>>;
  readonly quietHours: Readonly<Record<string, QuietHours>>;
  readonly schedules: Readonly<Record<string, Rotation | PagerDutySchedule>>;
  readonly policies: Readonly<Record<string, readonly PolicyStep[]>>;
  readonly flapping: FlapBudget;
  /** For how long after a phase changed something an alert is told to be near it, in milliseconds. */
  readonly relateWithin: number;
  /** Groups of people who may acknowledge, escalate and resolve, and who may silence. */
  readonly may: Readonly<Record<'respond' | 'silence', readonly string[]>>;
  /** Whether a silence made here ends when its group closes. */
  readonly endSilences: boolean;
}
