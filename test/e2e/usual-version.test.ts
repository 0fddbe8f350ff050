import { afterEach, expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { type Slipway, startSlipway } from '../support/slipway.ts';
import { crewOf, read } from './acting.ts';
import { nothing, phase, planOf } from './plans.ts';

const rollback = { critical: { phases: [phase('back', 'Back', [nothing()])] } };

describeWith('local-slack', 'a deployment without a version', () => {
  let slipway: Slipway | undefined;

  afterEach(async () => {
    await slipway?.stop();
    slipway = undefined;
  });

  test('is of the version that last went well and was not taken back, and of latest before there is one', async () => {
    slipway = await startSlipway({ plan: planOf([phase('main', 'Main', [nothing()])], { rollback }) });
    const crew = crewOf(slipway);

    await crew.deploy('alice', 'production');
    const first = await crew.card('latest', 'succeeded');
    await crew.deploy('alice', 'production v2');
    await crew.card('v2', 'succeeded');
    await crew.deploy('alice', 'rollback production');
    await slipway.people.waitForModal();
    await slipway.people.submitModal('alice', { severity: 'critical', reason: 'It was too slow.' });
    await crew.card('rollback of', 'rolled back');
    await crew.deploy('alice', 'plan production');
    const plan = await crew.told('alice', 'latest');

    expect(read(first)).toContain('latest');
    expect(read(plan)).not.toContain('v2');
  });
});
