import { type Decision, refuse } from '../deploy/decision.ts';
import type { IncidentCommand } from './commands.ts';
import type { IncidentEvent } from './events.ts';
import type { Incident, Instant } from './incident.ts';

/** What a command does to an incident: events, or a refusal; the same for the same input. */
export function decideIncident(
  _incident: Incident | undefined,
  _command: IncidentCommand,
  _now: Instant,
): Decision<IncidentEvent> {
  return refuse('incident-unknown');
}
