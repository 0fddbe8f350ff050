import type { AlertSeverity, Episode, Labels, Stamp } from './alert.ts';

/** Milliseconds since 1970. */
export type Instant = number;

/** Who did something: a Slack user (`U…`), somebody in PagerDuty by name, or Slipway by itself. */
export interface Actor {
  readonly via: 'slack' | 'pagerduty' | 'slipway';
  readonly id: string;
  readonly name?: string;
}

/** What the routes of slipway.yaml made of a group when it opened. */
export interface Routing {
  /** The route's name, for `slipway alerts route` and the record. */
  readonly route: string;
  readonly channel: string;
  readonly severity: AlertSeverity;
  /** The name of the PagerDuty routing key that is paged at once, if any. */
  readonly page?: string;
  /** The name of the escalation policy, if any; quiet hours take it away. */
  readonly policy?: string;
  readonly environment?: string;
  /** The name of the quiet hours that this group opened in. */
  readonly quiet?: string;
}

/** A silence in Alertmanager that was asked for here. `number` counts within the group. */
export interface Silence {
  readonly number: number;
  /** The whole group by its group labels, or one alert by its fingerprint. */
  readonly scope: 'group' | string;
  readonly matchers: readonly Matcher[];
  readonly by: Actor;
  readonly comment: string;
  readonly until: Instant;
  /** Alertmanager's id, once it exists there; an update may give it a new one. */
  readonly id?: string;
  readonly status: 'asked' | 'active' | 'ending' | 'ended' | 'failed';
  /** Counts what was asked of Alertmanager, so that an old call is known to be old. */
  readonly turn: number;
  /** Why what was asked last failed, in words for people; one that was made before that goes on as it was. */
  readonly because?: string;
}

/** One matcher of Alertmanager's API v2 (api/v2/openapi.yaml, `matcher`). */
export interface Matcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly isEqual: boolean;
}

/** Where an escalation stands: `step` counts from 0 and is the next one to be taken, at `nextAt`. */
export interface Escalation {
  readonly policy: string;
  readonly step: number;
  readonly nextAt: Instant;
  readonly status: 'running' | 'stopped' | 'exhausted';
  /** Who was told so far, newest last; at most twenty are kept. */
  readonly told: readonly Told[];
}

/** One step of an escalation that was taken. */
export interface Told {
  readonly at: Instant;
  readonly step: number;
  /** Slack user ids that were written to, and the PagerDuty routing key that was paged. */
  readonly people: readonly string[];
  readonly page?: string;
  /** What could not be done, such as a schedule with nobody on it. */
  readonly because?: string;
}

/** An incident in PagerDuty that stands for an opening of the group. */
export interface Page {
  /** The name of the routing key: an alert can only be resolved with the key that triggered it. */
  readonly key: string;
  readonly dedupKey: string;
  /**
   * What PagerDuty should show, and what it is known to have accepted; a call is due while they differ. Without `told` it may
   * not know the page at all, and drops an acknowledgement of what was never triggered.
   */
  readonly wanted: PageStatus;
  readonly told?: PageStatus;
  /** Counts what was wanted, so that an old call is known to be old. */
  readonly turn: number;
  /** The names of those it is assigned to in PagerDuty. */
  readonly assignees?: readonly string[];
  /** Why PagerDuty refused it for good. */
  readonly refused?: string;
}

export type PageStatus = 'triggered' | 'acknowledged' | 'resolved';

/** A deployment that changed something in the group's environment shortly before it opened. */
export interface RelatedRun {
  readonly run: string;
  readonly version: string;
  readonly phase: string;
  readonly at: Instant;
  /** The Slack user id of whoever asked for the run. */
  readonly by: string;
}

/** What changed, for the thread: one message each. `number` counts within the group and is never used again. */
export interface Change {
  readonly number: number;
  readonly at: Instant;
  readonly round: number;
  readonly what:
    | 'fired'
    | 'resolved'
    | 'acknowledged'
    | 'unacknowledged'
    | 'silenced'
    | 'silence-ended'
    | 'silence-failed'
    | 'escalated'
    | 'paged'
    | 'page-refused'
    | 'reassigned'
    | 'page-closed'
    | 'reopened'
    | 'closed'
    | 'related';
  readonly by?: Actor;
  /** How many alerts it is about, and some of them by their distinguishing labels. */
  readonly count?: number;
  readonly some?: readonly Labels[];
  readonly detail?: string;
}

