import { afterEach, expect, test } from 'vitest';
import type { Workspace } from '../../rehearsal/slack/workspace.ts';
import { describeWith } from '../support/parts.ts';
import { channel, type Slipway, startSlipway } from '../support/slipway.ts';
import { crewOf, read } from './acting.ts';
import { gate, nothing, phase, planOf } from './plans.ts';

const plan = planOf([
  phase('main', 'Main work', [nothing()], gate()),
  phase('after', 'Afterwards', [nothing()], { needs: ['main'] }),
]);

describeWith('local-slack', 'trouble with Slack', () => {
  let slipway: Slipway | undefined;

  afterEach(async () => {
    await slipway?.stop();
    slipway = undefined;
  });

  /** What people see in the end: one message of each kind, each in its final state. */
  async function endsWell(): Promise<void> {
    if (slipway === undefined) throw new Error('nothing runs');
    const { people, workspace } = slipway;
    const crew = crewOf(slipway);
    await crew.card('succeeded');
    await crew.message('2 already as wanted');
    await crew.settled();
    const shown = people.messages(channel).filter(({ ephemeral_to }) => ephemeral_to === undefined);
    const heads = shown.map((message) => read(message).split('\n')[0] ?? '');
    for (const head of [
      /succeeded$/,
      /^✅ Approved/,
      /^✅ Main work/,
      /^✅ Afterwards/,
      /: succeeded after/,
    ]) {
      expect(heads.filter((one) => head.test(one))).toHaveLength(1);
    }
    expect(heads).toHaveLength(5);
    expect(workspace.gateway.violations).toEqual([]);
  }

  test('that asks to wait is obeyed', async () => {
    slipway = await startSlipway({ plan });
    const { gateway } = slipway.workspace;
    const crew = crewOf(slipway);
    gateway.fail({ method: 'chat.postMessage', with: '429', retryAfter: 4 });

    await crew.deploy('alice', 'production v1');
    await crew.press('bob', 'Approve');
    await endsWell();

    const posts = gateway.calls.filter(({ method }) => method === 'chat.postMessage');
    expect(posts[0]?.ok).toBe(false);
    expect((posts[1]?.at ?? 0) - (posts[0]?.at ?? 0)).toBeGreaterThanOrEqual(4_000);
  });

  test.each([
    ['answers with 500', 'http500'],
    ['cuts the line before it has heard', 'drop-before'],
    ['posts but never says so', 'drop-after-delivery'],
  ] as const)('that %s leaves nothing out and nothing twice', async (_, kind) => {
    slipway = await startSlipway({ plan });
    const { gateway } = slipway.workspace;
    const crew = crewOf(slipway);
    gateway.fail({ method: 'chat.postMessage', with: kind, times: 2 });
    gateway.fail({ method: 'chat.update', with: kind, times: 2 });

    await crew.deploy('alice', 'production v1');
    await crew.press('bob', 'Approve');
    await endsWell();

    expect(gateway.stats.failed).toBe(4);
    // What may have been posted is looked for by what it carries: the card in the channel, what hangs on it in the thread.
    expect(callsOf(slipway.workspace, 'conversations.history')).toBeGreaterThan(0);
    const wasCardFound = kind === 'drop-after-delivery';
    expect(callsOf(slipway.workspace, 'conversations.replies') > 0).toBe(wasCardFound);
  });

  test('that does not answer at all is given up after its time limit', async () => {
    slipway = await startSlipway({ plan });
    const { gateway } = slipway.workspace;
    const crew = crewOf(slipway);
    gateway.fail({ method: 'chat.postMessage', with: 'timeout' });

    await crew.deploy('alice', 'production v1');
    await crew.press('bob', 'Approve');
    await endsWell();

    expect(gateway.stats.failed).toBe(1);
  });

  test('that takes no new connection for a while is connected to again', async () => {
    slipway = await startSlipway({ plan });
    const { gateway } = slipway.workspace;
    const crew = crewOf(slipway);
    gateway.fail({ method: 'apps.connections.open', with: 'http500', times: 2 });
    gateway.fail({ method: 'apps.connections.open', with: '429', retryAfter: 1 });

    gateway.goDark();
    gateway.light();
    await crew.reachable();
    await crew.deploy('alice', 'production v1');
    await crew.press('bob', 'Approve');
    await endsWell();

    expect(gateway.stats.failed).toBe(3);
  });

  test('that loses a message has it posted anew', async () => {
    slipway = await startSlipway({ plan });
    const { people, workspace } = slipway;
    const crew = crewOf(slipway);
    await crew.deploy('alice', 'production v1');
    const card = await crew.card('waiting for people');
    await fetch(`${workspace.env.SLACK_API_URL}chat.delete`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${workspace.env.SLACK_BOT_TOKEN}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ channel: card.channel, ts: card.ts }),
    });

    await crew.press('bob', 'Approve');
    await crew.card('succeeded');

    expect(people.messages(channel).filter(({ ts }) => ts === card.ts)).toEqual([]);
    expect(workspace.gateway.violations).toEqual([]);
  });
});

function callsOf({ gateway }: Workspace, method: string): number {
  return gateway.calls.filter((call) => call.method === method).length;
}
