import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { sha256 } from '../canonical.ts';
import type { Place } from '../store/surfaces.ts';
import { noteDrawn, noteGone, notePosting, noteStreamDrawn, placesOf } from '../store/surfaces.ts';
import { context } from './blocks/block.ts';
import { link } from './blocks/escape.ts';
import type { Surface } from './blocks/surface.ts';
import type { Messages } from './messages.ts';
import type { Pace } from './pace.ts';

/** A stream as Slack should show it: where, and which messages, the one in the channel first. */
export interface Picture {
  readonly channel: string;
  readonly version: number;
  readonly surfaces: readonly Surface[];
}

/** What drawing needs; `picture` always gives the newest state, or undefined when there is nothing to show. */
export interface Drawing {
  readonly pool: Pool;
  readonly messages: Messages;
  readonly pace: Pace;
  readonly now: () => number;
  readonly log: Logger;
  readonly picture: (stream: string) => Promise<Picture | undefined>;
}

interface Next {
  readonly surface: Surface;
  readonly place: Place | undefined;
  readonly digest: string;
}

/** Draws streams until it is stopped. */
export interface Drawer {
  readonly draw: (stream: string) => Promise<void>;
  /** Lets the calls in flight end and makes no more; what is not shown then is drawn at the next start. */
  readonly stop: () => void;
}

/** How long a call waits for its turn before the state is looked at again, in milliseconds. */
const lookAgainMs = 500;

/**
 * Makes Slack show a stream: one call at a time, each with the newest state, what somebody waits for first, until
 * nothing differs. Throws when Slack does not answer; drawing again goes on from there.
 */
export function createDrawer(drawing: Drawing): Drawer {
  const last = new Map<string, Promise<void>>();
  let isStopped = false;
  const drawOne = async (stream: string): Promise<void> => {
    while (!isStopped && !(await drawNext(stream, drawing)));
  };
  return {
    // A queue that was emptied gives a job out again while the first is at work, and two would post the same message.
    draw: async (stream) => {
      const before = last.get(stream) ?? Promise.resolve();
      const mine = before.catch(() => undefined).then(() => drawOne(stream));
      last.set(stream, mine);
      await mine.finally(() => {
        if (last.get(stream) === mine) last.delete(stream);
      });
    },
    stop: () => {
      isStopped = true;
    },
  };
}

/** Makes the next call; true when nothing differs any more. */
async function drawNext(stream: string, drawing: Drawing): Promise<boolean> {
  const first = await look(stream, drawing);
  if (first === undefined) return true;
  const { picture, next } = first;
  if (next === undefined) {
    await noteStreamDrawn(drawing.pool, stream, picture.version);
    return true;
  }
  const method = methodFor(next);
  const isTurn = await drawing.pace.turn(method, picture.channel, next.surface.urgent, lookAgainMs);
  // Something that people wait for may have come meanwhile, and its turn is sooner.
  if (!isTurn) return false;
  // The state may have moved while this call waited for its turn.
  const newest = await look(stream, drawing);
  if (newest?.next === undefined || methodFor(newest.next) !== method) return false;
  await show(stream, newest.picture.channel, newest.next, newest.root, drawing);
  return false;
}

function methodFor({ place }: Next): 'chat.update' | 'chat.postMessage' {
  return place?.ts ? 'chat.update' : 'chat.postMessage';
}

async function look(stream: string, { pool, picture }: Drawing) {
  const wanted = await picture(stream);
  if (wanted === undefined) return undefined;
  const places = new Map((await placesOf(pool, stream)).map((place) => [place.key, place]));
  const stale = wanted.surfaces
    .map((surface): Next => {
      const digest = sha256({ text: surface.text, blocks: surface.blocks });
      return { surface, place: places.get(surface.key), digest };
    })
    .filter(({ place, digest }) => place?.digest !== digest);
  const rootKey = wanted.surfaces.find(({ place }) => place === 'channel')?.key;
  const root = rootKey === undefined ? undefined : (places.get(rootKey)?.ts ?? undefined);
  // A thread hangs on its first message.
  const next =
    root === undefined
      ? stale.find(({ surface }) => surface.place === 'channel')
      : (stale.find(({ surface }) => surface.urgent) ?? stale[0]);
  return { picture: wanted, next, root };
}

async function show(
  stream: string,
  channel: string,
  { surface, place, digest }: Next,
  root: string | undefined,
  { pool, messages, now, log }: Drawing,
): Promise<void> {
  const { key } = surface;
  const mark = { stream, key };
  const content = { text: surface.text, blocks: surface.blocks };
  if (place?.ts && place.channel) {
    if (await messages.update(place.channel, place.ts, content)) {
      await noteDrawn(pool, stream, key, { channel: place.channel, ts: place.ts, digest });
    } else {
      log.warn({ stream, key, ts: place.ts }, 'message gone, posted again');
      await noteGone(pool, stream, key);
    }
    return;
  }
  const thread = surface.place === 'thread' ? root : undefined;
  if (place?.postingSince) {
    // A post was tried and its answer never came: it may be there.
    const found = await messages.find(channel, thread, mark, place.postingSince);
    if (found !== undefined) {
      await noteDrawn(pool, stream, key, { channel, ts: found, digest: '' });
      return;
    }
  }
  await notePosting(pool, stream, key, now());
  const before = place?.movedFrom ? await messages.link(channel, place.movedFrom) : undefined;
  const blocks =
    before === undefined ? content.blocks : [...content.blocks, context(link(before, 'an earlier message'))];
  const ts = await messages.post(channel, thread, mark, { ...content, blocks });
  await noteDrawn(pool, stream, key, { channel, ts, digest });
}
