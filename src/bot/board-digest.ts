import type { Pool } from 'pg';
import { boardOf } from '../alerts/board.ts';
import { sha256 } from '../canonical.ts';
import type { UndrawnGroup } from '../store/board.ts';
import { calm, foldedGroups, forgetPlace } from '../store/board.ts';
import type { Place } from '../store/surfaces.ts';
import { noteDrawn, placesOf } from '../store/surfaces.ts';
import type { Digest } from './blocks/alerts/digest-message.ts';
import type { Surface } from './blocks/surface.ts';
import { type Call, foldedOf, ranks } from './board-order.ts';
import type { Showing, Unshown } from './show.ts';

/** What drawing a digest needs. */
export interface DigestDrawing extends Showing {
  readonly digestMessage: (digest: Digest) => Surface;
}

/** What is remembered of a channel's storm while this process runs. */
export interface Storm {
  /** When groups began to be folded, in milliseconds since 1970. */
  since?: number;
  /** When the digest was last drawn. */
  drawnAt: number;
  /** What people had done to folded groups by then. */
  clicks: string;
  /** The groups that had to wait since it was last calm. */
  readonly seen: Set<string>;
}

/** A digest as it should be now, and the call that makes it so; `wait` when that is not allowed yet, in milliseconds. */
export interface DigestDue {
  readonly folded: readonly UndrawnGroup[];
  readonly place: Place | undefined;
  readonly call?: Call;
  readonly wait?: number;
}

const key = 'digest';

/** How long the digest leaves the first places to critical groups, and how often it is edited, in milliseconds. */
const patience = 2_000;
const editEvery = { clicked: 2_000, usually: 4_000 };

/** A storm that begins this long after the last one's digest was posted has one of its own, where people see it. */
const sameStorm = 10 * 60_000;

/** A calm channel. */
export function newStorm(): Storm {
  return { drawnAt: 0, clicks: '', seen: new Set() };
}

/** Whether the channel's digest, which is at `place`, has to be posted or edited; forgets the digest of a storm that is long over. */
export async function digestDue(
  drawing: DigestDrawing,
  channel: string,
  groups: readonly UndrawnGroup[],
  storm: Storm,
  place: Place | undefined,
): Promise<DigestDue> {
  const folded = foldedOf(groups, storm.seen);
  for (const { id } of folded) storm.seen.add(id);
  if (folded.length > 0) return stormDue(drawing, channel, { folded, place }, storm);
  delete storm.since;
  const last = place?.ts === null ? await settled(drawing, channel, place) : place;
  if (last === undefined || last.digest === calm) return { folded, place: last };
  return { folded, place: last, call: callFor(ranks.digestEdit, drawing.now(), 'edit', false) };
}

async function stormDue(
  { pool, now }: DigestDrawing,
  channel: string,
  { folded, place }: DigestDue,
  storm: Storm,
): Promise<DigestDue> {
  const isOver = place?.ts != null && place.digest === calm && now() - Number(place.ts) * 1_000 > sameStorm;
  if (isOver) await forgetPlace(pool, boardOf(channel), key);
  if (isOver || place?.ts == null) {
    const known = isOver ? undefined : place;
    // What has resolved by now needs no digest to be seen in time.
    if (!folded.some(({ status }) => status === 'firing')) return { folded, place: known };
    storm.since ??= now();
    // So many critical groups wait that the digest shows them sooner than their own messages could.
    const isOverdue =
      now() - storm.since >= patience && folded.some(({ severity }) => severity === 'critical');
    const rank = isOverdue ? ranks.overdueDigest : ranks.digest;
    return { folded, place: known, call: callFor(rank, storm.since, 'post', true) };
  }
  const isClicked = clicksOf(folded) !== storm.clicks;
  const wait = storm.drawnAt + (isClicked ? editEvery.clicked : editEvery.usually) - now();
  if (wait > 0) return { folded, place, wait };
  const rank = isClicked ? ranks.answer : ranks.digestEdit;
  return { folded, place, call: callFor(rank, storm.drawnAt, 'edit', isClicked) };
}

/** Where a digest is that was tried and never confirmed; without it nothing would take back that there is a storm. */
async function settled(
  drawing: DigestDrawing,
  channel: string,
  { postingSince }: Place,
): Promise<Place | undefined> {
  const { pool, messages } = drawing;
  const stream = boardOf(channel);
  const ts = postingSince && (await messages.find(channel, undefined, { stream, key }, postingSince));
  if (ts) await noteDrawn(pool, stream, key, { channel, ts, digest: '' });
  else await forgetPlace(pool, stream, key);
  return digestPlace(drawing.pool, channel);
}

/** Where the channel's digest is, if it has one. */
export async function digestPlace(pool: Pool, channel: string): Promise<Place | undefined> {
  return (await placesOf(pool, boardOf(channel))).find((place) => place.key === key);
}

/** The digest's message as it should be. */
export async function digestOf(
  { pool, now, digestMessage }: DigestDrawing,
  channel: string,
  { folded, place }: DigestDue,
  storm: Storm,
): Promise<Unshown> {
  const groups = await foldedGroups(
    pool,
    folded.map(({ id }) => id),
  );
  const surface = digestMessage({ folded: groups, calm: Math.max(1, storm.seen.size), now: now() });
  const digest = folded.length === 0 ? calm : sha256({ text: surface.text, blocks: surface.blocks });
  return { stream: boardOf(channel), surface, place, digest, channel, root: undefined };
}

/** Remembers that the digest was drawn. */
export function noteDigest(storm: Storm, { folded }: DigestDue, now: number): void {
  storm.drawnAt = now;
  storm.clicks = clicksOf(folded);
  if (folded.length === 0) storm.seen.clear();
}

function clicksOf(folded: readonly UndrawnGroup[]): string {
  const clicks = folded.filter(({ happened }) =>
    ['Acknowledged', 'Unacknowledged', 'Dismissed'].some((type) => happened.includes(type)),
  );
  return clicks
    .map(({ id, version }) => `${id} ${version}`)
    .sort()
    .join();
}

function callFor(rank: number, since: number, lane: Call['lane'], isUrgent: boolean): Call {
  return { lane, rank, since, isCritical: false, isUrgent };
}
