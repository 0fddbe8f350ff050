import type { Job } from '../deploy/jobs.ts';
import type { Incident } from './incident.ts';

/**
 * Every job that should exist for an incident as it stands: `room` on `calls` with incident and turn; `notice` on `calls` with
 * incident, number and turn; `remind-update` on `timers` with incident and dueAt; `remind-review` on `timers` with incident and remindAt.
 */
export function incidentJobs(_incident: Incident): readonly Job[] {
  return [];
}

/** The jobs that a change makes due: those due after it that were not due before. */
export function reactIncident(before: Incident | undefined, after: Incident): readonly Job[] {
  const known = new Set(before === undefined ? [] : incidentJobs(before).map(({ id }) => id));
  return incidentJobs(after).filter(({ id }) => !known.has(id));
}
