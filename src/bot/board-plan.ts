import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Episode } from '../alerts/alert.ts';
import type { AlertGroup, OpenedGroup } from '../alerts/group.ts';
import { sha256 } from '../canonical.ts';
import { asKept } from '../store/as-kept.ts';
import { load } from '../store/streams.ts';
import type { Place } from '../store/surfaces.ts';
import { placesOf } from '../store/surfaces.ts';
import { bareMessage } from './blocks/alerts/bare-message.ts';
import { formerMessage } from './blocks/alerts/former-message.ts';
import type { GroupView } from './blocks/alerts/group-view.ts';
import type { Surface } from './blocks/surface.ts';
import type { Unshown } from './show.ts';

/** What drawing a group needs. */
export interface GroupDrawing {
  readonly pool: Pool;
  readonly now: () => number;
  readonly log: Logger;
  /** Alerts of the group's present round, at most `limit`. */
  readonly episodes: (group: Pick<AlertGroup, 'id'>, limit: number) => Promise<readonly Episode[]>;
  /** Whether there is a runbook here for a group's alerts; without it, for none. */
  readonly hasRunbook?: (group: AlertGroup, episodes: readonly Episode[]) => boolean;
  /** Whether incidents can be declared here. */
  readonly canDeclare?: boolean;
  readonly groupMessage: (view: GroupView) => readonly Surface[];
}

/** What Slack does not show yet of a group as it was at a version. */
export interface GroupPlan {
  readonly version: number;
  readonly owed: readonly Unshown[];
}

/** How many alerts a message is drawn from. */
const someEpisodes = 30;

/** Loads a group and compares it with what Slack shows of it; undefined when there is no such group. */
export async function planOf(drawing: GroupDrawing, id: string): Promise<GroupPlan | undefined> {
  const { pool, episodes } = drawing;
  const [loaded, some, known] = await Promise.all([
    load<AlertGroup>(pool, id),
    episodes({ id }, someEpisodes),
    placesOf(pool, id),
  ]);
  if (loaded === undefined) return undefined;
  return { version: loaded.version, owed: owedOf(drawing, loaded.state, some, known) };
}

/** The same for a group of which Slack shows nothing yet, as it is loaded once it is committed. */
export function planOfOpened(drawing: GroupDrawing, { group, version, episodes }: OpenedGroup): GroupPlan {
  return { version, owed: owedOf(drawing, asKept(group), asKept(episodes.slice(0, someEpisodes)), []) };
}

function owedOf(
  drawing: GroupDrawing,
  group: AlertGroup,
  some: readonly Episode[],
  known: readonly Place[],
): readonly Unshown[] {
  const surfaces = surfacesOf(drawing, group, some);
  const places = new Map(known.map((place) => [place.key, place]));
  const first = surfaces.find(isHead);
  const root = first && places.get(first.key);
  // The thread follows its first message, even when a route sends the group elsewhere by now.
  const channel = root?.ts && root.channel ? root.channel : group.routing.channel;
  const unshown = (surface: Surface, digest: string): Unshown => {
    return {
      stream: group.id,
      surface,
      place: places.get(surface.key),
      digest,
      channel,
      root: root?.ts ?? undefined,
    };
  };
  const owed = surfaces
    .map((surface) => unshown(surface, digestOf(surface, group)))
    .filter(({ place, digest, surface }) => place?.digest !== digest && isWanted(surface, place, group));
  const left = known
    .filter((place) => place.key !== first?.key && isLeftOpen(place))
    .map(({ key }) => unshown(formerMessage(group, key), `${ended} by a later one`));
  return [...owed, ...left];
}

function surfacesOf(
  { now, hasRunbook, canDeclare = false, groupMessage, log }: GroupDrawing,
  group: AlertGroup,
  episodes: readonly Episode[],
): readonly Surface[] {
  try {
    const local = hasRunbook?.(group, episodes) ?? false;
    return groupMessage({ group, episodes, now: now(), hasRunbook: local, canDeclare });
  } catch (error) {
    // All other groups of the channel wait for this one.
    log.error({ error, stream: group.id }, 'a group cannot be drawn');
    return [bareMessage(group)];
  }
}

/** Whether it is the group's own message in the channel, which its thread hangs on. */
export function isHead({ place, to }: Surface): boolean {
  return place === 'channel' && to === undefined;
}

/** What a message says that needs no edit any more begins its digest. */
const ended = 'ended';

function digestOf(surface: Surface, { status }: AlertGroup): string {
  const hash = sha256({ text: surface.text, blocks: surface.blocks });
  return isHead(surface) && status === 'resolved' ? `${ended} ${hash}` : hash;
}

/** Nobody is called for what was seen to before the call could be sent. */
function isWanted({ to }: Surface, place: Place | undefined, { status, acknowledged }: AlertGroup): boolean {
  return to === undefined || place?.ts != null || (status === 'firing' && acknowledged === undefined);
}

/** The message of an earlier round that closed and opened again before Slack could be told. */
function isLeftOpen({ key, ts, digest }: Place): boolean {
  return key.startsWith('message-') && ts !== null && !digest?.startsWith(ended);
}
