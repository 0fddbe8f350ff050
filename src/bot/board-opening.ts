import { setImmediate as immediate } from 'node:timers/promises';
import { messageKeyOf } from '../alerts/board.ts';
import type { OpenedGroup } from '../alerts/group.ts';
import type { FirstPost } from '../store/leases.ts';
import { type BoardDrawing, type Desk, startCall } from './board-calls.ts';
import { planOfOpened } from './board-plan.ts';

/** A group of which nothing was shown, while it is being committed. */
export interface Opening {
  readonly opened: OpenedGroup;
  /** Whether it was; never fails. */
  readonly committed: Promise<boolean>;
}

/** What has to be noted before a group is posted. */
export function firstPostOf({ group }: OpenedGroup, now: number): FirstPost {
  return { stream: group.id, key: messageKeyOf(group), at: now };
}

/** Posts the group as it was committed, without a look at others; leaves it where its post could not be noted. */
export async function startOpening(
  { opened, committed }: Opening,
  desk: Desk,
  drawing: BoardDrawing,
): Promise<void> {
  // The message is made while the database works on the commit and the claim.
  await immediate();
  const { group, happened } = opened;
  const { version, owed } = planOfOpened(drawing, opened);
  const { isNoted } = await desk.claim;
  if (!(await committed) || !isNoted) return;
  desk.look += 1;
  desk.plans.set(group.id, {
    version,
    owed: owed.map((unshown) => ({ ...unshown, isNoted: unshown.surface.key === messageKeyOf(group) })),
    isRefused: false,
    look: desk.look,
  });
  const { id, routing, status, openedAt } = group;
  const outline = {
    ...{ id, version, severity: routing.severity, status },
    ...{ isPosted: false, since: openedAt, happened },
  };
  const digest = { folded: [], place: undefined };
  await startCall('post', desk, { groups: new Map([[id, outline]]), digest }, drawing);
}
