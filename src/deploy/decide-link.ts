import type { Command } from './commands.ts';
import type { Decision } from './decision.ts';
import { accept } from './decision.ts';
import type { Deployment } from './deployment.ts';
import type { Untimed } from './events.ts';

/** Rules for the incident that is about a run: the newest stays, also when the run has ended. */
export function decideLink(
  { incident: known }: Deployment,
  { incident, number, channel }: Extract<Command, { type: 'LinkIncident' }>,
): Decision<Untimed> {
  const isNewest = known === undefined || known.number <= number;
  const isKnown = known?.id === incident && known.channel === channel;
  if (isKnown || !isNewest) return accept();
  return accept({ type: 'IncidentLinked', id: incident, number, channel });
}
