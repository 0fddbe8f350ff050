import type { AlertSeverity, Episode, Labels } from '../../../alerts/alert.ts';
import type { Actor } from '../../../alerts/group.ts';
import { clip, code, escaped, mention } from '../escape.ts';

/** The sign of each severity; circles stand for the state of runs. */
export const severitySign = {
  critical: '🟥',
  error: '🟧',
  warning: '🟨',
  info: '🟦',
} as const satisfies Record<AlertSeverity, string>;

/** The severities as words, worst first. */
export const severityWord = {
  critical: 'Critical',
  error: 'Error',
  warning: 'Warning',
  info: 'Info',
} as const satisfies Record<AlertSeverity, string>;

/** What happened to a group, each sign always for the same thing. */
export const alertSign = { seen: '👀', silenced: '🔕', page: '📟', quiet: '🌙', flapping: '〰️' } as const;

type Described = Readonly<Record<'groupLabels' | 'commonLabels' | 'commonAnnotations', Labels>>;

/** What people call a group, unescaped: its alert's name, the names of several, or what it is grouped by. */
export function nameOf(group: Described, episodes: readonly Episode[] = []): string {
  const name = group.groupLabels.alertname ?? group.commonLabels.alertname;
  if (name !== undefined && name.trim() !== '') return clip(name, 100);
  const names = [...new Set(episodes.map(({ labels }) => labels.alertname ?? ''))].filter(Boolean);
  if (names.length > 0) return `${clip(names.slice(0, 3).join(', '), 100)}${names.length > 3 ? ' …' : ''}`;
  return clip(written(group.groupLabels), 100) || 'Alerts';
}

/** What is wrong in one line, unescaped: what the rule says of all alerts, else the labels that they have in common. */
export function summaryOf(group: Described, episodes: readonly Episode[] = []): string {
  const [only, ...others] = episodes;
  const annotations =
    others.length === 0 ? { ...only?.annotations, ...group.commonAnnotations } : group.commonAnnotations;
  for (const name of ['summary', 'description', 'message']) {
    const said = annotations[name]?.trim();
    if (said) return said;
  }
  const { alertname: _, severity: __, ...rest } = group.commonLabels;
  return written(rest);
}

/** Labels as chips in a row of at most `limit` characters, the rest counted; what is too long is cut inside its chip. */
export function chips(labels: Labels, limit = 300): string {
  const all = Object.entries(labels).map(([name, value]) => chip(`${name}=${value}`));
  const row: string[] = [];
  let length = 0;
  for (const one of all) {
    length += one.length + 1;
    if (length > limit) break;
    row.push(one);
  }
  const left = all.length - row.length;
  return [...row, ...(left > 0 ? [`+${left}`] : [])].join(' ');
}

/** Text from outside as escaped mrkdwn of at most `limit` characters. */
export function brief(text: string, limit: number): string {
  return clip(escaped(text), limit);
}

/** Who did something, as a reader of the channel knows them. */
export function actorName({ via, id, name }: Actor): string {
  if (via === 'slack') return mention(id);
  if (via === 'slipway') return 'Slipway';
  return `${brief(name ?? id, 80) || 'somebody'} in PagerDuty`;
}

function chip(text: string): string {
  // Cut before it is escaped, so that the closing mark of the code stays.
  return code(clip(text, 60));
}

function written(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}
