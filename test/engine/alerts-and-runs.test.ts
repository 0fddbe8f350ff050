import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { changedSince } from '../../src/engine/changed-since.ts';
import { holdRun } from '../../src/engine/hold-run.ts';
import { dora, type Engine, planOf, startEngine } from '../support/engine.ts';
import { until } from '../support/until.ts';

const two = [
  { id: 'build', steps: ['a'] },
  { id: 'ship', needs: ['build'], steps: ['b'] },
];
const fired = { environment: 'production', group: 'group-1', name: 'ApiDown' };

describe('a critical alert and the run in its environment', () => {
  let engine: Engine;

  beforeEach(async () => {
    engine = await startEngine('postgres', planOf(two, { pauseOnCriticalAlerts: true }));
  });

  afterEach(async () => {
    await engine.close();
  });

  /** Starts a run and stops the world in its first phase; `letGo` lets that phase end. */
  const begun = async () => {
    let letGo: () => void = () => undefined;
    const gate = new Promise<void>((settle) => {
      letGo = settle;
    });
    let isThere = false;
    engine.world.during = async (call) => {
      if (call !== 'apply a') return;
      isThere = true;
      await gate;
    };
    const id = await engine.started();
    await until('the first phase', () => isThere);
    return { id, letGo };
  };

  test('hold it at the next phase when its plan says so, until somebody lets it go on', async () => {
    const { id, letGo } = await begun();

    await holdRun(engine.runs, fired);
    letGo();
    const held = await engine.when(id, ({ phases }) => phases.build?.status === 'succeeded');
    await engine.runs.handle(id, { type: 'Continue', by: dora, reason: 'known' });
    const ended = await engine.when(id, ({ status }) => status === 'ended');

    expect(held).toMatchObject({
      hold: { groups: { 'group-1': 'ApiDown' } },
      phases: { ship: { status: 'waiting' } },
    });
    expect(engine.world.things).toContain('b');
    expect(ended.outcome).toBe('succeeded');
  });

  test('leave it alone when its plan does not say so', async () => {
    await engine.writePlan(planOf(two));
    const { id, letGo } = await begun();

    await holdRun(engine.runs, fired);
    letGo();

    expect(await engine.when(id, ({ status }) => status === 'ended')).toMatchObject({ outcome: 'succeeded' });
  });

  test('are no matter of another environment, or of one where nothing runs', async () => {
    await holdRun(engine.runs, fired);
    const { id, letGo } = await begun();

    await holdRun(engine.runs, { ...fired, environment: 'staging' });
    letGo();

    expect((await engine.when(id, ({ status }) => status === 'ended')).hold).toBeUndefined();
  });

  test('are told apart by what the run changed, and when', async () => {
    const id = await engine.started();
    const { requestedAt } = await engine.when(id, ({ status }) => status === 'ended');

    const since = await changedSince(engine.runs, 'production', requestedAt);
    const later = await changedSince(engine.runs, 'production', requestedAt + 3_600_000);

    expect(since).toEqual([{ run: id, version: 'v1', phase: 'ship', at: expect.any(Number), by: 'U0DORA' }]);
    expect(later).toEqual([]);
  });

  test('know nothing of a run that found everything as wanted', async () => {
    engine.world.things.add('a').add('b');
    const id = await engine.started();
    const { requestedAt } = await engine.when(id, ({ status }) => status === 'ended');

    expect(await changedSince(engine.runs, 'production', requestedAt)).toEqual([]);
  });
});
