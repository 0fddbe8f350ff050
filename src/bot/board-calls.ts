import { WebAPIRateLimitedError } from '@slack/web-api';
import { Failure } from '../errors.ts';
import { type UndrawnGroup, undrawnGroups } from '../store/board.ts';
import type { FirstPost } from '../store/leases.ts';
import { noteStreamDrawn } from '../store/surfaces.ts';
import {
  type DigestDrawing,
  type DigestDue,
  digestDue,
  digestOf,
  digestPlace,
  noteDigest,
  type Storm,
} from './board-digest.ts';
import { byImportance, type Call, dueCalls, type Lane, lanes, possibleCalls } from './board-order.ts';
import { type GroupDrawing, type GroupPlan, planOf } from './board-plan.ts';
import type { Pace, PacedMethod } from './pace.ts';
import type { Refusals } from './refusals.ts';
import { show, type Unshown } from './show.ts';

/** What drawing boards needs. */
export interface BoardDrawing extends GroupDrawing, DigestDrawing {
  readonly pace: Pace;
  /** Makes sure that no other process draws the channel meanwhile, and notes the post that is tried first, if one is named. */
  readonly claim: (channel: string, post?: FirstPost) => Promise<Claim>;
  /** Told when a group's own message stands in the channel. */
  readonly onFirstPost: (group: UndrawnGroup) => void;
}

/** A channel that is drawn by this process alone, until it is released. */
export interface Claim {
  readonly holds: () => boolean;
  /** Whether it was noted that the post is tried: not when the channel is another's, or when it was tried before. */
  readonly isNoted: boolean;
  /** Never throws: what is not released ends by itself. */
  readonly release: () => Promise<void>;
}

/** A channel's board while it is worked on. */
export interface Desk {
  readonly channel: string;
  readonly claim: Promise<Claim>;
  readonly storm: Storm;
  readonly refusals: Refusals;
  readonly plans: Map<string, KnownPlan>;
  readonly busy: Map<Lane, Promise<void>>;
  look: number;
  failure?: unknown;
}

/** What was found out of a group, and at which look; `isRefused` when Slack takes a part of it from nobody. */
interface KnownPlan extends GroupPlan {
  readonly look: number;
  readonly isRefused: boolean;
}

/** What one look found. */
interface Look {
  readonly groups: ReadonlyMap<string, UndrawnGroup>;
  readonly digest: DigestDue;
  /** The digest's message, once it was built. */
  digestNow?: Unshown;
}

/** How many groups are loaded for a lane at one look, when one after the other turns out to need no call. */
const loadsAtOnce = 20;

