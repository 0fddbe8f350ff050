import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { AlertingParts } from '../../src/alerting/alerts.ts';
import { openAlerts } from '../../src/alerting/alerts.ts';
import type { Delivery } from '../../src/alerts/delivery.ts';
import { groupIdOf } from '../../src/alerts/delivery.ts';
import type { GroupEvent } from '../../src/alerts/events.ts';
import type { OpenedGroup, RelatedRun } from '../../src/alerts/group.ts';
import { readWebhook } from '../../src/alerts/webhook.ts';
import { sha256 } from '../../src/canonical.ts';
import { firstBreak } from '../../src/store/chain.ts';
import { evidenceOf, historyOf } from '../../src/store/record.ts';
import { load } from '../../src/store/streams.ts';
import { countOf, type TestStore, testStore } from '../support/store.ts';
import { alertBody, webhookBody } from '../support/webhooks.ts';
import { alertsConfig } from './ingest-site.ts';

let store: TestStore;

beforeAll(async () => {
  store = await testStore();
});

afterEach(async () => {
  await store.pool.query('truncate streams, events, evidence, outbox, alerts');
});

afterAll(async () => {
  await store.drop();
});

const open = (about: Partial<AlertingParts> = {}) =>
  openAlerts({
    pool: store.pool,
    config: alertsConfig,
    now: () => Date.now(),
    nudge: () => undefined,
    changedSince: async () => [],
    ...about,
  });

const deliveryOf = (about: Readonly<Record<string, unknown>> = {}): Delivery => {
  const read = readWebhook(webhookBody(about));
  if (!read.ok) throw new Error(read.because);
  return read.webhook;
};

const group = groupIdOf('main', deliveryOf());
const resolved = { status: 'resolved', endsAt: '2026-11-22T04:00:00Z' };
const by = { id: 'U0ALICE', may: ['respond' as const] };

const typesOf = (events: readonly { readonly type: string }[]) => events.map(({ type }) => type);

