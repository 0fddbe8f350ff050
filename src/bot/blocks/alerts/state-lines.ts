import type { AlertGroup } from '../../../alerts/group.ts';
import { instantOf } from '../../../alerts/stamp.ts';
import { incidentLine } from '../incident-line.ts';
import { ago, moment } from '../moment.ts';
import { sign } from '../signs.ts';
import { sparkline } from './group-state.ts';
import type { GroupView } from './group-view.ts';
import { actorName, alertSign, brief, severityWord } from './group-words.ts';

/** How bad, where, since when and how many, in one line. */
export function factsLine(group: AlertGroup): string {
  const { routing, firing, resolved, status } = group;
  return [
    severityWord[routing.severity],
    ...(routing.environment === undefined ? [] : [`*${brief(routing.environment, 60)}*`]),
    whenOf(group),
    ...(status === 'firing' ? [`*${firing} firing*`] : []),
    ...(resolved > 0 ? [`${resolved} resolved`] : []),
  ].join(' · ');
}

/** What has happened to a group and what is odd about it, a line each, as it bears on what a reader does next. */
export function stateLines({ group, now }: GroupView): string[] {
  return [
    ...(group.incident?.round === group.round ? [incidentLine(group.incident)] : []),
    ...handledLines(group),
    ...openingLines(group),
    ...(group.closedBecause === 'gone'
      ? ['Alertmanager no longer has these alerts; of silenced ones it does not tell the end.']
      : []),
    ...(group.truncated > 0
      ? [`${sign.warning} Alertmanager left out ${group.truncated} alert${group.truncated === 1 ? '' : 's'}`]
      : []),
    ...(group.status === 'firing' ? [...failedLines(group, now), ...quietLines(group)] : []),
  ];
}

function whenOf({ since, status, closedAt }: AlertGroup): string {
  const began = instantOf(since);
  // By a clock that is wrong by decades Slack would show nothing of use.
  const isPlausible = began > Date.UTC(2000) && began < Date.UTC(2100);
  if (!isPlausible) return 'since an unknown time';
  return status === 'resolved' && closedAt !== undefined
    ? `${moment(began)} to ${moment(closedAt)}`
    : `since ${ago(began)}`;
}

function handledLines({ acknowledged, dismissed, status }: AlertGroup): string[] {
  const really = status === 'firing' ? '; Prometheus decides when it really ends' : '';
  return [
    ...(acknowledged === undefined
      ? []
      : [`${alertSign.seen} Acknowledged by ${actorName(acknowledged.by)}, ${moment(acknowledged.at)}`]),
    ...(dismissed === undefined
      ? []
      : [`${sign.stopped} Page closed by ${actorName(dismissed.by)}, ${moment(dismissed.at)}${really}`]),
  ];
}

/** Openings longer ago than a day before the last one say nothing of how a group flaps. */
const lately = 86_400_000;

function openingLines({ flapping, openings, openedAt }: AlertGroup): string[] {
  const before = openings.at(-2);
  if (before === undefined) return [];
  const some = openings.filter((at) => at > openedAt - lately);
  const [first = before] = some;
  return flapping
    ? [`${alertSign.flapping} Opened ${some.length} times since ${moment(first)} \`${sparkline(some)}\``]
    : [`Fired before, last ${moment(before)}`];
}

function failedLines({ silences }: AlertGroup, now: number): string[] {
  const last = silences.at(-1);
  if (last?.status !== 'failed' || last.until <= now) return [];
  const why = brief(last.because ?? 'no reason was given', 200);
  return [`${sign.warning} The silence that ${actorName(last.by)} asked for was not made: ${why}`];
}

function quietLines({ routing }: AlertGroup): string[] {
  if (routing.quiet === undefined) return [];
  return [`${alertSign.quiet} Quiet hours ${brief(routing.quiet, 60)}: nobody is paged`];
}
