import { afterEach, expect, test, vi } from 'vitest';
import { historyOf } from '../../src/store/record.ts';
import { describeWith } from '../support/parts.ts';
import { type CrashSite, startCrashSite } from './crash-site.ts';
import type { CrashWorld } from './crash-world.ts';
import { gatherCrew } from './crew.ts';
import { chainFaults, orderFaults } from './record-faults.ts';

function planWithoutCheck({ mark }: CrashWorld): unknown {
  const step = { id: 'mark', ...(mark('it', { check: false, seconds: 2 }) as object) };
  return {
    name: 'test',
    title: 'Without a check',
    phases: [{ id: 'only', title: 'Only', steps: [step] }],
  };
}

describeWith(['local-slack', 'sshd'], 'an apply that was cut off and whose check cannot tell', () => {
  let site: CrashSite | undefined;

  afterEach(async () => {
    await site?.stop();
    site = undefined;
  });

  test('is not repeated when a person says that it was done', { timeout: 120_000 }, async () => {
    site = await startCrashSite({ plan: planWithoutCheck, workers: false });
    const { slipway, world } = site;
    const crew = gatherCrew(slipway, { pool: slipway.pool, verdict: 'done' });
    await killInApply(site);
    await vi.waitFor(async () => expect(await world.historyOf('it')).toContain('changed'), 10_000);

    const run = await crew.play('site-1', 'v1');

    expect(run.outcome).toBe('succeeded');
    expect(await world.historyOf('it')).toEqual(['begun', 'changed']);
    expect(await wordsOf(site, run.id)).toEqual(['ApplyBegun', 'StepDoubted', 'DoubtSettled', 'StepChanged']);
    expect([...(await orderFaults(slipway.pool, run)), ...(await chainFaults(slipway.pool))]).toEqual([]);
  });

  test('is repeated when a person says that it was not done', { timeout: 120_000 }, async () => {
    site = await startCrashSite({ plan: planWithoutCheck, workers: false });
    const { slipway, world } = site;
    const crew = gatherCrew(slipway, { pool: slipway.pool, verdict: 'again' });
    await killInApply(site);
    await world.cutOff('it');

    const run = await crew.play('site-1', 'v1');

    expect(run.outcome).toBe('succeeded');
    expect(await world.historyOf('it')).toEqual(['begun', 'begun', 'changed']);
    expect(await wordsOf(site, run.id)).toEqual([
      'ApplyBegun',
      'StepDoubted',
      'DoubtSettled',
      'ApplyBegun',
      'StepChanged',
    ]);
    expect([...(await orderFaults(slipway.pool, run)), ...(await chainFaults(slipway.pool))]).toEqual([]);
  });
});

/** Starts a run and kills the bot while the script is at work on the host. */
async function killInApply({ slipway, world, processes }: CrashSite): Promise<void> {
  await slipway.people.command('alice', 'site-1', '/deploy', 'site-1 v1');
  await vi.waitFor(async () => expect(await world.historyOf('it')).toEqual(['begun']), {
    timeout: 20_000,
    interval: 20,
  });
  await processes[0]?.restart('SIGKILL');
}

async function wordsOf({ slipway }: CrashSite, run: string): Promise<readonly string[]> {
  const events = await historyOf(slipway.pool, run);
  return events.filter(({ data }) => data.step === 'mark').map(({ type }) => type);
}
