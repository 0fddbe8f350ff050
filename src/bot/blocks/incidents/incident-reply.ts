import { readable } from '../../../duration.ts';
import type { Incident, Instant } from '../../../incidents/incident.ts';
import { nearest } from '../../../nearest.ts';
import { clip, code, mention } from '../escape.ts';
import { channelMention } from '../incident-line.ts';
import { moment } from '../moment.ts';
import { type Reply, reply } from '../reply.ts';
import { sign } from '../signs.ts';
import { markOf, severityName, statusName, titleOf } from './incident-words.ts';

/** A word that `/incident` takes, and what it does. */
export interface IncidentWord {
  readonly usage: string;
  readonly does: string;
}

/** All words of `/incident`. */
export const incidentWords = {
  declare: {
    usage: 'declare [critical|high|medium|low] [title]',
    does: 'asks what is wrong and makes a channel for it',
  },
  update: { usage: 'update [text]', does: 'tells what is known and being done' },
  severity: { usage: 'severity critical|high|medium|low', does: 'says how bad it is now' },
  role: { usage: 'role commander|communications|scribe @person', does: 'gives somebody a role' },
  invite: { usage: 'invite @person', does: 'brings people into its channel' },
  resolve: { usage: 'resolve', does: 'says that it is over and how it ended' },
  timeline: { usage: 'timeline', does: 'shows you what happened' },
  list: { usage: 'list', does: 'shows what is open, and which reviews are due' },
  help: { usage: 'help', does: 'shows this' },
} as const satisfies Record<string, IncidentWord>;

/** What can be typed; `unknown` is what was typed and is no word. */
export function incidentHelp(unknown?: string): Reply {
  const lines = Object.values(incidentWords).map(
    ({ usage, does }) => `${code(`/incident ${usage}`)}  ${does}`,
  );
  const how = `In an incident's channel the incident is understood; elsewhere name it, as in ${code('/incident update #12')}.`;
  if (unknown === undefined) return reply('*What you can type*', ...lines, how);
  const meant = nearest(unknown.slice(0, 80), Object.keys(incidentWords));
  const advice = meant === undefined ? '' : ` Did you mean ${code(`/incident ${meant}`)}?`;
  return reply(`${code(clip(unknown, 80)) || 'That'} is not known here.${advice}`, ...lines, how);
}

/** The answer where slipway.yaml says nothing of incidents. */
export function noIncidentsReply(): Reply {
  return reply(
    `${sign.warning} No incidents are configured here.`,
    `They are set under ${code('incidents')} in slipway.yaml; slipway.example.yaml shows how.`,
  );
}

/** The answer to somebody who did not say which incident they mean. */
export function whichIncident(word: string, open: readonly Incident[]): Reply {
  const [newest] = open;
  if (newest === undefined) return reply('No incident is open. `/incident declare` begins one.');
  return reply(
    `Which incident? Type this in its channel, or name it: ${code(`/incident ${word} #${newest.number}`)}`,
    ...open.slice(0, 10).map((incident) => `${markOf(incident)} #${incident.number} ${titleOf(incident)}`),
  );
}

/** The answer to a number that no incident has. */
export function noSuchIncident(number: string): Reply {
  return reply(
    `There is no incident ${code(`#${clip(number, 20)}`)}. ${code('/incident list')} shows those that are open.`,
  );
}

/** Every incident that is open, the newest first, and every review that is owed. */
export function incidentList(all: readonly Incident[], now: Instant): Reply {
  const open = all.filter(({ status }) => status !== 'resolved');
  const owed = all.filter(({ status, review }) => status === 'resolved' && review?.done === undefined);
  if (open.length + owed.length === 0)
    return reply(`${sign.done} No incident is open, and no review is due.`);
  return reply(
    open.length === 0 ? `${sign.done} No incident is open.` : `*${open.length} open*`,
    ...open.slice(0, 20).map((incident) => openLine(incident, now)),
    ...(owed.length === 0 ? [] : [`*${owed.length} to be reviewed*`]),
    ...owed.slice(0, 20).map((incident) => reviewLine(incident, now)),
  );
}

function openLine(incident: Incident, now: Instant): string {
  const { number, severity, status, declaredAt, roles } = incident;
  const lead = roles.commander === undefined ? '' : ` · ${mention(roles.commander)} leads`;
  const lasts = readable(Math.max(0, now - declaredAt));
  return `${markOf(incident)} *#${number} ${titleOf(incident)}* · ${severityName[severity]} · ${statusName[status]} · for ${lasts}${lead}${roomOf(incident)}`;
}

function reviewLine(incident: Incident, now: Instant): string {
  const { number, review, roles, declaredBy } = incident;
  const due = review?.dueAt ?? now;
  const mark = due < now ? `${sign.warning} overdue since` : `${sign.clock} due`;
  return `*#${number} ${titleOf(incident)}* · ${mark} ${moment(due)} · ${mention(roles.commander ?? declaredBy)}${roomOf(incident)}`;
}

function roomOf({ room }: Incident): string {
  return room.channel === undefined ? '' : ` · ${channelMention(room.channel)}`;
}
