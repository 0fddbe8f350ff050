import { afterEach, expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import type { Ending } from '../support/processes.ts';
import { chance, freshSeed } from './chance.ts';
import { crashPlan } from './crash-plan.ts';
import { type CrashSite, startCrashSite } from './crash-site.ts';
import { endure } from './ordeal.ts';

const runs = 2;

/** What a service manager or a person at a terminal has patience for, in milliseconds, on a busy machine. */
const patience = 8_000;

describeWith(['local-slack', 'sshd'], 'processes stopped on request in mid-run', () => {
  let site: CrashSite | undefined;

  afterEach(async () => {
    await site?.stop();
    site = undefined;
  });

  test('they end soon and in good order, and carry on when they start again', {
    timeout: 300_000,
  }, async () => {
    const seed = freshSeed();
    const random = chance(seed);
    site = await startCrashSite({ environments: runs, plan: crashPlan });
    const endings: (Ending & { readonly ms: number })[] = [];
    const troubles = site.processes.map((keeper) => ({
      least: 3_000,
      most: 9_000,
      strike: async () => {
        // Before it is ready a signal may come while Node.js still loads it, which no program can answer.
        await keeper.current().ready;
        const before = performance.now();
        const ending = await keeper.restart('SIGTERM');
        endings.push({ ...ending, ms: performance.now() - before });
      },
    }));

    const faults = await endure(site, { runs, random, troubles, pool: site.slipway.pool });

    expect(faults, `with SLIPWAY_CRASH_SEED=${seed}`).toEqual([]);
    expect(endings.filter(({ code, ms }) => code !== 0 || ms > patience)).toEqual([]);
  });
});
