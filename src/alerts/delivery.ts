import { createHash } from 'node:crypto';
import type { Alert, Labels } from './alert.ts';
import { severities } from './alert.ts';
import type { GroupCommand } from './commands.ts';
import type { AlertSettings } from './settings.ts';
import { severityOf } from './severity.ts';

/** What one webhook, or one look at Alertmanager's API, says of one group. */
export type Delivery = Pick<
  Extract<GroupCommand, { type: 'Deliver' }>,
  | 'receiver'
  | 'groupKey'
  | 'groupLabels'
  | 'commonLabels'
  | 'commonAnnotations'
  | 'externalUrl'
  | 'truncated'
  | 'alerts'
> & {
  /** The dedup key of the group key as it came, where `groupKey` is not all of it. */
  readonly dedupKey?: string;
};

/** The stream of a group: `group-` and 16 hexadecimal digits of the hash of the source, the receiver and the group key. */
export function groupIdOf(source: string, { receiver, groupKey }: Pick<Delivery, 'receiver' | 'groupKey'>) {
  return `group-${hashOf(JSON.stringify([source, receiver, groupKey])).slice(0, 16)}`;
}

/**
 * The dedup key that Alertmanager's own PagerDuty receiver makes of a group key, so that both may page side by side
 * (https://github.com/prometheus/alertmanager, notify/pagerduty: the SHA-256 of the group key in hexadecimal).
 */
export function dedupKeyOf(groupKey: string): string {
  return hashOf(groupKey);
}

/** One alert of each fingerprint: that of the newest episode, and of two tales of one episode that of its end. */
export function oneOfEach(alerts: readonly Alert[]): readonly Alert[] {
  const newest = new Map<string, Alert>();
  for (const alert of alerts) {
    const known = newest.get(alert.fingerprint);
    if (known === undefined || isNewer(alert, known)) newest.set(alert.fingerprint, alert);
  }
  return newest.size === alerts.length ? alerts : [...newest.values()];
}

function isNewer(alert: Alert, known: Alert): boolean {
  if (alert.startsAt !== known.startsAt) return alert.startsAt > known.startsAt;
  return alert.status === 'resolved' && known.status === 'firing';
}

/** The labels that a group is routed by: those that its alerts have in common, and the worst severity that fires. */
export function routedLabels(
  { groupLabels, commonLabels, alerts }: Pick<Delivery, 'groupLabels' | 'commonLabels' | 'alerts'>,
  given: AlertSettings['severities'],
): Labels {
  const common = { ...commonLabels, ...groupLabels };
  if (Object.hasOwn(common, 'severity')) return common;
  const firing = alerts.filter(
    ({ status, labels }) => status === 'firing' && Object.hasOwn(labels, 'severity'),
  );
  const found = new Set(firing.map(({ labels }) => severityOf(labels, given)));
  const severity = severities.find((one) => found.has(one));
  return severity === undefined ? common : { ...common, severity };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
