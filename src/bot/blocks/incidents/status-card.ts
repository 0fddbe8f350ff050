import type { KnownBlock } from '@slack/types';
import { readable } from '../../../duration.ts';
import type { Incident } from '../../../incidents/incident.ts';
import { action } from '../action.ts';
import { actions, context, header, lines, type Press } from '../block.ts';
import { clip, escaped, mention, plain, sentence } from '../escape.ts';
import { fitBlocks } from '../fit.ts';
import { channelMention } from '../incident-line.ts';
import { ago, moment } from '../moment.ts';
import { sign } from '../signs.ts';
import { encodeIncident } from './incident-reference.ts';
import type { IncidentView } from './incident-view.ts';
import { markOf, roleName, said, severityName, statusName, titleOf } from './incident-words.ts';
import { linkedBlocks } from './linked-blocks.ts';

/** The whole of an incident as it stands: how bad it is, who leads, what was told last, what it is about, and what can be done. */
export function statusBlocks(view: IncidentView): KnownBlock[] {
  const { incident } = view;
  const { number, title, status } = incident;
  return fitBlocks([
    header(`${markOf(incident)} #${number} ${clip(plain(title), 110)} · ${statusName[status]}`),
    ...lines([factsLine(incident), peopleLine(incident), ...owedLines(view), ...reviewLines(incident)]),
    ...lines(lastLines(incident)),
    ...linkedBlocks(view),
    ...lines(roomLines(incident)),
    context(originOf(incident)),
    ...actions(buttonsOf(view)),
  ]);
}

/** An incident in one line, for notifications. */
export function headline(incident: Incident): string {
  const { number, severity, status } = incident;
  const title = clip(escaped(incident.title), 150);
  return `${markOf(incident)} #${number} ${title} · ${severityName[severity]} · ${statusName[status]}`;
}

/** How bad it is, how it stands and how long it lasts, in one line. */
export function factsLine({ severity, status, declaredAt, resolvedAt, resolvedBy }: Incident): string {
  const how = `*${severityName[severity]}* · *${statusName[status]}*`;
  if (resolvedAt === undefined || resolvedBy === undefined) return `${how} · since ${ago(declaredAt)}`;
  const lasted = readable(Math.max(0, resolvedAt - declaredAt));
  return `${how} after ${lasted} by ${mention(resolvedBy)}, ${moment(resolvedAt)}`;
}

function peopleLine({ roles: { commander, communications, scribe } }: Incident): string {
  const nobody = '_nobody yet_';
  const who = (person?: string) => (person === undefined ? nobody : mention(person));
  return [
    `${roleName.commander} ${who(commander)}`,
    `${roleName.communications} ${who(communications)}`,
    `${roleName.scribe} ${who(scribe)}`,
  ].join(' · ');
}

function owedLines({ incident: { updateDueAt, reminders, status }, now }: IncidentView): string[] {
  if (updateDueAt === undefined || status === 'resolved') return [];
  if (reminders === 0 && updateDueAt > now) return [`${sign.clock} Next update due ${moment(updateDueAt)}`];
  const asked = reminders === 0 ? '' : `; asked for ${times(reminders)}, again ${moment(updateDueAt)}`;
  return [`${sign.warning} *An update is overdue*${asked}`];
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function reviewLines({ review }: Incident): string[] {
  if (review === undefined) return [];
  const { done, dueAt } = review;
  return [
    done === undefined
      ? `${sign.clock} Review due ${moment(dueAt)}`
      : `${sign.done} Review done by ${mention(done.by)}, ${moment(done.at)}`,
  ];
}

function lastLines({ updates }: Incident): string[] {
  const last = updates.at(-1);
  if (last === undefined) return [];
  return [`*Last update* by ${mention(last.by)}, ${ago(last.at)}`, ...quoted(last.text)];
}

/** What somebody wrote, a quoted line each; what is long is cut, since each update also stands as a message of its own. */
export function quoted(text: string, limit = 600): string[] {
  return said(text, limit)
    .split('\n')
    .slice(0, 20)
    .map((line) => `> ${line}`);
}

function roomLines({ room }: Incident): string[] {
  if (room.because === undefined) return [];
  const why = clip(sentence(room.because), 400);
  if (room.channel === undefined) {
    return [`${sign.warning} Its channel could not be made, so it is worked on here: ${why}`];
  }
  return [`${sign.warning} ${why}`];
}

function originOf({ declaredBy, declaredAt, from, room }: Incident): string {
  const here = room.channel === undefined ? '' : ` in ${channelMention(from.channel)}`;
  return `Declared by ${mention(declaredBy)}${here}, ${moment(declaredAt)} · 📌 on a message puts it into the timeline`;
}

function buttonsOf({ incident, hasStatusPage }: IncidentView): Press[] {
  const value = encodeIncident({ incident: incident.id });
  const addAction: Press = { text: 'Add action', action: action.addAction, value };
  const timeline: Press = { text: 'Timeline', action: action.incidentTimeline, value };
  const notice: Press[] = hasStatusPage
    ? [{ text: 'Status page', action: action.incidentNotice, value }]
    : [];
  const role: Press = { text: 'Role', action: action.incidentRole, value };
  if (incident.status !== 'resolved') {
    return [
      { text: 'Update', action: action.incidentUpdate, value, style: 'primary' },
      role,
      ...notice,
      addAction,
      timeline,
      { text: 'Resolve', action: action.incidentResolve, value },
    ];
  }
  const isReviewed = incident.review?.done !== undefined;
  const reopen: Press = { text: 'Reopen', action: action.incidentReopen, value };
  const done: Press = { text: 'Review done', action: action.reviewDone, value };
  return [...(isReviewed ? [] : [done]), addAction, ...notice, timeline, ...(isReviewed ? [] : [reopen])];
}

/** The incident in two lines where it was declared and where all are told of, with the way to its channel. */
export function toldBlocks(view: IncidentView): KnownBlock[] {
  const { incident } = view;
  const { number, room, roles, updates } = incident;
  const where =
    room.channel === undefined ? 'its channel is being made' : `worked on in ${channelMention(room.channel)}`;
  const lead = roles.commander === undefined ? '' : ` · led by ${mention(roles.commander)}`;
  const last = updates.at(-1);
  return fitBlocks([
    ...lines([
      `${markOf(incident)} *Incident #${number}: ${titleOf(incident)}*`,
      `${factsLine(incident)}${lead} · ${where}`,
      ...(last === undefined ? [] : quoted(last.text, 300)),
    ]),
  ]);
}
