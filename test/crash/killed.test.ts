import { afterEach, expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { chance, crashRuns, freshSeed } from './chance.ts';
import { crashPlan } from './crash-plan.ts';
import { atOnce, type CrashSite, startCrashSite } from './crash-site.ts';
import { endure } from './ordeal.ts';

describeWith(['local-slack', 'sshd'], 'processes killed at random moments', () => {
  let site: CrashSite | undefined;

  afterEach(async () => {
    await site?.stop();
    site = undefined;
  });

  test('every run ends with the world as wanted and nothing done twice', { timeout: 1_200_000 }, async () => {
    const seed = freshSeed();
    const random = chance(seed);
    site = await startCrashSite({ environments: atOnce, plan: crashPlan });
    const troubles = site.processes.map((keeper) => ({
      least: 2_000,
      most: 9_000,
      strike: () => keeper.restart('SIGKILL'),
    }));

    const faults = await endure(site, { runs: crashRuns(), random, troubles, pool: site.slipway.pool });

    expect(faults, `with SLIPWAY_CRASH_SEED=${seed}`).toEqual([]);
  });
});
