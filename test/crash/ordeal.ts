import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Deployment } from '../../src/deploy/deployment.ts';
import { wantedOf } from './crash-plan.ts';
import type { CrashSite } from './crash-site.ts';
import { gatherCrew } from './crew.ts';
import { chainFaults, orderFaults, postedTwice } from './record-faults.ts';

/** Something that goes wrong again and again, `least` to `most` milliseconds after it was last over. */
export interface Trouble {
  readonly least: number;
  readonly most: number;
  readonly strike: () => Promise<unknown>;
}

export interface Ordeal {
  readonly runs: number;
  readonly random: () => number;
  readonly troubles: readonly Trouble[];
  /** Where the record is. */
  readonly pool: pg.Pool;
}

/**
 * Plays runs of the crash plan, side by side in all environments, while things go wrong. Returns everything that is not
 * as it should be afterwards, as sentences.
 */
export async function endure(site: CrashSite, ordeal: Ordeal): Promise<readonly string[]> {
  const { pool, runs, random, troubles } = ordeal;
  const crew = gatherCrew(site.slipway, { pool });
  const versions = Array.from({ length: runs }, (_, index) => `v${index + 1}`);
  const ended: Deployment[] = [];
  const strikes: number[] = [];
  let isOver = false;
  const striking = troubles.map(async ({ least, most, strike }) => {
    while (!isOver) {
      await sleep(least + random() * (most - least));
      strikes.push(Date.now());
      await strike();
    }
  });
  const queue = [...versions];
  const playing = site.environments.map(async (environment) => {
    for (let version = queue.shift(); version !== undefined; version = queue.shift()) {
      ended.push(await crew.play(environment, version));
    }
  });
  const played = await Promise.allSettled(playing);
  isOver = true;
  await Promise.all(striking);
  const stuck = played.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []));
  return [
    ...stuck,
    ...ended.filter(({ outcome }) => outcome !== 'succeeded').map(({ id, outcome }) => `${id}: ${outcome}`),
    ...ended.filter((run) => !wasStruck(run, strikes)).map(({ id }) => `${id} was never in trouble`),
    ...(await worldFaults(site, versions)),
    ...(await Promise.all(ended.map((run) => orderFaults(pool, run)))).flat(),
    ...(await chainFaults(pool)),
    ...(await Promise.all(site.channels.map((channel) => postedTwice(site.slipway, channel)))).flat(),
    ...site.slipway.workspace.gateway.violations.map((violation) => JSON.stringify(violation)),
    ...site.processes.flatMap(({ crashes }) => crashes),
  ];
}

function wasStruck({ requestedAt, endedAt = 0 }: Deployment, strikes: readonly number[]): boolean {
  return strikes.some((at) => at > requestedAt && at < endedAt);
}

async function worldFaults({ world }: CrashSite, versions: readonly string[]): Promise<readonly string[]> {
  const wanted = versions.map((version) => wantedOf(world, version));
  const databases = await world.databases();
  return [
    ...(await world.faultsOf(wanted.flatMap(({ marks }) => marks))),
    ...wanted.flatMap(({ database }) => (databases.includes(database) ? [] : [`no database ${database}`])),
  ];
}
