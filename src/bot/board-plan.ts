import type { Pool } from 'pg';
import type { Episode } from '../alerts/alert.ts';
import type { AlertGroup } from '../alerts/group.ts';
import { sha256 } from '../canonical.ts';
import { load } from '../store/streams.ts';
import { placesOf } from '../store/surfaces.ts';
import type { GroupView } from './blocks/alerts/group-view.ts';
import type { Surface } from './blocks/surface.ts';
import type { Unshown } from './show.ts';

/** What drawing a group needs. */
export interface GroupDrawing {
  readonly pool: Pool;
  readonly now: () => number;
  /** Alerts of the group's present round, at most `limit`. */
  readonly episodes: (group: AlertGroup, limit: number) => Promise<readonly Episode[]>;
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
export async function planOf(
  { pool, now, episodes, groupMessage }: GroupDrawing,
  id: string,
): Promise<GroupPlan | undefined> {
  const loaded = await load<AlertGroup>(pool, id);
  if (loaded === undefined) return undefined;
  const { state: group, version } = loaded;
  const [some, known] = await Promise.all([episodes(group, someEpisodes), placesOf(pool, id)]);
  const surfaces = groupMessage({ group, episodes: some, now: now() });
  const places = new Map(known.map((place) => [place.key, place]));
  const first = surfaces.find(({ place, to }) => place === 'channel' && to === undefined);
  const root = first && places.get(first.key);
  // The thread follows its first message, even when a route sends the group elsewhere by now.
  const channel = root?.ts && root.channel ? root.channel : group.routing.channel;
  const owed = surfaces
    .map((surface): Unshown => {
      const digest = sha256({ text: surface.text, blocks: surface.blocks });
      const place = places.get(surface.key);
      return { stream: id, surface, place, digest, channel, root: root?.ts ?? undefined };
    })
    .filter(({ place, digest }) => place?.digest !== digest);
  return { version, owed };
}
