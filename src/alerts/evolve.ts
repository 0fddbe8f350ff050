import type { GroupEvent } from './events.ts';
import type { AlertGroup } from './group.ts';

/** The state after an event; every event after the first needs the state before it. */
export function evolveGroup(group: AlertGroup | undefined, event: GroupEvent): AlertGroup {
  if (group === undefined) throw new RangeError(`${event.type} cannot be a group's first event`);
  return group;
}
