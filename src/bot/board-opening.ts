import { setTimeout as delay, setImmediate as immediate } from 'node:timers/promises';
import { messageKeyOf } from '../alerts/board.ts';
import type { OpenedGroup } from '../alerts/group.ts';
import { forgetPlace } from '../store/board.ts';
import type { FirstPost } from '../store/leases.ts';
import { type BoardDrawing, type Desk, startCall } from './board-calls.ts';
import { planOfOpened } from './board-plan.ts';

/** A group of which nothing was shown, while it is being committed. */
export interface Opening {
  readonly opened: OpenedGroup;
  /** Whether it was; never fails. */
  readonly committed: Promise<boolean>;
}

/** How long the others of a channel wait for a commit, in milliseconds. */
const patience = 500;

/** What has to be noted before a group is posted. */
export function firstPostOf({ group }: OpenedGroup, now: number): FirstPost {
  return { stream: group.id, key: messageKeyOf(group), at: now };
}

/**
 * Posts the group as it was committed, without a look at others; leaves it where its post could not be noted or the commit
 * takes long.
 */
export async function startOpening(
  { opened, committed }: Opening,
  desk: Desk,
  drawing: BoardDrawing,
): Promise<void> {
  // The message is made while the database works on the commit and the claim.
  await immediate();
  const { group, happened } = opened;
  const { version, owed } = planOfOpened(drawing, opened);
  const { isNoted, holds } = await desk.claim;
  const isCommitted = await Promise.race([committed, delay(patience, undefined, { ref: false })]);
  if (!isNoted) return;
  if (isCommitted !== true) {
    // A note of a post that was never tried would be a reason to search the channel for it.
    if (isCommitted === false && holds()) await forgetPlace(drawing.pool, group.id, messageKeyOf(group));
    return;
  }
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
