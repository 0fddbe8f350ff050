import type { Episode } from '../../../alerts/alert.ts';
import type { AlertGroup } from '../../../alerts/group.ts';
import { clip, plain } from '../escape.ts';
import { distinct } from './alert-lines.ts';
import { nameOf, summaryOf } from './group-words.ts';

/** What one alert may take, so that thousands of them stay within a file that Slack accepts. */
const longestRow = 4_000;

/** These alerts of a group as a text file: a line each with tabs between, below what they have in common. */
export function alertsTable(group: AlertGroup, episodes: readonly Episode[]): string {
  const left = group.firing + group.resolved - episodes.length;
  return [
    `${plain(nameOf(group, episodes))}: ${group.firing} firing, ${group.resolved} resolved`,
    plain(summaryOf(group, episodes)),
    `in common: ${labelsText(group.commonLabels)}`,
    '',
    ['status', 'from', 'to', 'labels', 'value', 'summary'].join('\t'),
    ...episodes.map((episode) => clip(rowOf(episode, group), longestRow)),
    ...(left > 0 ? [`and ${left} more`] : []),
    '',
  ].join('\n');
}

function rowOf({ status, startsAt, endsAt = '', labels, annotations }: Episode, group: AlertGroup): string {
  const value = annotations.value ?? annotations.current_value ?? '';
  const said = annotations.summary ?? annotations.description ?? '';
  return [status, startsAt, endsAt, labelsText(distinct(labels, group)), plain(value), plain(said)].join(
    '\t',
  );
}

function labelsText(labels: Episode['labels']): string {
  return Object.entries(labels)
    .map(([name, value]) => `${plain(name)}=${JSON.stringify(plain(value))}`)
    .join(' ');
}
