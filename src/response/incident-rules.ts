import type { IncidentCommand } from '../incidents/commands.ts';
import { decideIncident } from '../incidents/decide.ts';
import type { IncidentEvent } from '../incidents/events.ts';
import { evolveIncident } from '../incidents/evolve.ts';
import type { Incident } from '../incidents/incident.ts';
import { reactIncident } from '../incidents/jobs.ts';
import type { Rules } from '../store/handle.ts';

/** The rules of incidents, as streams are kept: one ends when its review is done. */
export const incidentRules: Rules<Incident, IncidentCommand, IncidentEvent> = {
  kind: 'incident',
  decide: decideIncident,
  evolve: evolveIncident,
  react: reactIncident,
  hasEnded: ({ review }) => review?.done !== undefined,
  holds: () => null,
  drawDelay: () => 0,
};
