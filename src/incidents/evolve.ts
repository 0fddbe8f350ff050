import type { IncidentEvent } from './events.ts';
import type { Incident } from './incident.ts';

/** The state after an event; every event after the first needs the state before it. */
export function evolveIncident(incident: Incident | undefined, event: IncidentEvent): Incident {
  if (incident === undefined) throw new RangeError(`${event.type} cannot be an incident's first event`);
  return incident;
}
