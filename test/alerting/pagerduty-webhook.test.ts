import { createServer, type Server } from 'node:http';
import express from 'express';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type PlayedPagerDuty, startPagerDuty } from '../../rehearsal/pagerduty/pagerduty.ts';
import { signature } from '../../rehearsal/pagerduty/webhooks.ts';
import type { Alerts } from '../../src/alerting/alerts.ts';
import { openPager } from '../../src/alerting/pagerduty-events.ts';
import { openPagerDutyRest } from '../../src/alerting/pagerduty-rest.ts';
import {
  forgetWebhooks,
  type PagerDutyWebhookParts,
  pagerdutyWebhook,
} from '../../src/alerting/pagerduty-webhook.ts';
import type { AlertGroup } from '../../src/alerts/group.ts';
import type { PagerDutySettings } from '../../src/alerts/surroundings.ts';
import { Secret } from '../../src/secret.ts';
import { countOf, type TestStore, testStore } from '../support/store.ts';
import { until } from '../support/until.ts';
import { alertsConfig, alertsOver, forgetAll, keepGroup } from './page-group.ts';

const id = 'group-00000000deadbeef';
const kim = { email: 'kim@example.com' };

let store: TestStore;
let pagerDuty: PlayedPagerDuty;
let settings: PagerDutySettings;
let alerts: Alerts;
let servers: Server[];
let nudged: number[];

beforeAll(async () => {
  store = await testStore();
});

afterAll(() => store.drop());

beforeEach(async () => {
  await forgetAll(store.pool);
  servers = [];
  nudged = [];
  pagerDuty = await startPagerDuty({
    users: [
      { name: 'Robin', email: 'robin@example.com' },
      { name: 'Kim', email: kim.email },
    ],
    webhookPause: 20,
  });
  settings = {
    eventsUrl: pagerDuty.url,
    apiUrl: pagerDuty.url,
    token: new Secret('TOKEN', pagerDuty.token),
    keys: { default: new Secret('KEY', pagerDuty.keys.default ?? '') },
    webhookSecrets: [new Secret('OLD', 'the old one'), new Secret('NEW', 'the new one')],
    users: {},
  };
  const config = alertsConfig({ policies: { usual: [{ wait: 90_000, tell: { group: 'g' } }] } }, settings);
  alerts = alertsOver(store.pool, config);
});

afterEach(async () => {
  await pagerDuty.stop();
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
});

/** Serves webhooks and gives the address. */
const listen = async (more: Partial<PagerDutyWebhookParts> = {}): Promise<string> => {
  const app = express();
  const parts = { ...alerts.parts, nudge: (due: number) => void nudged.push(due) };
  const log = pino({ level: 'silent' });
  const handler = pagerdutyWebhook({ alerts: { parts }, settings, log, ...more });
  app.post('/', express.raw({ type: () => true }), handler);
  const server = createServer(app);
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
};
/** An incident in PagerDuty with the group that it stands for; gives the incident's id. */
const incidentWithGroup = async (more: Partial<AlertGroup> = {}): Promise<string> => {
  const page = {
    key: 'default',
    dedupKey: 'disk-full',
    wanted: 'triggered',
    told: 'triggered',
    turn: 1,
  } as const;
  await keepGroup(store.pool, {
    page,
    pageTurns: 1,
    routing: { route: 'all', channel: 'C0', severity: 'critical', policy: 'usual' },
    ...more,
  });
  const about = { dedupKey: 'disk-full', summary: 's', source: 's', severity: 'critical' } as const;
  await openPager(settings, { limit: 30_000 }).send({ action: 'trigger', key: 'default', ...about });
  return pagerDuty.incidents()[0]?.id ?? '';
};
const subscribed = async (more: Partial<PagerDutyWebhookParts> = {}): Promise<string> => {
  const url = await listen(more);
  pagerDuty.webhooks.subscribe({ url, secrets: ['the new one'] });
  return url;
};
const group = () => alerts.find(id);
const statuses = () => pagerDuty.webhooks.attempts.map(({ type, status }) => [type, status]);
const post = async (url: string, body: string, headers: Record<string, string>) =>
  (await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } }))
    .status;

