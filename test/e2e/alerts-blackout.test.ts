import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { type Slipway, startSlipway } from '../support/slipway.ts';
import { alertsChannel, alertWebhooks } from './alert-webhooks.ts';
import { nothing, phase, planOf } from './plans.ts';

const plan = planOf([phase('main', 'Main work', [nothing()])]);

describeWith('local-slack', 'alerts while Slack is away', () => {
  let slipway: Slipway | undefined;

  afterEach(async () => {
    await slipway?.stop();
    slipway = undefined;
  });

  const heads = () =>
    (slipway?.people.messages(alertsChannel) ?? [])
      .filter(({ thread_ts }) => thread_ts === undefined)
      .map(({ text }) => text)
      .filter((text) => /G\d+;/.test(text));
  const named = (count: number) => Array.from({ length: count }, (_, index) => `G${index};`);
  /** Waits until Slack shows everything. */
  const settled = async () => {
    for (const end = Date.now() + 90_000; Date.now() < end; await delay(200)) {
      const undrawn = await slipway?.pool.query('select id from streams where drawn < version');
      if (undrawn?.rowCount === 0) return;
    }
    throw new Error('not everything is drawn');
  };

  test('are taken in all the same, and afterwards each group is shown once, as it stands', async () => {
    const webhooks = await alertWebhooks();
    const { section: alerts, secrets } = webhooks;
    slipway = await startSlipway({ plan, alerts, secrets, workspace: { limits: 'slack' } });
    const { gateway } = slipway.workspace;
    const [early, late] = [named(10), named(16).slice(10)];
    for (const name of early) await webhooks.send(name);
    await slipway.people.waitForMessage(alertsChannel, ({ text }) => text.includes('G2;'), {
      timeoutMs: 30_000,
    });

    gateway.goDark();
    const alertsOf = (name: string) => (early.slice(0, 3).includes(name) ? 3 : 1);
    for (const name of early) await webhooks.send(name, { alerts: alertsOf(name) });
    for (const name of late) await webhooks.send(name);
    await delay(5_000);
    const over = [...early.slice(0, 5), ...late.slice(0, 3)];
    for (const name of over) await webhooks.send(name, { status: 'resolved', alerts: alertsOf(name) });
    const inTheDark = gateway.calls.length;
    gateway.light();
    await settled();

    const shown = heads();
    expect(shown.map((text) => /G\d+;/.exec(text)?.[0]).sort()).toEqual([...early, ...late].sort());
    for (const name of [...early, ...late]) {
      const state = over.includes(name) ? 'resolved' : 'firing';
      expect(shown.find((text) => text.includes(name))).toContain(state);
    }
    const stale = gateway.calls
      .slice(inTheDark)
      .map(({ args }) => String(args.text))
      .filter((text) => over.some((name) => text.includes(name)) && text.includes('firing'));
    expect(stale).toEqual([]);
    expect(gateway.stats.rateLimited).toBe(0);
    expect(gateway.violations).toEqual([]);
  }, 180_000);

  test('are shown once when Slipway is restarted in the middle of a storm', async () => {
    const webhooks = await alertWebhooks();
    const { section: alerts, secrets } = webhooks;
    slipway = await startSlipway({ plan, alerts, secrets, workspace: { limits: 'slack' } });
    for (const name of named(10)) await webhooks.send(name);
    await slipway.people.waitForMessage(alertsChannel, ({ text }) => text.includes('G2;'), {
      timeoutMs: 30_000,
    });

    await slipway.restart();
    await slipway.people.waitForMessage(alertsChannel, ({ text }) => text.includes('Calm again'), {
      timeoutMs: 90_000,
    });
    await settled();

    expect(
      heads()
        .map((text) => /G\d+;/.exec(text)?.[0])
        .sort(),
    ).toEqual(named(10).sort());
    expect(slipway.workspace.gateway.violations).toEqual([]);
  }, 180_000);
});
