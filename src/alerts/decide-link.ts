import type { Decision } from '../deploy/decision.ts';
import { accept } from '../deploy/decision.ts';
import type { GroupCommand } from './commands.ts';
import type { UntimedGroupEvent } from './events.ts';
import type { AlertGroup } from './group.ts';

/** Rules for the incident that is about a group: one of an opening that is over says nothing of this one, and the newest stays. */
export function decideLink(
  { incident: known, round: present }: AlertGroup,
  { incident, number, channel, round }: Extract<GroupCommand, { type: 'LinkIncident' }>,
): Decision<UntimedGroupEvent> {
  if (round !== present) return accept();
  const isNewest = known === undefined || known.round !== round || known.number <= number;
  const isKnown = known?.id === incident && known.channel === channel && known.round === round;
  if (isKnown || !isNewest) return accept();
  return accept({ type: 'IncidentLinked', id: incident, number, channel, round });
}