describe('what people do in PagerDuty', () => {
  test('acknowledging shows on the group, by name, and stops the escalation', async () => {
    const incident = await incidentWithGroup({
      escalation: { policy: 'usual', step: 0, nextAt: Date.now() + 90_000, status: 'running', told: [] },
    });
    await subscribed();

    pagerDuty.acts.acknowledge(incident, kim);
    await pagerDuty.webhooks.idle();

    expect(await group()).toMatchObject({
      acknowledged: { by: { via: 'pagerduty', name: 'Kim' } },
      escalation: { status: 'stopped' },
      page: { wanted: 'acknowledged', told: 'acknowledged' },
    });
    expect(statuses()).toEqual([['incident.acknowledged', 202]]);
    expect(nudged).toHaveLength(1);
  });

  test('an acknowledgement that PagerDuty takes back lets the escalation wait anew', async () => {
    const by = { via: 'pagerduty', id: 'PKIM', name: 'Kim' } as const;
    const incident = await incidentWithGroup({
      acknowledged: { by, at: Date.now() },
      escalation: { policy: 'usual', step: 0, nextAt: 0, status: 'stopped', told: [] },
    });
    await subscribed();
    const before = Date.now();

    pagerDuty.acts.unacknowledge(incident, null);
    await pagerDuty.webhooks.idle();

    const after = await group();
    expect(after?.acknowledged).toBeUndefined();
    expect(after?.escalation?.status).toBe('running');
    expect(after?.escalation?.nextAt).toBeGreaterThanOrEqual(before + 90_000);
  });

  test('resolving and reassigning show on the group, by name', async () => {
    const incident = await incidentWithGroup();
    await subscribed();

    pagerDuty.acts.assign(incident, [kim.email], kim, 'reassigned');
    await pagerDuty.webhooks.idle();
    const reassigned = await group();
    pagerDuty.acts.resolve(incident, kim);
    await pagerDuty.webhooks.idle();

    expect(reassigned?.page?.assignees).toEqual(['Kim']);
    expect(await group()).toMatchObject({
      dismissed: { by: { via: 'pagerduty', name: 'Kim' } },
      page: { wanted: 'resolved', told: 'resolved' },
    });
  });

  test('what comes again takes no effect again', async () => {
    const incident = await incidentWithGroup();
    await subscribed();
    pagerDuty.acts.acknowledge(incident, kim);
    await pagerDuty.webhooks.idle();
    await alerts.handle(id, {
      type: 'Unacknowledge',
      round: 1,
      by: { id: 'U0CAROL', may: ['respond'] },
    });

    pagerDuty.webhooks.again('incident.acknowledged');
    await pagerDuty.webhooks.idle();

    expect((await group())?.acknowledged).toBeUndefined();
    expect(statuses()).toEqual([
      ['incident.acknowledged', 202],
      ['incident.acknowledged', 202],
    ]);
  });

  test('what comes twice at once takes effect once', async () => {
    const incident = await incidentWithGroup();
    await subscribed();
    await subscribed();
    await subscribed();

    pagerDuty.acts.acknowledge(incident, kim);
    await pagerDuty.webhooks.idle();

    const acknowledged = (await group())?.changes.filter(({ what }) => what === 'acknowledged');
    expect(acknowledged).toHaveLength(1);
    expect(await countOf(store.pool, 'webhooks_seen')).toBe(1);
  });

  test('what was done in an earlier round and is told late changes nothing', async () => {
    const incident = await incidentWithGroup({ openedAt: Date.now() + 60_000 });
    await subscribed();

    pagerDuty.acts.resolve(incident, kim);
    await pagerDuty.webhooks.idle();

    expect((await group())?.dismissed).toBeUndefined();
    expect(statuses()).toEqual([['incident.resolved', 202]]);
  });

  test('an incident that names none of our keys is found by its alerts', async () => {
    const incident = await incidentWithGroup();
    const rest = openPagerDutyRest(settings, { limit: 30_000 });
    const url = await listen({ rest });
    const event = {
      event_type: 'incident.acknowledged',
      agent: { id: 'PKIM', type: 'user_reference', summary: 'Kim' },
      data: { id: incident, type: 'incident', incident_key: 'a key of PagerDuty itself' },
    };
    pagerDuty.webhooks.subscribe({ url, secrets: ['the old one'] });

    pagerDuty.webhooks.send(JSON.stringify({ event }));
    await pagerDuty.webhooks.idle();

    expect(await group()).toMatchObject({ acknowledged: { by: { name: 'Kim' } } });
  });

  test('what Slipway told PagerDuty itself is no news', async () => {
    await incidentWithGroup();
    await subscribed();

    await openPager(settings, { limit: 30_000 }).send({
      action: 'resolve',
      key: 'default',
      dedupKey: 'disk-full',
      summary: '',
      source: '',
      severity: 'info',
    });
    await pagerDuty.webhooks.idle();

    expect((await group())?.dismissed).toBeUndefined();
    expect(statuses()).toEqual([['incident.resolved', 202]]);
  });
});

