import { afterEach, expect, test } from 'vitest';
import type { Message } from '../../rehearsal/slack/screen.ts';
import { describeWith } from '../support/parts.ts';
import { type Slipway, startSlipway } from '../support/slipway.ts';
import { read } from './acting.ts';
import { alertsChannel, alertWebhooks } from './alert-webhooks.ts';
import { nothing, phase, planOf } from './plans.ts';

const plan = planOf([phase('main', 'Main work', [nothing()])]);
const many = 24;

describeWith('local-slack', "a storm of alerts under Slack's own rate limits", () => {
  let slipway: Slipway | undefined;

  afterEach(async () => {
    await slipway?.stop();
    slipway = undefined;
  });

  const isDigest = ({ text }: Message) => /alert groups? (is|are) firing|Calm again/.test(text);

  test('loses no alert, shows critical groups first, and lets people answer in the digest', async () => {
    const webhooks = await alertWebhooks();
    const { section: alerts, secrets } = webhooks;
    slipway = await startSlipway({ plan, alerts, secrets, workspace: { limits: 'slack' } });
    const { people, workspace, pool } = slipway;
    const { gateway } = workspace;

    for (let index = 0; index < many; index += 1) {
      const severity = index % 6 === 5 ? 'critical' : 'warning';
      await webhooks.send(`G${index};`, { severity, alerts: 20 });
    }
    const digest = await people.waitForMessage(alertsChannel, isDigest, { timeoutMs: 60_000 });
    await people.click('carol', digest, 'Acknowledge');
    await people.waitForMessage(
      alertsChannel,
      (message) => isDigest(message) && read(message).includes('Acknowledged by'),
      { timeoutMs: 60_000, what: 'the click in the digest' },
    );
    await people.waitForMessage(alertsChannel, ({ text }) => text.includes('Calm again'), {
      timeoutMs: 120_000,
    });
    await people.waitForMessage(
      alertsChannel,
      (message) => message.thread_ts !== undefined && read(message).includes('Acknowledged by'),
      { timeoutMs: 60_000, what: 'the click in the thread' },
    );

    const own = gateway.calls
      .filter(({ method }) => method === 'chat.postMessage')
      .map(({ args }) => String(args.text))
      .filter((text) => /G\d+;/.test(text));
    // Slack takes a few posts at once, before anything critical has come.
    const lastCritical = own.findLastIndex((text) => text.startsWith('🟥'));
    expect(own.slice(0, lastCritical).filter((text) => text.startsWith('🟨')).length).toBeLessThanOrEqual(2);
    const heads = people.messages(alertsChannel).filter(({ thread_ts }) => thread_ts === undefined);
    const names = heads.flatMap(({ text }) => /G\d+;/.exec(text)?.[0] ?? []);
    expect([...names].sort()).toEqual(Array.from({ length: many }, (_, index) => `G${index};`).sort());
    expect(heads.filter(isDigest)).toHaveLength(1);
    expect(heads.filter(({ text }) => text.includes('acknowledged'))).toHaveLength(1);
    const { rows } = await pool.query<{ firing: number }>(
      `select count(*)::int as firing from alerts where status = 'firing'`,
    );
    expect(rows[0]?.firing).toBe(many * 20);
    expect(gateway.stats.rateLimited).toBe(0);
    expect(gateway.violations).toEqual([]);
  }, 240_000);
});
