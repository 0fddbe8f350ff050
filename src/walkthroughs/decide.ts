import { type Decision, refuse } from '../deploy/decision.ts';
import type { WalkthroughCommand } from './commands.ts';
import type { WalkthroughEvent } from './events.ts';
import type { Instant, Walkthrough } from './walkthrough.ts';

/** What a command does to an opened runbook: events, or a refusal; the same for the same input. */
export function decideWalkthrough(
  _walkthrough: Walkthrough | undefined,
  _command: WalkthroughCommand,
  _now: Instant,
): Decision<WalkthroughEvent> {
  return refuse('walkthrough-unknown');
}
