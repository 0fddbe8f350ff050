import type { IncidentCommand } from '../incidents/commands.ts';
import { decideIncident } from '../incidents/decide.ts';
import type { IncidentEvent } from '../incidents/events.ts';
import { evolveIncident } from '../incidents/evolve.ts';
import type { Incident } from '../incidents/incident.ts';
import { incidentJobs, reactIncident } from '../incidents/jobs.ts';
import type { Rules } from '../store/handle.ts';

/** The rules of incidents, as streams are kept: one ends when its review is done and nothing of it is under way. */
export const incidentRules: Rules<Incident, IncidentCommand, IncidentEvent> = {
  kind: 'incident',
  decide: decideIncident,
  evolve: evolveIncident,
  react: reactIncident,
  hasEnded: (incident) => incident.review?.done !== undefined && incidentJobs(incident).length === 0,
  holds: () => null,
  drawDelay: () => 0,
};
