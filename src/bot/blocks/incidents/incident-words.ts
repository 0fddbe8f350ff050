import type { Incident, IncidentSeverity, IncidentStatus, Role } from '../../../incidents/incident.ts';
import { clip, escaped } from '../escape.ts';
import { sign } from '../signs.ts';

/** The mark of each severity, the same squares as those of alerts. */
export const severityMark = {
  critical: '🟥',
  high: '🟧',
  medium: '🟨',
  low: '🟦',
} as const satisfies Record<IncidentSeverity, string>;

/** The severities as words. */
export const severityName = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
} as const satisfies Record<IncidentSeverity, string>;

/** The states as words. */
export const statusName = {
  investigating: 'Investigating',
  identified: 'Identified',
  monitoring: 'Monitoring',
  resolved: 'Resolved',
} as const satisfies Record<IncidentStatus, string>;

/** What each state means, for whoever has to choose one. */
export const statusMeaning = {
  investigating: 'the cause is being looked for',
  identified: 'the cause is known, it is being worked on',
  monitoring: 'it is mitigated and being watched',
} as const satisfies Record<Exclude<IncidentStatus, 'resolved'>, string>;

/** The roles as words. */
export const roleName = {
  commander: 'Commander',
  communications: 'Communications',
  scribe: 'Scribe',
} as const satisfies Record<Role, string>;

/** What each role is for. */
export const roleMeaning = {
  commander: 'decides, and keeps the overview',
  communications: 'tells people, inside and outside',
  scribe: 'writes down what happens',
} as const satisfies Record<Role, string>;

/** The mark of an incident: how bad it is while it is open, done once it is resolved. */
export function markOf({ severity, status }: Pick<Incident, 'severity' | 'status'>): string {
  return status === 'resolved' ? sign.done : severityMark[severity];
}

/** An incident's title as escaped mrkdwn. */
export function titleOf({ title }: Pick<Incident, 'title'>): string {
  return clip(escaped(title), 200);
}

/** What people wrote, as lines of mrkdwn that do nothing; at most `limit` characters. */
export function said(text: string, limit: number): string {
  return clip(
    text
      .split(/\r\n?|\n/u)
      .slice(0, 60)
      .map(escaped)
      .join('\n')
      .replace(/\n{3,}/gu, '\n\n'),
    limit,
  );
}
