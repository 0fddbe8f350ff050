import type { Action, Incident, Instant, Role } from '../../../incidents/incident.ts';
import { roles } from '../../../incidents/incident.ts';
import { action } from '../action.ts';
import { escaped, mention, quote } from '../escape.ts';
import { encodeIncident } from '../incidents/incident-reference.ts';
import { moment } from '../moment.ts';
import { sign } from '../signs.ts';
import { shown } from '../titles.ts';
import type { HomeFacts, HomePerson } from './home-facts.ts';
import type { Waiting } from './waiting.ts';

/** What incidents wait for from this person: updates of who has a role, reviews, actions, and texts for the status page. */
export function waitingOnIncidents(
  person: HomePerson,
  { incidents, now }: Pick<HomeFacts, 'incidents' | 'now'>,
): readonly Waiting[] {
  return incidents.flatMap((incident) => [
    ...update(person, incident, now),
    ...notices(person, incident),
    ...review(person, incident, now),
    ...actionsOf(person, incident),
  ]);
}

/** An open incident as a line: how bad, how it stands, who leads it, where. */
export function incidentLine(incident: Incident): string {
  const { severity, status, declaredAt } = incident;
  const commander = incident.roles.commander;
  const lead = commander === undefined ? 'nobody leads it' : `led by ${mention(commander)}`;
  return `${sign.warning} ${nameOf(incident)} · ${severity} · ${status} · ${lead} · since ${moment(declaredAt)}`;
}

function nameOf({ number, title, room, from }: Incident): string {
  return `*#${number} ${shown(title)}* in <#${room.channel ?? from.channel}>`;
}

function update({ id }: HomePerson, incident: Incident, now: Instant): Waiting[] {
  const mine = roles.filter((role: Role) => incident.roles[role] === id);
  const { updateDueAt, status } = incident;
  if (mine.length === 0 || status === 'resolved') return [];
  const isLate = updateDueAt !== undefined && updateDueAt <= now;
  const due =
    updateDueAt === undefined
      ? ''
      : ` · ${isLate ? 'an update was due' : 'next update due'} ${moment(updateDueAt)}`;
  return [
    {
      line: `${isLate ? sign.clock : sign.person} ${nameOf(incident)}: you are ${mine.join(' and ')}${due}`,
      press: [
        {
          text: 'Update',
          action: action.incidentUpdate,
          value: encodeIncident({ incident: incident.id }),
          ...(isLate ? { style: 'primary' as const } : {}),
        },
      ],
    },
  ];
}

function notices({ id, may }: HomePerson, incident: Incident): Waiting[] {
  if (!may.includes('publish')) return [];
  return incident.notices
    .filter(({ state, by }) => state === 'proposed' && by !== id)
    .map(({ number, by, text }): Waiting => {
      const value = encodeIncident({ incident: incident.id, number });
      return {
        line: `${sign.person} ${mention(by)} wants to tell the status page of ${nameOf(incident)}:\n${quote(text, 4)}`,
        press: [
          { text: 'Approve', action: action.approveNotice, value, style: 'primary' },
          { text: 'Decline', action: action.declineNotice, value, style: 'danger' },
        ],
      };
    });
}

function review({ id }: HomePerson, incident: Incident, now: Instant): Waiting[] {
  const due = incident.review;
  if (due === undefined || due.done !== undefined || incident.roles.commander !== id) return [];
  const value = encodeIncident({ incident: incident.id });
  const when = due.dueAt <= now ? `was due ${moment(due.dueAt)}` : `is due ${moment(due.dueAt)}`;
  return [
    {
      line: `${due.dueAt <= now ? sign.clock : sign.person} The review of ${nameOf(incident)} ${when}`,
      press: [
        { text: 'Review as a file', action: action.reviewFile, value },
        { text: 'Review done', action: action.reviewDone, value, style: 'primary' },
      ],
    },
  ];
}

function actionsOf({ id }: HomePerson, incident: Incident): Waiting[] {
  return incident.actions
    .filter((one: Action) => one.owner === id && one.doneAt === undefined)
    .map(({ number, title, due }): Waiting => {
      const value = encodeIncident({ incident: incident.id, number });
      return {
        line: `${sign.person} *${shown(title)}*, due ${escaped(due)}, from ${nameOf(incident)}`,
        press: [{ text: 'Done', action: action.actionDone, value }],
      };
    });
}
