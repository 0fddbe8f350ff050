import { afterEach, expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { channel, type Slipway, startSlipway } from '../support/slipway.ts';
import { until } from '../support/until.ts';
import { crewOf, read } from './acting.ts';
import { gate, nothing, phase, planOf } from './plans.ts';

const gated = planOf([phase('main', 'Main work', [nothing()], gate())]);

describeWith('local-slack', 'a gate in Slack', () => {
  let slipway: Slipway | undefined;

  afterEach(async () => {
    await slipway?.stop();
    slipway = undefined;
  });

  test('refuses whoever asked, and tells nobody else', async () => {
    slipway = await startSlipway({ plan: gated });
    const crew = crewOf(slipway);

    await crew.deploy('alice', 'production v1');
    await crew.press('alice', 'Approve');
    const refusal = await crew.told('alice', 'somebody else must approve');

    expect(read(refusal)).toContain('You asked for this deployment');
    expect(slipway.people.ephemeralTo('bob')).toEqual([]);
    expect(read(await crew.offered('Approve'))).toContain('0 of 1');
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('refuses whoever is in no group that may approve, and names the group', async () => {
    slipway = await startSlipway({ plan: gated });
    const crew = crewOf(slipway);

    await crew.deploy('alice', 'production v1');
    await crew.press('carol', 'Approve');
    const refusal = await crew.told('carol', 'This gate is for approvers');

    expect(read(refusal)).toContain('You are not in a group that may do this.');
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('tells a second approver who was first', async () => {
    slipway = await startSlipway({
      plan: gated,
      groups: { deployers: ['U0ALICE'], approvers: ['U0BOB', 'U0CAROL'], oncall: ['U0CAROL'] },
    });
    const crew = crewOf(slipway);

    await crew.deploy('alice', 'production v1');
    const asSeenByBoth = await crew.press('bob', 'Approve');
    await crew.message('Approved', '<@U0BOB>');
    await slipway.people.click('carol', asSeenByBoth, 'Approve');
    const late = await crew.told('carol', '<@U0BOB>');

    expect(read(late)).toContain('already decided');
    await crew.card('succeeded');
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('tells who comes late in their own messages where it cannot tell them in the channel', async () => {
    slipway = await startSlipway({
      plan: gated,
      groups: { deployers: ['U0ALICE'], approvers: ['U0BOB', 'U0CAROL'], oncall: ['U0CAROL'] },
    });
    const { people, workspace } = slipway;
    const crew = crewOf(slipway);

    await crew.deploy('alice', 'production v1');
    const asSeenByBoth = await crew.press('bob', 'Reject');
    await people.waitForModal();
    await people.click('carol', asSeenByBoth, 'Approve');
    await crew.message('Approved', '<@U0CAROL>');
    workspace.gateway.fail({
      method: 'chat.postEphemeral',
      with: 'refusal',
      error: 'not_in_channel',
      times: 1,
    });
    await people.submitModal('bob', { reason: 'Not tonight.' });
    const told = await until('the answer', () =>
      workspace.gateway.calls.find(
        ({ method, args }) => method === 'chat.postMessage' && args.channel === 'U0BOB',
      ),
    );

    expect(JSON.stringify(told.args.blocks)).toContain('already decided');
    await crew.card('succeeded');
  });

  test('stops the run when it is rejected, with the reason', async () => {
    slipway = await startSlipway({ plan: gated });
    const crew = crewOf(slipway);

    await crew.deploy('alice', 'production v1');
    await crew.fillIn('bob', 'Reject', { reason: 'Not on a Friday.' });
    const card = await crew.card('rejected', 'Not on a Friday.');
    await crew.settled();

    expect(read(card)).toContain('<@U0BOB>');
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('expires, and is asked again by whoever may deploy', async () => {
    slipway = await startSlipway({
      plan: planOf([phase('main', 'Main work', [nothing()], gate('approvers', { expires: '3s' }))]),
    });
    const crew = crewOf(slipway);

    await crew.deploy('alice', 'production v1');
    await crew.offered('Approve');
    const expired = await crew.offered('Ask again');
    await slipway.people.click('bob', expired, 'Ask again');
    await crew.told('bob', 'right to deploy');
    await slipway.people.click('alice', expired, 'Ask again');
    await crew.press('bob', 'Approve');
    await crew.card('succeeded');

    expect(read(expired)).toContain('Expired');
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('is refused at the start when nobody could ever open it', async () => {
    slipway = await startSlipway({
      plan: planOf([phase('main', 'Main work', [nothing()], { gate: { approvals: { approvers: 2 } } })]),
      groups: { deployers: ['U0ALICE'], approvers: ['S0APPROVE'], oncall: ['U0CAROL'] },
      workspace: { groups: { S0APPROVE: ['U0BOB', 'U0ALICE'] } },
    });
    const crew = crewOf(slipway);

    await crew.deploy('alice', 'production v1');
    const refusal = await crew.told('alice', '2 of approvers');

    expect(read(refusal)).toContain('Not enough people could approve this.');
    expect(slipway.people.messages(channel).filter((one) => one.ephemeral_to === undefined)).toEqual([]);
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });

  test('wants a person for each of several groups', async () => {
    slipway = await startSlipway({
      plan: planOf([
        phase('main', 'Main work', [nothing()], { gate: { approvals: { approvers: 1, oncall: 1 } } }),
      ]),
      groups: { deployers: ['U0ALICE'], approvers: ['U0BOB'], oncall: ['U0CAROL', 'U0BOB'] },
    });
    const crew = crewOf(slipway);

    await crew.deploy('alice', 'production v1');
    await crew.press('bob', 'Approve', '0 of 2');
    const half = await crew.offered('Approve', '1 of 2');
    await slipway.people.click('bob', half, 'Approve');
    await crew.told('bob', 'already counts');
    await slipway.people.click('carol', half, 'Approve');
    await crew.card('succeeded');

    expect(slipway.workspace.gateway.violations).toEqual([]);
  });
});

describeWith('local-slack', 'a sign-off in Slack', () => {
  test('wants a signature of each group, every one by a person of its own', async () => {
    const step = {
      id: 'sign',
      title: 'Go or no go',
      uses: 'people/sign-off',
      with: { prompt: 'Do you sign?', groups: ['approvers', 'oncall'] },
    };
    const slipway = await startSlipway({ plan: planOf([phase('go', 'Go-live', [step])]) });
    try {
      const crew = crewOf(slipway);

      await crew.deploy('alice', 'production v1');
      await crew.fillIn('bob', 'Sign off', { answer: 'Business says yes.' });
      await crew.offered('Sign off', 'Business says yes.');
      await crew.fillIn('bob', 'Sign off', { answer: 'And I sign twice.' });
      await crew.told('bob', 'somebody else');
      await crew.fillIn('carol', 'Sign off', { answer: 'On-call is ready.' });
      await crew.card('succeeded');

      expect(slipway.workspace.gateway.violations).toEqual([]);
    } finally {
      await slipway.stop();
    }
  });
});

describeWith('local-slack', 'groups that Slack keeps', () => {
  test('are looked up, so that their members may deploy and approve', async () => {
    const slipway = await startSlipway({
      plan: gated,
      groups: { deployers: ['S0DEPLOY'], approvers: ['S0APPROVE'], oncall: ['U0CAROL'] },
      workspace: { groups: { S0DEPLOY: ['U0ALICE'], S0APPROVE: ['U0BOB', 'U0ALICE'] } },
    });
    try {
      const crew = crewOf(slipway);

      await crew.deploy('carol', 'production v1');
      await crew.told('carol', 'right to deploy');
      await crew.deploy('alice', 'production v1');
      await crew.press('bob', 'Approve');
      await crew.card('succeeded');

      expect(slipway.workspace.gateway.violations).toEqual([]);
    } finally {
      await slipway.stop();
    }
  });
});
