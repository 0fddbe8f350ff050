import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type PlayedPagerDuty, startPagerDuty } from '../../rehearsal/pagerduty/pagerduty.ts';
import type { Alerts } from '../../src/alerting/alerts.ts';
import { openPageDrift, type PageDriftParts } from '../../src/alerting/pagerduty-drift.ts';
import { openPager, type PageEvent, type Pager } from '../../src/alerting/pagerduty-events.ts';
import { openPagerDutyRest } from '../../src/alerting/pagerduty-rest.ts';
import type { AlertGroup, PageStatus } from '../../src/alerts/group.ts';
import type { PagerDutySettings } from '../../src/alerts/surroundings.ts';
import { Secret } from '../../src/secret.ts';
import { type TestStore, testStore } from '../support/store.ts';
import { alertsConfig, alertsOver, forgetAll, keepGroup } from './page-group.ts';

const id = 'group-00000000deadbeef';
const minute = 60_000;
const kim = { email: 'kim@example.com' };

let store: TestStore;
let pagerDuty: PlayedPagerDuty;
let alerts: Alerts;
let pager: Pager;
let parts: PageDriftParts;
/** Five minutes after the groups of these tests opened. */
let later: number;

beforeAll(async () => {
  store = await testStore();
});

afterAll(() => store.drop());

beforeEach(async () => {
  await forgetAll(store.pool);
  pagerDuty = await startPagerDuty({
    services: ['web', 'data'],
    users: [
      { name: 'Robin', email: 'robin@example.com' },
      { name: 'Kim', email: kim.email },
    ],
  });
  const settings: PagerDutySettings = {
    eventsUrl: pagerDuty.url,
    apiUrl: pagerDuty.url,
    token: new Secret('TOKEN', pagerDuty.token),
    keys: {
      web: new Secret('KEY', pagerDuty.keys.web ?? ''),
      data: new Secret('KEY', pagerDuty.keys.data ?? ''),
    },
    webhookSecrets: [],
    users: {},
  };
  pager = openPager(settings, { limit: 30_000 });
  alerts = alertsOver(store.pool, alertsConfig({}, settings));
  const rest = openPagerDutyRest(settings, { limit: 30_000, pause: 1 });
  if (rest === undefined) throw new Error('no token');
  parts = { pool: store.pool, alerts, pager, rest, log: pino({ level: 'silent' }) };
  later = Date.now() + 5 * minute;
});

afterEach(() => pagerDuty.stop());

const pageOf = (status: PageStatus, dedupKey = 'disk-full') => ({
  key: 'web',
  dedupKey,
  wanted: status,
  told: status,
  turn: 1,
});
const keep = (status: PageStatus, more: Partial<AlertGroup> = {}) =>
  keepGroup(store.pool, { page: pageOf(status), pageTurns: 1, openedAt: Date.now() - 1_000, ...more });
const send = (action: PageEvent['action'], dedupKey = 'disk-full', key = 'web') =>
  pager.send({ action, key, dedupKey, summary: 's', source: 's', severity: 'critical' });
const incident = () => pagerDuty.incidents()[0]?.id ?? '';
const calls = () => pagerDuty.asked.filter((one) => one === 'GET /incidents').length;
const closed = (): Partial<AlertGroup> => ({ status: 'resolved', closedAt: Date.now() });

