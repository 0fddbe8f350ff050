import { afterEach, expect, test } from 'vitest';
import type { View } from '../../rehearsal/slack/screen.ts';
import { describeWith } from '../support/parts.ts';
import { type Slipway, startSlipway } from '../support/slipway.ts';
import { until } from '../support/until.ts';
import { crewOf } from './acting.ts';

const plan = {
  name: 'test',
  title: 'The shop',
  phases: [
    {
      id: 'launch',
      title: 'Launch',
      gate: { approvals: { approvers: 1 }, expires: '1h' },
      steps: [
        {
          id: 'look',
          title: 'Someone looks',
          uses: 'people/confirm',
          with: { from: ['oncall'], prompt: 'Does it look right?' },
        },
      ],
    },
  ],
};

/** A home tab that was opened is drawn again within seconds, on a busy machine some more. */
const patient = { timeoutMs: 60_000 };

const shows =
  (...texts: readonly string[]) =>
  (view: View): boolean =>
    texts.every((text) => JSON.stringify(view.blocks).includes(text));

describeWith('local-slack', 'the home tab', () => {
  let slipway: Slipway | undefined;

  afterEach(async () => {
    await slipway?.stop();
    slipway = undefined;
  });

  test('shows each person what waits on them, with its buttons, and follows what happens', async () => {
    slipway = await startSlipway({ plan });
    const { people, workspace } = slipway;
    const crew = crewOf(slipway);
    for (const user of ['alice', 'bob', 'carol']) {
      await people.openHome(user);
      await people.waitForHome(user, shows('Nothing waits on you'), patient);
    }

    await crew.deploy('alice', 'production v1');
    const seen = await people.waitForHome(
      'bob',
      shows('Waiting on you: 1', '*Launch* of v1 on production', 'Reject'),
      patient,
    );
    await people.waitForHome('alice', shows('Nothing waits on you', 'v1 on production'), patient);
    await people.clickHome('bob', 'Approve');
    await people.clickHome('bob', 'Approve', seen);
    // A button in a home tab stands in no channel, so its answer comes in the person's own messages.
    await until('the late click is answered', () =>
      workspace.gateway.calls.some(
        ({ method, args }) =>
          method === 'chat.postMessage' &&
          args.channel === 'U0BOB' &&
          String(args.text).includes('already decided'),
      ),
    );
    await people.waitForHome('bob', shows('Nothing waits on you'), patient);
    await people.waitForHome('carol', shows('*Someone looks* of v1', 'waits for your answer'), patient);
    await people.clickHome('carol', 'Confirm');
    await people.waitForModal();
    await people.submitModal('carol', { answer: 'It does.' });
    await crew.card('succeeded');

    const home = await people.waitForHome(
      'carol',
      shows('Nothing waits on you', 'Nothing is being deployed'),
      patient,
    );
    expect(JSON.stringify(home.blocks)).not.toContain('Confirm');
    expect(workspace.gateway.violations).toEqual([]);
  });

  test('is drawn although Slack failed once, and again after a restart', async () => {
    slipway = await startSlipway({ plan });
    const { people, workspace } = slipway;
    const crew = crewOf(slipway);
    await people.openHome('bob');
    await crew.deploy('alice', 'production v1');
    await people.waitForHome('bob', shows('Waiting on you: 1'), patient);
    workspace.gateway.fail({ method: 'views.publish', with: 'http500', times: 1 });
    await crew.press('bob', 'Reject').then(() => people.waitForModal());
    await people.submitModal('bob', { reason: 'Not tonight.' });
    await crew.card('rejected');

    await people.waitForHome('bob', shows('Nothing waits on you'), patient);
    await slipway.restart();
    await crew.deploy('alice', 'production v2');

    await people.waitForHome('bob', shows('*Launch* of v2 on production'), patient);
    expect(workspace.gateway.violations).toEqual([]);
  });
});
