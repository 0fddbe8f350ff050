import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAlertMetrics } from '../../src/alerting/alert-metrics.ts';
import { openAlerts } from '../../src/alerting/alerts.ts';
import { groupIdOf } from '../../src/alerts/delivery.ts';
import { readWebhook } from '../../src/alerts/webhook.ts';
import { onCall } from '../../src/bot/commands/oncall.ts';
import { textOf } from '../bot/blocks/text-of.ts';
import { type TestStore, testStore } from '../support/store.ts';
import { alertBody, webhookBody } from '../support/webhooks.ts';
import { alertsConfig } from './ingest-site.ts';

const minute = 60_000;
const three = Date.parse('2026-11-22T03:00:00Z');

let store: TestStore;

beforeAll(async () => {
  store = await testStore();
});

afterAll(async () => {
  await store.drop();
});

describe('a night with one alert', () => {
  test('is counted for Prometheus, and told by /oncall stats', async () => {
    const registry = new Registry();
    let now = three;
    const alerts = openAlerts({
      pool: store.pool,
      config: alertsConfig,
      now: () => now,
      nudge: () => undefined,
      changedSince: async () => [],
      observe: createAlertMetrics(registry).observe,
    });
    const tell = async (alert: Readonly<Record<string, unknown>>) => {
      const read = readWebhook(webhookBody({ alerts: [alertBody(1, alert)] }));
      if (!read.ok) throw new Error(read.because);
      await alerts.deliver('main', read.webhook, 'webhook');
      return groupIdOf('main', read.webhook);
    };
    const stats = async (text: string) => {
      const typed = { user: 'U0BOB', text, channel: 'C0ALERTS', trigger: 't', tell: async () => undefined };
      const answer = await onCall({ alerts, now: () => now })(typed);
      return textOf(answer?.blocks ?? []);
    };

    const group = await tell({});
    const { page } = (await alerts.find(group)) ?? {};
    if (page !== undefined) await alerts.handle(group, { type: 'PageTold', round: 1, turn: page.turn });
    now += 4 * minute;
    await alerts.handle(group, { type: 'Acknowledge', round: 1, by: { id: 'U0BOB', may: ['respond'] } });
    now += 16 * minute;
    await tell({ status: 'resolved', endsAt: '2026-11-22T04:00:00Z' });
    const week = await stats('stats');
    now += 10 * 24 * 60 * minute;

    expect(week).toContain('*The last 7 days:* alerts began to fire once');
    expect(week).toContain('(MTTA) 4 min on average');
    expect(week).toContain('(MTTR) 20 min on average');
    expect(await stats('stats')).toContain('No alert has fired in the last 7 days');
    expect(await stats('stats 30')).toContain('*The last 30 days:* alerts began to fire once');
    const measured = await registry.metrics();
    expect(measured).toMatch(/slipway_alert_groups_opened_total{source="main",severity="\w+"} 1/);
    expect(measured).toMatch(/slipway_alert_acknowledge_seconds_sum{severity="\w+"} 240/);
    expect(measured).toMatch(/slipway_alert_resolve_seconds_sum{severity="\w+"} 1200/);
  });
});
