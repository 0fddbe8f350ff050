import { messageKeyOf } from '../../alerts/board.ts';
import type { Deployment } from '../../deploy/deployment.ts';
import { type EnvironmentState, lockAt } from '../../deploy/environment.ts';
import { environmentStream } from '../../engine/locks.ts';
import type { Incidents } from '../../response/incidents.ts';
import { firingGroups } from '../../store/homes.ts';
import { openStreams } from '../../store/record.ts';
import { load } from '../../store/streams.ts';
import { placesOf } from '../../store/surfaces.ts';
import type { Walkthrough } from '../../walkthroughs/walkthrough.ts';
import type { HomeFacts, HomePerson } from '../blocks/home/home-facts.ts';
import type { BotParts } from '../bot-parts.ts';

/** What the facts are gathered from. */
export interface FactParts extends Pick<BotParts, 'runs' | 'now' | 'alerts' | 'onCall'> {
  readonly messages: Pick<BotParts['messages'], 'link'>;
  readonly groups: Pick<BotParts['groups'], 'all'>;
  readonly incidents?: {
    readonly open: Incidents['open'];
    readonly settings: Pick<Incidents['settings'], 'may'>;
  };
}

/** As many alert groups as are looked through for those that wait on somebody; a home tab shows fewer. */
const mostGroups = 60;

/** Addresses of messages never change, and Slack is asked for each only once; undefined of one that is gone. */
export type Links = Map<string, string | undefined>;

/** Gathers what all home tabs are drawn from, as it is now. */
export async function homeFacts(parts: FactParts, links: Links): Promise<HomeFacts> {
  const { runs, now, incidents } = parts;
  const { pool } = runs.parts;
  const [open, { groups, firing }, walkthroughs, locks, duties, known] = await Promise.all([
    openStreams<Deployment>(pool, 'run'),
    firingGroups(pool, mostGroups),
    openStreams<Walkthrough>(pool, 'walkthrough'),
    locksNow(parts),
    dutiesNow(parts),
    incidents?.open() ?? [],
  ]);
  const link = (stream: string, key: string) => linkOf(parts, links, stream, key);
  return {
    now: now(),
    runs: await Promise.all(
      open.map(async (run) => ({
        run,
        plan:
          run.planHash === ''
            ? { name: run.plan, title: run.plan, phases: [], rollback: {} }
            : await runs.planOf(run),
        ...(await link(run.id, 'card')),
      })),
    ),
    locks,
    groups: await Promise.all(
      groups.map(async (group) => ({ group, ...(await link(group.id, messageKeyOf(group))) })),
    ),
    // Where none are taken it would be a lie that none fires.
    ...(parts.alerts && { firing }),
    incidents: known,
    walkthroughs: await Promise.all(
      walkthroughs
        .filter(({ runs: all }) => Object.values(all).some(({ status }) => status === 'asked'))
        .map(async (walkthrough) => ({ walkthrough, ...(await link(walkthrough.id, 'part-1')) })),
    ),
    onCall: duties,
  };
}

/** Who somebody is and what they may do, as the groups are now. */
export async function homePerson({ groups, alerts, incidents }: FactParts, id: string): Promise<HomePerson> {
  const everybody = await groups.all();
  const mine = Object.keys(everybody).filter((group) => everybody[group]?.includes(id));
  const isIn = (allowed: readonly string[] = []) => allowed.some((group) => mine.includes(group));
  const respond = alerts?.parts.config.settings.may.respond;
  const may = incidents?.settings.may;
  return {
    id,
    groups: mine,
    may: [
      ...(isIn(respond) ? (['acknowledge'] as const) : []),
      ...(isIn(may?.run) ? (['run'] as const) : []),
      ...(isIn(may?.publish) ? (['publish'] as const) : []),
    ],
  };
}

async function locksNow({ runs, now }: FactParts): Promise<HomeFacts['locks']> {
  const { pool, config } = runs.parts;
  const all = await Promise.all(
    Object.keys(config.environments).map(async (environment) => {
      const loaded = await load<EnvironmentState>(pool, environmentStream(environment));
      const lock = lockAt(loaded?.state, now());
      return lock === undefined ? [] : [{ ...lock, environment }];
    }),
  );
  return all.flat();
}

async function dutiesNow({ alerts, onCall, now }: FactParts): Promise<HomeFacts['onCall']> {
  const schedules = Object.keys(alerts?.parts.config.settings.schedules ?? {});
  return Promise.all(
    schedules.map(async (schedule) => {
      const duty = await onCall?.who(schedule, now());
      return {
        schedule,
        ...(duty?.now !== undefined && { now: duty.now }),
        ...(duty?.next !== undefined && { next: duty.next }),
      };
    }),
  );
}

async function linkOf(
  { runs, messages }: FactParts,
  links: Links,
  stream: string,
  key: string,
): Promise<{ readonly link?: string }> {
  const place = (await placesOf(runs.parts.pool, stream)).find((one) => one.key === key);
  if (!place?.channel || !place.ts) return {};
  const at = `${place.channel} ${place.ts}`;
  if (!links.has(at)) {
    // A process may run for years.
    if (links.size > 5_000) links.clear();
    links.set(at, await messages.link(place.channel, place.ts));
  }
  const found = links.get(at);
  return found === undefined ? {} : { link: found };
}
