import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Place } from '../store/surfaces.ts';
import { noteDrawn, noteGone, notePosting } from '../store/surfaces.ts';
import { context } from './blocks/block.ts';
import { link } from './blocks/escape.ts';
import type { Surface } from './blocks/surface.ts';
import type { Messages } from './messages.ts';

/** A message that Slack does not show as it should: what it should say, where it is, and where it belongs. */
export interface Unshown {
  readonly stream: string;
  readonly surface: Surface;
  readonly place: Place | undefined;
  /** What the place is noted with once Slack shows it. */
  readonly digest: string;
  readonly channel: string;
  /** The ts of the message that a thread hangs on. */
  readonly root: string | undefined;
  /** It was noted already that its first post is tried. */
  readonly isNoted?: boolean;
}

/** What showing needs. */
export interface Showing {
  readonly pool: Pool;
  readonly messages: Messages;
  readonly now: () => number;
  readonly log: Logger;
}

/**
 * Edits the message when it is known, and posts it otherwise, after a look for a post whose answer never came. One that was
 * found, or is gone, is only noted: the next look says what to do about it. Returns where Slack shows it now, or undefined when
 * it was only noted. Throws as Messages do.
 */
export async function show(
  { stream, surface, place, digest, channel, root, isNoted = false }: Unshown,
  { pool, messages, now, log }: Showing,
): Promise<{ readonly channel: string; readonly ts: string } | undefined> {
  const { key } = surface;
  const mark = { stream, key };
  const content = { text: surface.text, blocks: surface.blocks };
  if (place?.ts && place.channel) {
    const at = { channel: place.channel, ts: place.ts };
    if (await messages.update(at.channel, at.ts, content)) {
      await noteDrawn(pool, stream, key, { ...at, digest });
      return at;
    }
    log.warn({ stream, key, ts: place.ts }, 'message gone, posted again');
    await noteGone(pool, stream, key);
    return undefined;
  }
  const { elsewhere } = surface;
  const to = surface.to ?? elsewhere?.channel ?? channel;
  const own = surface.to === undefined && surface.place === 'thread' ? root : undefined;
  const thread = elsewhere === undefined ? own : elsewhere.thread;
  // What was sent to a person cannot be looked for: told twice is better than not told.
  if (place?.postingSince && surface.to === undefined) {
    // A post was tried and its answer never came: it may be there.
    const found = await messages.find(to, thread, mark, place.postingSince);
    if (found !== undefined) {
      await noteDrawn(pool, stream, key, { channel: to, ts: found, digest: '' });
      return undefined;
    }
  }
  if (!isNoted) await notePosting(pool, stream, key, now());
  const before = place?.movedFrom ? await messages.link(place.channel ?? to, place.movedFrom) : undefined;
  const blocks =
    before === undefined ? content.blocks : [...content.blocks, context(link(before, 'an earlier message'))];
  const at = await messages.post(to, thread, mark, { ...content, blocks });
  await noteDrawn(pool, stream, key, { ...at, digest });
  return at;
}
