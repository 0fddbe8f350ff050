import { afterAll, beforeAll, expect, test } from 'vitest';
import { openAlerts } from '../../src/alerting/alerts.ts';
import { refillSources } from '../../src/alerting/refill-sources.ts';
import { sourceStream } from '../../src/alerting/source-streams.ts';
import type { OutboxRow } from '../../src/store/outbox.ts';
import { type TestStore, testStore } from '../support/store.ts';
import { alertsConfig } from './ingest-site.ts';

let store: TestStore;

beforeAll(async () => {
  store = await testStore();
});

afterAll(async () => {
  await store.drop();
});

test('the page of a silent watchdog is asked of the queue again until PagerDuty has answered', async () => {
  const now = () => 1_000_000;
  const config = alertsConfig;
  const { main } = config.sources;
  if (main === undefined) throw new Error('there is no such source');
  const nudge = () => undefined;
  const alerts = openAlerts({ pool: store.pool, config, now, nudge, changedSince: async () => [] });
  const { tell, find } = sourceStream(alerts, main);
  const asked = async () => {
    const all: OutboxRow[] = [];
    await refillSources(store.pool, { add: async (rows) => void all.push(...rows) }, now());
    return all;
  };

  const before = await asked();
  await tell({ type: 'CheckWatchdog', silence: 10, startedAt: 0, page: 'platform' });
  const silent = await asked();
  await tell({ type: 'PageTold', turn: 1 });
  const told = await asked();

  expect(before).toEqual([]);
  expect(silent).toEqual([
    {
      id: 'source-main.page.1',
      queue: 'calls',
      name: 'watchdog-page',
      data: { source: 'main', turn: 1 },
      runAt: null,
    },
  ]);
  expect(told).toEqual([]);
  expect((await find())?.channel).toBe('C0ALERTS');
});