/** Starts what may be called now; returns in how many milliseconds more may be, or undefined when nothing waits. */
export async function startCalls(desk: Desk, drawing: BoardDrawing): Promise<number | undefined> {
  desk.look += 1;
  // A lane that becomes free while this look goes on was busy when the groups were looked at.
  const free = lanes.filter((lane) => !desk.busy.has(lane));
  const [rows, place] = await Promise.all([
    undrawnGroups(drawing.pool, desk.channel),
    digestPlace(drawing.pool, desk.channel),
  ]);
  const digest = await digestDue(drawing, desk.channel, rows, desk.storm, place);
  const look: Look = { groups: new Map(rows.map((row) => [row.id, row])), digest };
  for (const id of desk.plans.keys()) if (!look.groups.has(id)) desk.plans.delete(id);
  const waits = [digest.wait];
  for (const lane of free) waits.push(await startCall(lane, desk, look, drawing));
  // What waits in a lane that has become free meanwhile was not looked for.
  if (lanes.some((lane) => !free.includes(lane) && !desk.busy.has(lane))) waits.push(0);
  const known = waits.filter((wait) => wait !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** Starts the lane's most important call; returns how long it has to wait, or undefined when it runs or nothing is due. */
export async function startCall(
  lane: Lane,
  desk: Desk,
  look: Look,
  drawing: BoardDrawing,
): Promise<number | undefined> {
  let shortest: number | undefined;
  const waiting = new Set<string>();
  for (let loads = 0; ; ) {
    const best = mostImportant(lane, desk, look, waiting);
    if (best === undefined) return shortest;
    const to = best.unshown?.surface.to ?? best.unshown?.channel ?? desk.channel;
    // To whom a message goes is known only when its group is loaded.
    const isUnknown = lane === 'direct' && best.unshown === undefined;
    const wait = isUnknown ? 0 : drawing.pace.wait(methodOf(lane), to, best.isUrgent);
    if (wait > 0) {
      shortest = Math.min(shortest ?? wait, wait);
      if (lane !== 'direct') return shortest;
      waiting.add(to);
    } else if (best.unshown === undefined || !isFresh(best, desk)) {
      if (loads === loadsAtOnce) return 0;
      loads += 1;
      // The state may have moved while this call waited for its turn.
      await loadAgain(best, desk, look, drawing);
    } else {
      if (!(await desk.claim).holds()) {
        desk.failure = new Failure('fenced', `Another process draws ${desk.channel}.`);
        return undefined;
      }
      if (!(await drawing.pace.turn(methodOf(lane), to, best.isUrgent, 0))) return 0;
      const call = makeCall(best.unshown, desk, look, drawing);
      desk.busy.set(
        lane,
        call.finally(() => desk.busy.delete(lane)),
      );
      return undefined;
    }
  }
}

function mostImportant(
  lane: Lane,
  { plans, refusals }: Desk,
  { groups, digest, digestNow }: Look,
  waiting: ReadonlySet<string>,
): Call | undefined {
  let best: Call | undefined;
  const consider = (call: Call): void => {
    if (call.lane !== lane || waiting.has(call.unshown?.surface.to ?? '')) return;
    if (best === undefined || byImportance(call, best) < 0) best = call;
  };
  for (const group of groups.values()) {
    const plan = plans.get(group.id);
    const isKnown = plan !== undefined && plan.version >= group.version;
    (isKnown ? dueCalls(group, plan.owed) : possibleCalls(group)).forEach(consider);
  }
  const isDone =
    digestNow !== undefined && (digestNow.digest === digest.place?.digest || refusals.has(digestNow));
  if (digest.call !== undefined && !isDone) {
    consider(digestNow === undefined ? digest.call : { ...digest.call, unshown: digestNow });
  }
  return best;
}

function isFresh({ group }: Call, { plans, look }: Desk): boolean {
  return group === undefined || plans.get(group)?.look === look;
}

async function loadAgain({ group }: Call, desk: Desk, look: Look, drawing: BoardDrawing): Promise<void> {
  if (group === undefined) {
    look.digestNow = await digestOf(drawing, desk.channel, look.digest, desk.storm);
    if (look.digestNow.digest === look.digest.place?.digest)
      noteDigest(desk.storm, look.digest, drawing.now());
    return;
  }
  const plan = (await planOf(drawing, group)) ?? { version: 0, owed: [] };
  const owed = plan.owed.filter((unshown) => !desk.refusals.has(unshown));
  const isRefused = owed.length < plan.owed.length;
  await notePlan(group, { ...plan, owed, isRefused, look: desk.look }, desk, drawing);
}

async function notePlan(group: string, plan: KnownPlan, desk: Desk, { pool }: BoardDrawing): Promise<void> {
  desk.plans.set(group, plan);
  if (plan.owed.length === 0 && !plan.isRefused) await noteStreamDrawn(pool, group, plan.version);
}

/** Makes a call and notes what came of it; what stops the whole board becomes its failure. */
async function makeCall(unshown: Unshown, desk: Desk, look: Look, drawing: BoardDrawing): Promise<void> {
  const { stream, surface } = unshown;
  const version = desk.plans.get(stream)?.version;
  try {
    const at = await show(unshown, drawing);
    desk.refusals.forget();
    if (unshown === look.digestNow) noteDigest(desk.storm, look.digest, drawing.now());
    const group = look.groups.get(stream);
    const isFirst = surface.place === 'channel' && surface.to === undefined && group?.isPosted === false;
    if (at !== undefined && isFirst) drawing.onFirstPost(group);
    const plan = desk.plans.get(stream);
    if (plan === undefined) return;
    // A newer state was compared with what Slack showed before this call, so it has to be compared again.
    const isOvertaken = plan.version !== version;
    if (at === undefined || isOvertaken) {
      desk.plans.delete(stream);
      return;
    }
    // The plan may be a newer one, which wants something else of the same message.
    const left = plan.owed.filter((one) => one.surface.key !== surface.key || one.digest !== unshown.digest);
    // What belongs into the thread can be posted from now on.
    const owed = isFirst ? left.map((one) => ({ ...one, channel: at.channel, root: at.ts })) : left;
    await notePlan(stream, { ...plan, owed }, desk, drawing);
  } catch (error) {
    // A call that Slack put off is made when the pace allows it; the others need not wait for that.
    if (error instanceof Failure && error.cause instanceof WebAPIRateLimitedError) return;
    if (desk.refusals.bears(unshown, error))
      drawing.log.warn({ error, stream, key: surface.key }, 'not shown');
    else desk.failure = error;
  }
}

function methodOf(lane: Lane): PacedMethod {
  return lane === 'edit' ? 'chat.update' : 'chat.postMessage';
}
