import type { IncidentEvent } from './events.ts';
import type { Incident } from './incident.ts';

/** An incident as it is declared: nobody is in its channel yet. */
export function declared(event: Extract<IncidentEvent, { type: 'IncidentDeclared' }>): Incident {
  const { type: _, roomName, invite, commander, by, at, updateDueAt, ...rest } = event;
  return {
    ...rest,
    status: 'investigating',
    declaredBy: by,
    declaredAt: at,
    roles: { commander },
    room: { name: roomName, turn: 1, invited: [], wanted: invite },
    updates: [],
    updatesSoFar: 0,
    ...(updateDueAt !== undefined && { updateDueAt }),
    reminders: 0,
    pins: [],
    actions: [],
    notices: [],
    noticesSoFar: 0,
  };
}

/** What is resolved is also mitigated, and is to be reviewed. */
export function resolved(
  incident: Incident,
  { at, by, reviewDueAt, remindAt }: Extract<IncidentEvent, { type: 'IncidentResolved' }>,
): Incident {
  return {
    ...incident,
    status: 'resolved',
    reminders: 0,
    mitigatedAt: incident.mitigatedAt ?? at,
    resolvedAt: at,
    resolvedBy: by,
    review: { dueAt: reviewDueAt, remindAt, reminders: 0 },
  };
}

/** What is open again was not mitigated for good: that is measured to the time that it held. */
export function reopened({
  mitigatedAt: _,
  resolvedAt: __,
  resolvedBy: ___,
  review: ____,
  ...incident
}: Incident): Incident {
  return { ...incident, status: 'investigating', reminders: 0 };
}