describe('a delivery', () => {
  test('opens its group, and is kept under its hash', async () => {
    const nudges: number[] = [];
    const alerts = open({ nudge: (due) => nudges.push(due) });

    const delivered = await alerts.deliver('main', deliveryOf(), 'webhook');

    expect(delivered).toMatchObject({
      ok: true,
      state: { id: group, status: 'firing', firing: 1, round: 1 },
    });
    expect(nudges).toHaveLength(1);
    const history = await historyOf(store.pool, group);
    expect(typesOf(history)).toContain('GroupOpened');
    const [kept] = await evidenceOf(store.pool, group);
    expect(kept?.hash).toBe(sha256(kept?.body));
    expect(history[0]?.data.delivery).toBe(kept?.hash);
    expect(kept?.body).toMatchObject({ source: 'main', receiver: 'slipway', alerts: [{ status: 'firing' }] });
    const { rows } = await store.pool.query('select id, data from outbox');
    expect(rows).toContainEqual({ id: 'draw.board.C0ALERTS', data: { stream: 'board.C0ALERTS' } });
  });

  test('is there for everybody when it is answered', async () => {
    const other = new pg.Client({ connectionString: store.url });
    await other.connect();

    await open().deliver('main', deliveryOf(), 'webhook');
    const { rows } = await other.query('select stream, fingerprint, status, round from alerts');
    await other.end();

    expect(rows).toEqual([{ stream: group, fingerprint: '0000000000000001', status: 'firing', round: 1 }]);
  });

  test('that a second peer sends changes nothing', async () => {
    const alerts = open();
    const peers = [1, 2].map((peer) => deliveryOf({ externalURL: `http://alertmanager-${peer}.test:9093` }));

    const delivered = await Promise.all(peers.map((delivery) => alerts.deliver('main', delivery, 'webhook')));
    const again = await alerts.deliver('main', peers[1] ?? deliveryOf(), 'webhook');

    const opened = delivered.filter((one) => one.ok && one.events.length > 0);
    expect(opened).toHaveLength(1);
    expect(again).toMatchObject({ ok: true, events: [], state: { firing: 1 } });
    expect(typesOf(await historyOf(store.pool, group)).filter((type) => type === 'GroupOpened')).toHaveLength(
      1,
    );
    expect(await countOf(store.pool, 'streams')).toBe(1);
    expect(await countOf(store.pool, 'evidence')).toBe(1);
  });

  test('that a second peer sends late takes nothing back that was told since', async () => {
    const alerts = open();
    const told = (value: string, peer: number) =>
      deliveryOf({
        commonAnnotations: { value },
        alerts: [alertBody(1, { annotations: { value } })],
        externalURL: `http://alertmanager-${peer}.test:9093`,
      });
    await alerts.deliver('main', told('old', 1), 'webhook');
    await alerts.deliver('main', told('new', 1), 'webhook');

    const late = await alerts.deliver('main', told('old', 2), 'webhook');

    expect(late).toMatchObject({ ok: true, events: [], state: { commonAnnotations: { value: 'new' } } });
  });

  test('of another source, receiver or group key is another group', async () => {
    const alerts = open();

    await alerts.deliver('main', deliveryOf(), 'webhook');
    await alerts.deliver('other', deliveryOf(), 'webhook');
    await alerts.deliver('main', deliveryOf({ receiver: 'second' }), 'webhook');
    await alerts.deliver('main', deliveryOf({ groupKey: '{}:{alertname="Fast"}' }), 'webhook');

    expect(await countOf(store.pool, 'streams')).toBe(4);
  });

  test('ends the alert that it says has ended, with the annotations that it fired with', async () => {
    const alerts = open();
    await alerts.deliver('main', deliveryOf(), 'webhook');
    const ended = alertBody(1, { ...resolved, annotations: { summary: 'It is over' } });

    const delivered = await alerts.deliver(
      'main',
      deliveryOf({ status: 'resolved', alerts: [ended] }),
      'webhook',
    );

    expect(delivered).toMatchObject({ ok: true, state: { status: 'resolved', firing: 0, resolved: 1 } });
    const { rows } = await store.pool.query('select status, ends_at, annotations from alerts');
    expect(rows).toEqual([
      {
        status: 'resolved',
        ends_at: '2026-11-22T04:00:00.000000000Z',
        annotations: { summary: 'It is slow' },
      },
    ]);
  });

  test('may tell of one alert twice', async () => {
    const both = [alertBody(1), alertBody(1, resolved), alertBody(1), alertBody(2)];

    const delivered = await open().deliver('main', deliveryOf({ alerts: both }), 'webhook');

    expect(delivered).toMatchObject({ ok: true, state: { firing: 1 } });
    expect(await countOf(store.pool, 'alerts')).toBe(2);
  });

  test('is routed by the worst severity that fires in it', async () => {
    const routes = [
      {
        name: 'critical',
        match: [{ name: 'severity', value: 'critical', isRegex: false, isEqual: true }],
        channel: 'C0CRITICAL',
      },
      { name: 'all', match: [], channel: 'C0ALERTS' },
    ];
    const alerts = open({ config: { ...alertsConfig, settings: { ...alertsConfig.settings, routes } } });
    const of = (severity: string, about = {}) =>
      alertBody(severity.length, { labels: { severity }, ...about });

    const worst = await alerts.deliver(
      'main',
      deliveryOf({ alerts: [of('warning'), of('critical')] }),
      'webhook',
    );
    const over = await alerts.deliver(
      'main',
      deliveryOf({ groupKey: 'over', alerts: [of('warning'), of('critical', resolved)] }),
      'webhook',
    );

    expect(worst.state?.routing).toMatchObject({ channel: 'C0CRITICAL', severity: 'critical' });
    expect(over.state?.routing).toMatchObject({ channel: 'C0ALERTS', severity: 'warning' });
  });

  test('looks for runs that are near only when its group may open', async () => {
    const asked: [string, number][] = [];
    const run: RelatedRun = { run: 'run-1', version: 'v2', phase: 'go', at: 900_000, by: 'U0ALICE' };
    const alerts = open({
      now: () => 1_000_000,
      changedSince: async (environment, since) => {
        asked.push([environment, since]);
        return [run];
      },
    });

    const first = await alerts.deliver('main', deliveryOf(), 'webhook');
    await alerts.deliver('main', deliveryOf({ alerts: [alertBody(1), alertBody(2)] }), 'webhook');
    await alerts.deliver(
      'main',
      deliveryOf({ groupKey: 'ended', alerts: [alertBody(1, resolved)] }),
      'webhook',
    );

    expect(first.state?.related).toEqual([run]);
    expect(asked).toEqual([['production', 400_000]]);
  });
});

