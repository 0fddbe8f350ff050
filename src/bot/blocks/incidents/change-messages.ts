import type { IncidentEvent } from '../../../incidents/events.ts';
import type { Instant } from '../../../incidents/incident.ts';
import { nameOf } from '../alerts/group-words.ts';
import { lines } from '../block.ts';
import { clip, mention } from '../escape.ts';
import { unformatted } from '../moment.ts';
import { sign } from '../signs.ts';
import type { Surface } from '../surface.ts';
import { shown } from '../titles.ts';
import { dayMoment } from './actions-message.ts';
import type { IncidentView } from './incident-view.ts';
import { roleName, severityMark, severityName, statusName } from './incident-words.ts';
import { quoted } from './status-card.ts';

/** An event of the incident's stream that its channel is told of; `version` numbers it. */
export interface IncidentChange {
  readonly version: number;
  readonly at: Instant;
  readonly event: Extract<IncidentEvent, { type: ToldType }>;
}

/** The events that make a message each. */
export const toldTypes = [
  'Updated',
  'SeverityChanged',
  'Renamed',
  'RoleAssigned',
  'GroupLinked',
  'RunLinked',
  'IncidentResolved',
  'IncidentReopened',
  'ActionAdded',
  'ActionDone',
  'ReviewDone',
] as const;

type ToldType = (typeof toldTypes)[number];

/** A message for each change of an incident, the oldest first: they stay as they were said. */
export function changeMessages(view: IncidentView): Surface[] {
  return view.changes.map((change): Surface => {
    const told = changeLines(change.event, view);
    return {
      key: `change-${change.version}`,
      place: 'thread',
      urgent: true,
      text: clip(unformatted(told.join(' ').replaceAll('\n', ' ').replaceAll('> ', '')), 400),
      blocks: lines(told),
    };
  });
}

function changeLines(event: IncidentChange['event'], view: IncidentView): string[] {
  switch (event.type) {
    case 'Updated': {
      const becomes = event.status === undefined ? '' : ` · now *${statusName[event.status]}*`;
      return [`📣 *Update* by ${mention(event.by)}${becomes}`, ...quoted(event.text, 2_500)];
    }
    case 'SeverityChanged': {
      const { severity, by } = event;
      return [`${severityMark[severity]} Now *${severityName[severity]}*, by ${mention(by)}`];
    }
    case 'Renamed':
      return [`${sign.moving} Now called *${shown(event.title)}*, by ${mention(event.by)}`];
    case 'RoleAssigned': {
      const { role, person, by } = event;
      const giver = person === by ? '' : `, by ${mention(by)}`;
      return [`👤 ${mention(person)} is *${roleName[role]}*${giver}`];
    }
    case 'GroupLinked': {
      const linked = view.groups.find(({ group }) => group.id === event.group);
      const name = linked === undefined ? 'An alert' : `*${shown(nameOf(linked.group))}*`;
      return [`${sign.warning} ${name} belongs to this incident, by ${mention(event.by)}`];
    }
    case 'RunLinked': {
      const linked = view.runs.find(({ run }) => run.id === event.run);
      const name =
        linked === undefined
          ? shown(event.run)
          : `*${shown(linked.run.environment)} ${shown(linked.run.version)}*`;
      return [`${sign.moving} ${name} belongs to this incident, by ${mention(event.by)}`];
    }
    case 'IncidentResolved':
      return [`${sign.done} *Resolved* by ${mention(event.by)}`, ...quoted(event.text, 2_500)];
    case 'IncidentReopened':
      return [`${sign.failed} *Open again*, says ${mention(event.by)}`, ...quoted(event.text, 2_500)];
    case 'ActionAdded': {
      const { number, title, owner, due } = event.action;
      return [`📝 Action ${number} for ${mention(owner)} until ${dayMoment(due)}: ${shown(title)}`];
    }
    case 'ActionDone': {
      const { title = '' } = view.incident.actions.find(({ number }) => number === event.number) ?? {};
      return [`${sign.done} Action ${event.number} is done, says ${mention(event.by)}: ${shown(title)}`];
    }
    case 'ReviewDone': {
      const where = event.where === undefined ? '' : `: ${shown(event.where)}`;
      return [`${sign.done} *The review is done*, says ${mention(event.by)}${where}`];
    }
  }
}
