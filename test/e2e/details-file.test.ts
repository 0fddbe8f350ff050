import { afterEach, beforeEach, expect, test } from 'vitest';
import { encode } from '../../src/bot/blocks/action.ts';
import { describeWith } from '../support/parts.ts';
import { channel, type Slipway, startSlipway } from '../support/slipway.ts';
import { crewOf } from './acting.ts';
import { looks, phase, planOf } from './plans.ts';
import { startTarget, type Target } from './target.ts';

describeWith('local-slack', 'details that are too long for a dialogue', () => {
  let slipway: Slipway;
  let target: Target;

  beforeEach(async () => {
    target = await startTarget();
    slipway = await startSlipway({ plan: planOf([phase('main', 'Main', [looks(`${target.url}/long`)])]) });
  });

  afterEach(async () => {
    await slipway.stop();
    await target.stop();
  });

  test('go to the thread as a file', async () => {
    const { people, workspace } = slipway;
    target.say('/long', { status: 200, text: `begin ${'x'.repeat(1_900)} end` });
    const crew = crewOf(slipway);

    await crew.deploy('alice', 'production v2');
    const card = await crew.card('succeeded');
    // The emulator's page shows dialogues, but only its control address can press a button that stands in one.
    await fetch(`${workspace.slack.url}/_control/interact`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        channel: 'C0PRODUCTION',
        messageTs: card.ts,
        user: 'U0ALICE',
        action: {
          type: 'button',
          action_id: 'details.file',
          block_id: 'any',
          value: encode({ run: 'production-1', phase: 'main' }),
        },
      }),
    });
    await crew.message('Details asked for by <@U0ALICE>');

    const [file] = people.files(channel);
    expect(file?.name).toBe('production-1-main.txt');
    expect(file === undefined ? '' : await people.readFile(file)).toMatch(/begin x{1900} end/);
    expect(workspace.gateway.violations).toEqual([]);
  });
});
