import type { Decision } from '../deploy/decision.ts';
import { accept, refuse } from '../deploy/decision.ts';
import type { GroupCommand } from './commands.ts';
import { decideDelivery } from './decide-delivery.ts';
import { decideEscalation, decideStart } from './decide-escalation.ts';
import { decideLink } from './decide-link.ts';
import { decidePage } from './decide-page.ts';
import { decideResponse } from './decide-response.ts';
import { decideSilence } from './decide-silence.ts';
import type { GroupEvent, UntimedGroupEvent } from './events.ts';
import type { AlertGroup, Instant } from './group.ts';

/** What a command does to a group: events with all that follows from them, or a refusal; the same for the same input. */
export function decideGroup(
  group: AlertGroup | undefined,
  command: GroupCommand,
  now: Instant,
): Decision<GroupEvent> {
  const decision = answer(group, command, now);
  return decision.ok ? accept(...decision.events.map((event) => ({ ...event, at: now }))) : decision;
}

function answer(
  group: AlertGroup | undefined,
  command: GroupCommand,
  now: Instant,
): Decision<UntimedGroupEvent> {
  if (command.type === 'Deliver') return decideDelivery(group, command, now);
  if (group === undefined) return refuse('group-unknown');
  switch (command.type) {
    case 'Acknowledge':
    case 'Unacknowledge':
    case 'Resolve':
    case 'EscalateNow':
      return decideResponse(group, command, now);
    case 'Escalate':
      return decideEscalation(group, command, now);
    case 'StartEscalation':
      return decideStart(group, command, now);
    case 'Silence':
    case 'ChangeSilence':
    case 'SilenceMade':
    case 'SilenceEnded':
    case 'SilenceFailed':
      return decideSilence(group, command, now);
    case 'LinkIncident':
      return decideLink(group, command);
    case 'PageTold':
    case 'PageRefused':
    case 'PageChanged':
      return decidePage(group, command, now);
  }
}