describe('what differs between PagerDuty and a group', () => {
  test('an incident that is still open although its group has closed is resolved once more', async () => {
    await send('trigger');
    await keep('resolved', closed());

    const found = await openPageDrift(parts)(later);

    expect(found).toEqual([{ group: id, found: 'still-open' }]);
    expect(pagerDuty.incidents()).toMatchObject([{ status: 'resolved' }]);
  });

  test('what was resolved there is said on the group that still fires', async () => {
    await keep('triggered');
    await send('trigger');
    pagerDuty.acts.resolve(incident(), kim);

    const found = await openPageDrift(parts)(later);

    expect(found).toEqual([{ group: id, found: 'resolved' }]);
    expect(await alerts.find(id)).toMatchObject({ dismissed: { by: { name: 'PagerDuty' } } });
  });

  test('what was acknowledged there is said on the group, by name', async () => {
    await keep('triggered');
    await send('trigger');
    pagerDuty.acts.acknowledge(incident(), kim);

    const found = await openPageDrift(parts)(later);

    expect(found).toEqual([{ group: id, found: 'acknowledged' }]);
    expect(await alerts.find(id)).toMatchObject({ acknowledged: { by: { name: 'Kim' } } });
  });

  test('an acknowledgement that was taken back in Slack is not put back', async () => {
    await keep('acknowledged');
    await send('trigger');
    pagerDuty.acts.acknowledge(incident(), kim);

    const found = await openPageDrift(parts)(later);

    expect(found).toEqual([]);
    expect((await alerts.find(id))?.acknowledged).toBeUndefined();
  });

  test('the incident of an earlier opening does not end this one', async () => {
    await send('trigger');
    await send('resolve');
    await keep('triggered', { openedAt: Date.now() + 1_000 });

    const found = await openPageDrift(parts)(later);

    expect(found).toEqual([{ group: id, found: 'missing' }]);
    expect((await alerts.find(id))?.dismissed).toBeUndefined();
  });

  test('an incident that was opened after the group had closed is left open', async () => {
    await keep('resolved', { ...closed(), closedAt: Date.now() - minute });
    await send('trigger');

    const found = await openPageDrift(parts)(later);

    expect(found).toEqual([]);
    expect(pagerDuty.incidents()).toMatchObject([{ status: 'triggered' }]);
  });

  test('an incident is left open while another group with its key still fires', async () => {
    await send('trigger');
    await keep('resolved', closed());
    await keep('triggered', { id: 'group-1111111111111111' });

    const found = await openPageDrift(parts)(later);

    expect(found).toEqual([]);
    expect(pagerDuty.incidents()).toMatchObject([{ status: 'triggered' }]);
  });

  test('what agrees is left as it is', async () => {
    await keep('triggered');
    await send('trigger');

    const found = await openPageDrift(parts)(later);

    expect([found, calls()]).toEqual([[], 1]);
  });
});

describe('how often PagerDuty is asked', () => {
  const alone: readonly (readonly [string, () => Partial<AlertGroup>])[] = [
    ['was never paged', () => ({ page: { ...pageOf('triggered'), told: 'acknowledged' } })],
    ['closed long ago', () => ({ page: pageOf('resolved'), status: 'resolved', closedAt: 0 })],
    ['was resolved by somebody', () => ({ dismissed: { by: { via: 'slack', id: 'U0CAROL' }, at: 0 } })],
  ];

  test.each(alone)('not about what %s', async (_, more) => {
    await keep('triggered', more());

    await openPageDrift(parts)(later);

    expect(calls()).toBe(0);
  });

  test('not while it may still be on its way', async () => {
    await keep('triggered');
    await store.pool.query('update streams set changed_at = to_timestamp($1::float8 / 1000)', [later]);

    await openPageDrift(parts)(later + minute);

    expect(calls()).toBe(0);
  });

  test('a bounded number at a time, each in its turn and then not for ten minutes', async () => {
    for (const n of [1, 2, 3, 4, 5]) {
      await keep('triggered', { id: `group-000000000000000${n}`, page: pageOf('triggered', `key ${n}`) });
    }
    const repair = openPageDrift({ ...parts, most: 2 });

    const counts: number[] = [];
    for (const minutes of [0, 1, 2, 3, 10]) {
      await repair(later + minutes * minute);
      counts.push(calls());
    }

    expect(counts).toEqual([2, 4, 5, 5, 7]);
  });

  test('when it is away nobody else is asked about, and the same again a minute later', async () => {
    for (const n of [1, 2, 3]) {
      await keep('triggered', { id: `group-000000000000000${n}`, page: pageOf('triggered', `key ${n}`) });
    }
    const repair = openPageDrift(parts);
    const mend = pagerDuty.fail({ with: 500, path: '/incidents' });

    const found = await repair(later);
    const asked = calls();
    mend();
    await repair(later + minute);

    expect([found, asked, calls()]).toEqual([[], 1, 4]);
  });
});