describe('a group that opens', () => {
  /** Alerting that notes what is drawn, and how. */
  const drawing = (about: Partial<AlertingParts> = {}) => {
    const opened: OpenedGroup[] = [];
    const committed: Promise<boolean>[] = [];
    const drawn: string[] = [];
    const alerts = open({
      drawNow: (channel) => drawn.push(channel),
      drawOpened: (one, commit) => {
        opened.push(one);
        committed.push(commit.catch(() => false));
      },
      ...about,
    });
    return { alerts, opened, committed, drawn };
  };
  const delivered = [
    alertBody(3),
    alertBody(1, { startsAt: '2026-11-22T03:03:05Z' }),
    alertBody(2, resolved),
    alertBody(4),
  ];

  test('is drawn while it is committed, just as everybody can load it then', async () => {
    const { alerts, opened, committed, drawn } = drawing();

    await alerts.deliver('main', deliveryOf({ alerts: delivered }), 'webhook');

    expect(opened).toEqual([
      {
        group: await alerts.find(group),
        version: (await load(store.pool, group))?.version,
        episodes: await alerts.episodes({ id: group }, 30),
        happened: typesOf(await historyOf(store.pool, group)),
      },
    ]);
    expect(opened[0]?.episodes.map(({ fingerprint }) => Number(fingerprint))).toEqual([1, 3, 4, 2]);
    expect(await Promise.all(committed)).toEqual([true]);
    expect(drawn).toEqual([]);
  });

  test('again, or beside another, is drawn when it is committed', async () => {
    const { alerts, opened, drawn } = drawing();
    await alerts.deliver('main', deliveryOf(), 'webhook');
    await alerts.deliver('main', deliveryOf({ alerts: [alertBody(1, resolved)] }), 'webhook');
    const again = alertBody(1, { startsAt: '2026-11-22T05:00:00Z' });

    await alerts.deliver('main', deliveryOf({ alerts: [again] }), 'webhook');
    // The first two occupy both lanes, so that the others share a commit.
    const groupKeys = ['first', 'second', 'third', 'fourth'];
    await Promise.all(
      groupKeys.map((groupKey) => alerts.deliver('main', deliveryOf({ groupKey }), 'webhook')),
    );

    expect(opened.map(({ group: { groupKey } }) => groupKey)).toEqual([
      deliveryOf().groupKey,
      'first',
      'second',
    ]);
    expect(drawn).toEqual(['C0ALERTS', 'C0ALERTS', 'C0ALERTS']);
  });

  test('is no group of which only an end was told', async () => {
    const { alerts, opened } = drawing();

    await alerts.deliver('main', deliveryOf({ alerts: [alertBody(1, resolved)] }), 'webhook');

    expect(opened).toEqual([]);
  });

  test('and could not be committed is known not to have been', async () => {
    const { alerts, opened, committed } = drawing();
    const delivery = deliveryOf();
    const evil = delivery.alerts.map((alert) => ({ ...alert, annotations: { nul: '\u0000' } }));

    const failed = await alerts
      .deliver('main', { ...delivery, alerts: evil }, 'webhook')
      .catch(() => 'failed');

    expect(failed).toBe('failed');
    expect(opened).toHaveLength(1);
    expect(await Promise.all(committed)).toEqual([false]);
  });
});

describe('many deliveries at once', () => {
  test('to one group are counted exactly, also when two processes take them', async () => {
    const pool = new pg.Pool({ connectionString: store.url, max: 4 });
    const processes = [open(), open({ pool })];

    const delivered = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        processes[index % 2]?.deliver('main', deliveryOf({ alerts: [alertBody(index)] }), 'webhook'),
      ),
    );
    await pool.end();

    expect(delivered.every((one) => one?.ok)).toBe(true);
    expect(await processes[0]?.find(group)).toMatchObject({ firing: 100, resolved: 0, round: 1 });
    expect(await countOf(store.pool, 'alerts')).toBe(100);
    const history = await historyOf(store.pool, group);
    expect(firstBreak(group, history)).toBeUndefined();
    expect(typesOf(history).filter((type) => type === 'AlertsFired')).toHaveLength(100);
  });

  test('to many groups share commits', async () => {
    let writes = 0;
    const pool = new pg.Pool({ connectionString: store.url, max: 4 });
    pool.on('acquire', () => {
      writes += 1;
    });
    const alerts = open({ pool });

    await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        alerts.deliver(
          'main',
          deliveryOf({ groupKey: `group ${index % 100}`, alerts: [alertBody(index)] }),
          'webhook',
        ),
      ),
    );
    await pool.end();

    const { rows } = await store.pool.query(
      "select count(*)::int as groups, sum((state ->> 'firing')::int)::int as firing from streams",
    );
    expect(rows).toEqual([{ groups: 100, firing: 200 }]);
    expect(writes).toBeLessThan(100);
  });

  test('lose nothing while people press buttons', async () => {
    const alerts = open();
    await alerts.deliver('main', deliveryOf({ alerts: [alertBody(1_000)] }), 'webhook');
    const press = (type: 'Acknowledge' | 'Unacknowledge') => alerts.handle(group, { type, round: 1, by });

    const [, pressed] = await Promise.all([
      Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          alerts.deliver('main', deliveryOf({ alerts: [alertBody(index)] }), 'webhook'),
        ),
      ),
      (async () => {
        const events: GroupEvent[] = [];
        for (let turn = 0; turn < 20; turn += 1) {
          const handled = await press(turn % 2 === 0 ? 'Acknowledge' : 'Unacknowledge');
          if (handled.ok) events.push(...handled.events);
        }
        return events;
      })(),
    ]);

    expect(typesOf(pressed).filter((type) => /cknowledged$/.test(type))).toHaveLength(20);
    expect(await alerts.find(group)).toMatchObject({ firing: 51 });
    expect(firstBreak(group, await historyOf(store.pool, group))).toBeUndefined();
  });

  test('do not fail for one that the database cannot keep', async () => {
    const alerts = open();
    const groupKeys = ['first', 'second', 'bad', 'third', 'fourth'];

    const settled = await Promise.allSettled(
      groupKeys.map((groupKey) => {
        const delivery = deliveryOf({ groupKey });
        const evil = delivery.alerts.map((alert) => ({ ...alert, annotations: { nul: '\u0000' } }));
        return alerts.deliver(
          'main',
          groupKey === 'bad' ? { ...delivery, alerts: evil } : delivery,
          'webhook',
        );
      }),
    );

    expect(settled.map(({ status }) => status)).toEqual(
      groupKeys.map((key) => (key === 'bad' ? 'rejected' : 'fulfilled')),
    );
    expect(await countOf(store.pool, 'streams')).toBe(4);
  });
});