/**
 * Alerts that Alertmanager sends as one: a stream for each source, receiver and group key, for good. It opens (a *round*),
 * fires, and closes when nothing of it fires any more; what fires later is the next round. Its alerts are rows beside it.
 */
export interface AlertGroup {
  /** `group-` and 16 hexadecimal digits of the hash of source, receiver and group key. */
  readonly id: string;
  readonly source: string;
  readonly receiver: string;
  readonly groupKey: string;
  readonly groupLabels: Labels;
  readonly commonLabels: Labels;
  readonly commonAnnotations: Labels;
  /** The Alertmanager that delivered last; peers have different addresses. */
  readonly externalUrl: string;
  readonly routing: Routing;
  readonly status: 'firing' | 'resolved';
  /** How often the group has opened; 0 when only the end of an alert is known of it, so that there is nothing to show. */
  readonly round: number;
  readonly openedAt: Instant;
  /** When the first of its alerts started to fire, by the source's clock. */
  readonly since: Stamp;
  readonly closedAt?: Instant;
  /** `resolved`: told by a webhook; `gone`: the poll found it no longer in Alertmanager, as while it is silenced. */
  readonly closedBecause?: 'resolved' | 'gone';
  /** Episodes of this round that fire now, and that have ended. */
  readonly firing: number;
  readonly resolved: number;
  /** Under which PagerDuty knows its pages. */
  readonly dedupKey: string;
  /** How many alerts the last delivery left out (max_alerts); while it is more than 0 a delivery cannot close the group. */
  readonly truncated: number;
  readonly acknowledged?: { readonly by: Actor; readonly at: Instant };
  /** Somebody pressed Resolve: nobody is paged for this round any more, whatever Prometheus says. */
  readonly dismissed?: { readonly by: Actor; readonly at: Instant };
  /** The newest last; at most ten are kept besides those in force. */
  readonly silences: readonly Silence[];
  readonly silencesSoFar: number;
  readonly escalation?: Escalation;
  /** The page of this round. */
  readonly page?: Page;
  /** Pages through other keys: of steps that paged another service, and of earlier rounds until PagerDuty has closed them; at most ten. */
  readonly otherPages: readonly Page[];
  /** Counts the calls to PagerDuty over all rounds: each page's `turn` comes from it. */
  readonly pageTurns: number;
  readonly related: readonly RelatedRun[];
  /** When it opened lately, newest last, at most fifty: what flapping is judged by. */
  readonly openings: readonly Instant[];
  /** Whether it opens so often that its rounds share one message. */
  readonly flapping: boolean;
  /** Which message shows the group: rounds of a flapping group keep it. */
  readonly message: number;
  /** The newest last: twenty of all kinds, and of what was done, not only fired or ended, the newest ten in any case. */
  readonly changes: readonly Change[];
  readonly changesSoFar: number;
  /** The newest incident that is about an opening of the group: its stream, what people call it, its channel, and the opening. */
  readonly incident?: {
    readonly id: string;
    readonly number: number;
    readonly channel: string;
    readonly round: number;
  };
  /** The hashes of the deliveries that changed something, the newest last, at most twenty: one of them that comes late tells nothing new. */
  readonly deliveries: readonly string[];
}

/** A group as it opened for the first time: with the alerts that fire, the types of what happened, and the version of its stream. */
export interface OpenedGroup {
  readonly group: AlertGroup;
  readonly version: number;
  readonly episodes: readonly Episode[];
  readonly happened: readonly string[];
}

/** What the digest says of a group that has no message of its own yet. */
export type FoldedGroup = Pick<
  AlertGroup,
  | 'id'
  | 'round'
  | 'groupLabels'
  | 'commonLabels'
  | 'commonAnnotations'
  | 'routing'
  | 'status'
  | 'firing'
  | 'openedAt'
  | 'acknowledged'
>;