test('webhooks are forgotten once PagerDuty will not send them again', async () => {
  const day = 86_400_000;
  await store.pool.query(
    `insert into webhooks_seen (sender, id, at)
     values ('pagerduty', 'old', to_timestamp(0)), ('pagerduty', 'new', to_timestamp(172800)), ('another', 'old', to_timestamp(0))`,
  );

  await forgetWebhooks(store.pool, 5 * day);

  expect(await countOf(store.pool, 'webhooks_seen')).toBe(2);
});

describe('a webhook', () => {
  const body = JSON.stringify({ event: { event_type: 'pagey.ping', data: {} } });

  const unsigned: readonly (readonly [string, Record<string, string>])[] = [
    ['no signature', {}],
    ['a signature with another secret', { 'x-pagerduty-signature': `v1=${signature('guess', body)}` }],
    ['a signature of another body', { 'x-pagerduty-signature': `v1=${signature('the new one', 'x')}` }],
    ['a signature of another version', { 'x-pagerduty-signature': `v0=${signature('the new one', body)}` }],
    ['half a signature', { 'x-pagerduty-signature': `v1=${signature('the new one', body).slice(0, 32)}` }],
  ];

  test.each(unsigned)('with %s is turned away', async (_, headers) => {
    expect(await post(await listen(), body, headers)).toBe(401);
  });

  test('is turned away when no secret is configured', async () => {
    const url = await listen({ settings: { webhookSecrets: [] } });

    expect(await post(url, body, { 'x-pagerduty-signature': `v1=${signature('', body)}` })).toBe(401);
  });

  test('with one good signature among others is taken', async () => {
    const good = signature('the old one', body);

    const status = await post(await listen(), body, {
      'x-pagerduty-signature': `v1=${'0'.repeat(64)}, v2=${good},v1=${good}`,
    });

    expect(status).toBe(202);
  });

  test('that says nothing which is known is taken, so that PagerDuty sends the next', async () => {
    const url = await subscribed();

    for (const text of ['', 'not JSON', '[]', 'null', '{"event":{"event_type":"incident.resolved"}}', body]) {
      pagerDuty.webhooks.send(text);
    }
    await pagerDuty.webhooks.idle();

    expect(new Set(statuses().map(([, status]) => status))).toEqual(new Set([202]));
    expect(pagerDuty.webhooks.isDisabled(url)).toBe(false);
  });

  test('of an incident that is none of ours is taken', async () => {
    await openPager(settings, { limit: 30_000 }).send({
      action: 'trigger',
      key: 'default',
      dedupKey: 'of somebody else',
      summary: 's',
      source: 's',
      severity: 'info',
    });
    await subscribed({ rest: openPagerDutyRest(settings, { limit: 30_000 }) });

    pagerDuty.acts.acknowledge(pagerDuty.incidents()[0]?.id ?? '', kim);
    await pagerDuty.webhooks.idle();

    expect(statuses()).toEqual([['incident.acknowledged', 202]]);
  });

  test('that cannot be kept is sent again, and then takes effect', async () => {
    const incident = await incidentWithGroup();
    const away = new pg.Pool({ connectionString: 'postgres://nobody@127.0.0.1:1/nothing' });
    let pool: pg.Pool = away;
    const parts = {
      ...alerts.parts,
      get pool() {
        return pool;
      },
    };
    await subscribed({ alerts: { parts } });

    pagerDuty.acts.acknowledge(incident, kim);
    await until('two attempts', () => pagerDuty.webhooks.attempts.length >= 2);
    pool = store.pool;
    await pagerDuty.webhooks.idle();
    await away.end();

    expect(statuses()[0]).toEqual(['incident.acknowledged', 503]);
    expect(statuses().at(-1)).toEqual(['incident.acknowledged', 202]);
    expect(await group()).toMatchObject({ acknowledged: { by: { name: 'Kim' } } });
  });

  test('that takes too long is answered in time, and takes effect once all the same', async () => {
    const incident = await incidentWithGroup();
    const blocker = await store.pool.connect();
    await blocker.query('begin');
    await blocker.query('lock table webhooks_seen in access exclusive mode');
    await subscribed({ limit: 400 });

    pagerDuty.acts.acknowledge(incident, kim);
    await until('an attempt', () => pagerDuty.webhooks.attempts.length > 0);
    await blocker.query('commit');
    blocker.release();
    await pagerDuty.webhooks.idle();

    expect(statuses()[0]).toEqual(['incident.acknowledged', 503]);
    expect(statuses().at(-1)).toEqual(['incident.acknowledged', 202]);
    const acknowledged = (await group())?.changes.filter(({ what }) => what === 'acknowledged');
    expect(acknowledged).toHaveLength(1);
  });
});
