import type { Episode, Labels } from '../../../alerts/alert.ts';
import { instantOf } from '../../../alerts/stamp.ts';
import { readable } from '../../../duration.ts';
import { clip } from '../escape.ts';
import { sign } from '../signs.ts';
import type { GroupView } from './group-view.ts';
import { brief, chips, nameOf, summaryOf } from './group-words.ts';

/** How many alerts a message shows, so that it can be taken in at a glance, and how many characters it may spend on them. */
const most = 15;
const room = 5_000;

/** Labels by which people know what it is about come first, those that tell how it was scraped last. */
const telling = ['instance', 'host', 'node', 'pod', 'service', 'device', 'mountpoint', 'name'];
const untelling = ['job', 'endpoint', 'prometheus', 'prometheus_replica', 'uid', 'container_id', 'id'];

/** Annotations that say how bad it was when the alert fired. */
const values = ['value', 'current_value', 'currentValue'];
/** Annotations that say it in words. */
const words = ['summary', 'description', 'message'];

/** The alerts of a group, a line each: what sets it apart from the others and the value that fired, the rest counted. */
export function alertLines(view: GroupView): string[] {
  const { shown, left } = fold(view);
  return [...shown, ...(left.length > 0 ? [`… and ${left.join(', ')}`] : [])];
}

/** Whether the message has no room for all alerts of the group. */
export function hasMore(view: GroupView): boolean {
  return fold(view).left.length > 0;
}

/** The lines for which there is room, and what is left out in words. */
function fold(view: GroupView): { readonly shown: readonly string[]; readonly left: readonly string[] } {
  const { group, episodes } = view;
  const all = episodes.map((episode) => ({ episode, line: lineOf(episode, view) }));
  const shown: typeof all = [];
  let length = 0;
  for (const one of all) {
    length += one.line.length + 1;
    if (length > room || shown.length === most) break;
    shown.push(one);
  }
  const count = (status: Episode['status']) =>
    shown.filter(({ episode }) => episode.status === status).length;
  const firing = Math.max(0, group.firing - count('firing'));
  const resolved = Math.max(0, group.resolved - count('resolved'));
  const left = [
    ...(firing > 0 ? [`${firing} more firing`] : []),
    ...(resolved > 0 ? [`${resolved} more resolved`] : []),
  ];
  return { shown: shown.map(({ line }) => line), left };
}

/** The labels of an alert that others of its group do not share; without others, all but those in the headline. */
export function distinct(labels: Labels, { commonLabels }: Pick<GroupView['group'], 'commonLabels'>): Labels {
  const own = Object.entries(labels).filter(([name, value]) => commonLabels[name] !== value);
  const all = own.length > 0 ? own : Object.entries(labels).filter(([name]) => !isSaid(name));
  return Object.fromEntries(all.sort(([one], [other]) => rank(one) - rank(other)));
}

function rank(name: string): number {
  const first = telling.indexOf(name);
  return first >= 0 ? first : telling.length + (untelling.includes(name) ? 1 : 0);
}

function isSaid(name: string): boolean {
  return name === 'alertname' || name === 'severity';
}

function lineOf(episode: Episode, view: GroupView): string {
  const { status, startsAt, endsAt } = episode;
  const isOver = status === 'resolved';
  const named = chips(distinct(episode.labels, view.group), 260);
  const span = endsAt === undefined ? Number.NaN : instantOf(endsAt) - instantOf(startsAt);
  const took = isOver && span >= 0 ? `resolved after ${readable(span)}` : isOver ? 'resolved' : '';
  const parts = [named || brief(nameOf(view.group, [episode]), 80), saidOf(episode, view), took];
  return clip(`${isOver ? sign.done : '•'} ${parts.filter(Boolean).join(' · ')}`, 480);
}

/** The value that fired, and the words of this alert where they are not those of the whole group. */
function saidOf({ annotations }: Episode, { group, episodes }: GroupView): string {
  const value = values.map((name) => annotations[name]?.trim()).find(Boolean);
  const common = summaryOf(group, episodes);
  const said = words
    .filter((name) => annotations[name] !== group.commonAnnotations[name])
    .map((name) => annotations[name]?.trim())
    .find((one) => one && one !== common);
  return [...(value ? [`*${brief(value, 60)}*`] : []), ...(said ? [brief(said, 120)] : [])].join(' · ');
}
