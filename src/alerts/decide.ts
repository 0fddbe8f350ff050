import type { Decision } from '../deploy/decision.ts';
import { refuse } from '../deploy/decision.ts';
import type { GroupCommand } from './commands.ts';
import type { GroupEvent } from './events.ts';
import type { AlertGroup, Instant } from './group.ts';

/** What a command does to a group: events with all that follows from them, or a refusal; the same for the same input. */
export function decideGroup(
  _group: AlertGroup | undefined,
  _command: GroupCommand,
  _now: Instant,
): Decision<GroupEvent> {
  return refuse('nothing-waiting');
}
