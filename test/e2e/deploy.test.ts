import { afterEach, expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { channel, type Slipway, startSlipway, textOf } from '../support/slipway.ts';

const plan = {
  name: 'test',
  title: 'Test plan',
  phases: [
    {
      id: 'pre',
      title: 'Pre-flight',
      steps: [{ id: 'nothing', title: 'Nothing to do', uses: 'wait/for', with: { duration: '0s' } }],
    },
    {
      id: 'main',
      title: 'Main work',
      needs: ['pre'],
      gate: { approvals: { approvers: 1 } },
      steps: [
        {
          id: 'look',
          title: 'Somebody looks',
          uses: 'people/confirm',
          with: { prompt: 'Is the console green?', from: ['oncall'] },
        },
      ],
    },
  ],
};

describeWith('local-slack', 'a deployment from Slack', () => {
  let slipway: Slipway | undefined;

  afterEach(async () => {
    await slipway?.stop();
    slipway = undefined;
  });

  test('runs from the command over an approval and a confirmation to success', async () => {
    slipway = await startSlipway({ plan });
    const { people, workspace } = slipway;

    await people.command('alice', channel, '/deploy', 'production v2.4.1');
    const gate = await people.waitForMessage(channel, (message) =>
      people.buttons(message).includes('Approve'),
    );
    await people.click('bob', gate, 'Approve');
    const ask = await people.waitForMessage(channel, (message) =>
      people.buttons(message).includes('Confirm'),
    );
    await people.click('carol', ask, 'Confirm');
    await people.waitForModal();
    await people.submitModal('carol', { answer: 'All green at 03:12.' });
    const card = await people.waitForMessage(channel, (message) => textOf(message).includes('succeeded after'));

    expect(textOf(card)).toContain('v2.4.1');
    expect(workspace.gateway.violations).toEqual([]);
  });
});
