/** Label or annotation names to their values, as they came; nothing in them may be trusted or shown unescaped. */
export type Labels = Readonly<Record<string, string>>;

/** PagerDuty's four severities, worst first (https://developer.pagerduty.com/docs/events-api-v2/trigger-events). */
export const severities = ['critical', 'error', 'warning', 'info'] as const;

export type AlertSeverity = (typeof severities)[number];

/**
 * A time as Alertmanager writes it, brought to UTC with nine decimals (`2026-11-22T03:04:05.123456789Z`): texts compare as the
 * times do, and no nanosecond is lost.
 */
export type Stamp = string;

/** One alert as a delivery tells it. An episode is this alert from `startsAt` until it ends. */
export interface Alert {
  /** Alertmanager's hash of the label set, 16 hexadecimal digits. */
  readonly fingerprint: string;
  readonly status: 'firing' | 'resolved';
  readonly startsAt: Stamp;
  /** Only of a resolved alert. */
  readonly endsAt?: Stamp;
  readonly labels: Labels;
  readonly annotations: Labels;
  /** Where Prometheus shows the rule's expression; empty when the source gave no address. */
  readonly generatorUrl: string;
}

/** What is kept of an episode beside its group, a row each. */
export interface Episode extends Alert {
  /** Of which opening of the group it is; 0 when it is of none: it ended unseen, or goes on as a later episode. */
  readonly round: number;
  /** The annotations as they were when it last fired: what a resolved alert says later is of no use to a reader. */
  readonly annotations: Labels;
}
