import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { type Slipway, startSlipway } from '../support/slipway.ts';
import { crewOf, read } from './acting.ts';
import { looks, nothing, phase, planOf } from './plans.ts';
import { startTarget, type Target } from './target.ts';

describeWith('local-slack', 'the days after a deployment', () => {
  let slipway: Slipway;
  let target: Target;

  beforeEach(async () => {
    target = await startTarget();
    const watch = { for: '1h', every: '1s', steps: [looks(`${target.url}/health`)] };
    const undo = { critical: { phases: [phase('back', 'Back', [nothing()])] } };
    slipway = await startSlipway({
      plan: planOf([phase('main', 'Main', [nothing()])], { watch, rollback: undo }),
    });
  });

  afterEach(async () => {
    await slipway.stop();
    await target.stop();
  });

  test('are watched, what breaks is told with a way back, and a rollback ends the watching', async () => {
    const crew = crewOf(slipway);

    await crew.deploy('alice', 'production v2');
    await crew.card('Watching v2', 'all is well');
    target.say('/health', { status: 500, text: 'down' });
    const broken = await crew.card('1 of 1 watched checks failing', 'The app answers');
    await crew.fillIn(
      'carol',
      'Roll back',
      { severity: 'critical', reason: 'down since 03:12' },
      'watched checks failing',
    );
    const ended = await crew.card('Watching v2', 'has ended', 'production-1 is rolled back');

    expect(read(broken)).toContain('500');
    expect(slipway.people.buttons(ended)).toEqual([]);
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('of a version end when the next one has taken its place', async () => {
    const crew = crewOf(slipway);

    await crew.deploy('alice', 'production v2');
    await crew.card('Watching v2');
    await crew.deploy('alice', 'production v3');

    await crew.card('Watching v2', 'has ended', 'production-2 took its place');
    await crew.card('Watching v3', 'all is well');
    await slipway.restart();
    await crew.card('Watching v3', 'all is well', '3 looks');
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });
});
