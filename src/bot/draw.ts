import { WebAPIPlatformError } from '@slack/web-api';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { sha256 } from '../canonical.ts';
import { Failure } from '../errors.ts';
import type { Place } from '../store/surfaces.ts';
import { noteStreamDrawn, placesOf } from '../store/surfaces.ts';
import type { Surface } from './blocks/surface.ts';
import type { Messages } from './messages.ts';
import { oneAtATime } from './one-at-a-time.ts';
import type { Pace } from './pace.ts';
import { show } from './show.ts';

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

/** What Slack refused while a stream is drawn: it must not keep all others from being shown. */
interface Refused {
  readonly digests: Set<string>;
  /** Channels in which nothing can be shown now. */
  readonly channels: Set<string>;
  inARow: number;
  first?: Failure;
}

/** How many refusals in a row are borne before more is wrong than single messages. */
const inARow = 5;

/** How long a call waits for its turn before the state is looked at again, in milliseconds. */
const lookAgainMs = 500;

/**
 * Makes Slack show a stream: one call at a time, each with the newest state, what somebody waits for first, until
 * nothing differs. Throws when Slack does not answer; drawing again goes on from there.
 */
export function createDrawer(drawing: Drawing): Drawer {
  const inTurn = oneAtATime();
  let isStopped = false;
  const drawOne = async (stream: string): Promise<void> => {
    const refused: Refused = { digests: new Set(), channels: new Set(), inARow: 0 };
    while (!isStopped && !(await drawNext(stream, drawing, refused)));
    // What Slack refused kept nothing else from being shown, but it is still owed.
    if (refused.first !== undefined) throw refused.first;
  };
  return {
    draw: (stream) => inTurn(stream, () => drawOne(stream)),
    stop: () => {
      isStopped = true;
    },
  };
}

/** Makes the next call; true when nothing differs any more. */
async function drawNext(stream: string, drawing: Drawing, refused: Refused): Promise<boolean> {
  const first = await look(stream, drawing, refused);
  if (first === undefined) return true;
  const { picture, next } = first;
  if (next === undefined) {
    if (refused.first === undefined) await noteStreamDrawn(drawing.pool, stream, picture.version);
    return true;
  }
  const method = methodFor(next);
  const isTurn = await drawing.pace.turn(method, targetOf(picture, next), next.surface.urgent, lookAgainMs);
  // Something that people wait for may have come meanwhile, and its turn is sooner.
  if (!isTurn) return false;
  // The state may have moved while this call waited for its turn.
  const newest = await look(stream, drawing, refused);
  if (newest?.next === undefined || methodFor(newest.next) !== method) return false;
  const { surface, place, digest } = newest.next;
  try {
    await show(
      { stream, surface, place, digest, channel: newest.picture.channel, root: newest.root },
      drawing,
    );
    refused.inARow = 0;
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'slack-refused') throw error;
    refused.first ??= error;
    if (isClosedTo(error)) {
      refused.channels.add(targetOf(newest.picture, newest.next));
      return false;
    }
    refused.inARow += 1;
    if (refused.inARow > inARow) throw error;
    refused.digests.add(`${surface.key} ${digest}`);
  }
  return false;
}

/** Slack's errors that mean a whole channel (https://docs.slack.dev/reference/methods/chat.postMessage#errors). */
const closed = new Set(['is_archived', 'channel_not_found', 'not_in_channel', 'restricted_action']);

function isClosedTo({ cause }: Failure): boolean {
  return cause instanceof WebAPIPlatformError && closed.has(cause.data.error);
}

function targetOf({ channel }: Picture, { surface }: Next): string {
  return surface.to ?? surface.elsewhere?.channel ?? channel;
}

function methodFor({ place }: Next): 'chat.update' | 'chat.postMessage' {
  return place?.ts ? 'chat.update' : 'chat.postMessage';
}

async function look(stream: string, { pool, picture }: Drawing, refused: Refused) {
  const wanted = await picture(stream);
  if (wanted === undefined) return undefined;
  const places = new Map((await placesOf(pool, stream)).map((place) => [place.key, place]));
  const stale = wanted.surfaces
    .map((surface): Next => {
      const digest = sha256({ text: surface.text, blocks: surface.blocks });
      return { surface, place: places.get(surface.key), digest };
    })
    .filter(({ place, digest }) => place?.digest !== digest)
    .filter(({ surface, digest }) => !refused.digests.has(`${surface.key} ${digest}`))
    .filter((one) => !refused.channels.has(targetOf(wanted, one)));
  const rootKey = wanted.surfaces.find(isRoot)?.key;
  const root = rootKey === undefined ? undefined : (places.get(rootKey)?.ts ?? undefined);
  // A thread hangs on its first message.
  const possible = root === undefined ? stale.filter(({ surface }) => !hangsOnRoot(surface)) : stale;
  const next = possible.find(({ surface }) => surface.urgent) ?? possible[0];
  return { picture: wanted, next, root };
}

function isRoot({ place, to, elsewhere }: Surface): boolean {
  return place === 'channel' && to === undefined && elsewhere === undefined;
}

function hangsOnRoot({ place, to, elsewhere }: Surface): boolean {
  return place === 'thread' && to === undefined && elsewhere === undefined;
}
