import type { IncidentEvent } from './events.ts';
import { declared, reopened, resolved } from './evolve-course.ts';
import { evolveNotices } from './evolve-notices.ts';
import { evolveRoom } from './evolve-room.ts';
import type { Incident, Instant, Pin, Review, Update } from './incident.ts';
import { most } from './written.ts';

/** The state after an event; every event after the first needs the state before it. */
export function evolveIncident(incident: Incident | undefined, event: IncidentEvent): Incident {
  if (event.type === 'IncidentDeclared') return declared(event);
  if (incident === undefined) throw new RangeError(`${event.type} cannot be an incident's first event`);
  switch (event.type) {
    case 'Updated': {
      const { at, by, text, status, updateDueAt } = event;
      const told = withUpdate(incident, { at, by, text, ...(status !== undefined && { status }) });
      const next = { ...told, status: status ?? incident.status, reminders: 0 };
      return owing(next, updateDueAt);
    }
    case 'SeverityChanged':
      return owing({ ...incident, severity: event.severity }, event.updateDueAt);
    case 'Renamed':
      return { ...incident, title: event.title };
    case 'Mitigated':
      return { ...incident, mitigatedAt: event.at };
    case 'IncidentResolved':
      return resolved(owing(withUpdate(incident, { ...toldBy(event), status: 'resolved' })), event);
    case 'IncidentReopened':
      return owing(
        reopened(withUpdate(incident, { ...toldBy(event), status: 'investigating' })),
        event.updateDueAt,
      );
    case 'UpdateReminded':
      return { ...incident, updateDueAt: event.updateDueAt, reminders: event.count };
    case 'ReviewReminded':
      return withReview(incident, { remindAt: event.remindAt, reminders: event.count });
    case 'ReviewDone': {
      const { by, at, where } = event;
      return withReview(incident, { done: { by, at, ...(where !== undefined && { where }) } });
    }
    case 'RoleAssigned':
      return { ...incident, roles: { ...incident.roles, [event.role]: event.person } };
    case 'GroupLinked': {
      const { group, round } = event;
      return { ...incident, groups: [...incident.groups, { group, round }] };
    }
    case 'RunLinked':
      return { ...incident, runs: [...incident.runs, event.run] };
    case 'MessagePinned':
      return { ...incident, pins: byTime([...incident.pins, event.pin]).slice(-most.pins) };
    case 'MessageUnpinned':
      return { ...incident, pins: incident.pins.filter(({ ts }) => ts !== event.ts) };
    case 'ActionAdded':
      return { ...incident, actions: [...incident.actions, event.action] };
    case 'ActionDone': {
      const { number, by: doneBy, at: doneAt } = event;
      const actions = incident.actions.map((one) =>
        one.number === number ? { ...one, doneBy, doneAt } : one,
      );
      return { ...incident, actions };
    }
    case 'InviteWanted':
    case 'RoomMade':
    case 'RoomSettled':
    case 'RoomFailed':
      return { ...incident, room: evolveRoom(incident.room, event) };
    default:
      return evolveNotices(incident, event);
  }
}

function toldBy({ at, by, text }: Pick<Update, 'at' | 'by' | 'text'>): Pick<Update, 'at' | 'by' | 'text'> {
  return { at, by, text };
}

function withUpdate(incident: Incident, update: Omit<Update, 'number'>): Incident {
  const number = incident.updatesSoFar + 1;
  const updates = [...incident.updates, { number, ...update }].slice(-most.updates);
  return { ...incident, updates, updatesSoFar: number };
}

/** The incident with the time at which the next update is owed, or with none. */
function owing({ updateDueAt: _, ...incident }: Incident, updateDueAt?: Instant): Incident {
  return updateDueAt === undefined ? incident : { ...incident, updateDueAt };
}

function withReview(incident: Incident, change: Partial<Review>): Incident {
  return incident.review === undefined
    ? incident
    : { ...incident, review: { ...incident.review, ...change } };
}

function byTime(pins: readonly Pin[]): readonly Pin[] {
  return pins.toSorted((one, other) => one.at - other.at || (one.ts < other.ts ? -1 : 1));
}
