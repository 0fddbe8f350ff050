import type { WalkthroughEvent } from './events.ts';
import type { Walkthrough } from './walkthrough.ts';

/** The state after an event; every event after the first needs the state before it. */
export function evolveWalkthrough(
  walkthrough: Walkthrough | undefined,
  event: WalkthroughEvent,
): Walkthrough {
  if (walkthrough === undefined) throw new RangeError(`${event.type} cannot be its first event`);
  return walkthrough;
}
