import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type PlayedPagerDuty, startPagerDuty } from '../../rehearsal/pagerduty/pagerduty.ts';
import type { Alerts } from '../../src/alerting/alerts.ts';
import { type PageParts, pageWork } from '../../src/alerting/page.ts';
import { openPager, type Pager } from '../../src/alerting/pagerduty-events.ts';
import { openPagerDutyRest } from '../../src/alerting/pagerduty-rest.ts';
import { groupJobs } from '../../src/alerts/jobs.ts';
import { pagesOf } from '../../src/alerts/pages-of.ts';
import type { PagerDutySettings } from '../../src/alerts/surroundings.ts';
import { Secret } from '../../src/secret.ts';
import { type TestStore, testStore } from '../support/store.ts';
import { groupOf } from './group-of.ts';
import { alertsConfig, alertsOver, forgetAll, keepGroup } from './page-group.ts';

const id = 'group-00000000deadbeef';
const kim = 'kim@example.com';
const page = { key: 'web', dedupKey: 'disk-full', wanted: 'triggered', turn: 1 } as const;
const carol = { id: 'U0CAROL', may: ['respond', 'silence'] } as const;

let store: TestStore;
let pagerDuty: PlayedPagerDuty;
let settings: PagerDutySettings;
let alerts: Alerts;

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
      { name: 'Kim', email: kim },
    ],
  });
  settings = {
    eventsUrl: pagerDuty.url,
    apiUrl: pagerDuty.url,
    token: new Secret('TOKEN', pagerDuty.token),
    keys: {
      web: new Secret('WEB', pagerDuty.keys.web ?? ''),
      data: new Secret('DATA', pagerDuty.keys.data ?? ''),
      wrong: new Secret('WRONG', '0'.repeat(32)),
    },
    webhookSecrets: [],
    users: { U0CAROL: kim },
  };
  alerts = alertsOver(store.pool, alertsConfig({}, settings));
});

afterEach(() => pagerDuty.stop());

const parts = (more: Partial<PageParts> = {}): PageParts => ({
  alerts,
  pager: openPager(settings, { limit: 30_000, rest: 0 }),
  rest: openPagerDutyRest(settings, { limit: 30_000, pause: 1 }),
  users: settings.users,
  log: pino({ level: 'silent' }),
  ...more,
});
/** Does the jobs that a group as it stands asks for. */
const doJobs = async (more: Partial<PageParts> = {}) => {
  const group = await alerts.find(id);
  for (const { name, data } of group === undefined ? [] : groupJobs(group)) {
    if (name === 'page') await pageWork(parts(more))(data);
  }
};
const pageNow = async () => (await alerts.find(id))?.page;
const acknowledge = () => alerts.handle(id, { type: 'Acknowledge', round: 1, by: carol });
const unacknowledge = () => alerts.handle(id, { type: 'Unacknowledge', round: 1, by: carol });
const resolve = () => alerts.handle(id, { type: 'Resolve', round: 1, by: carol });
const actions = () => pagerDuty.events.map(({ event_action }) => event_action);

/** A pager during whose calls something else happens. */
const meanwhile = (act: () => Promise<unknown>): Pager => {
  const pager = openPager(settings, { limit: 30_000 });
  let isFirst = true;
  return {
    send: async (event) => {
      if (isFirst) {
        isFirst = false;
        await act();
      }
      await pager.send(event);
    },
  };
};

describe('the job that pages', () => {
  test('opens an incident that says what fires and where to read on', async () => {
    await keepGroup(store.pool, {
      page,
      pageTurns: 1,
      firing: 3,
      commonLabels: { alertname: 'DiskFull', instance: 'db-1' },
      commonAnnotations: { summary: 'The disk is full', runbook_url: 'https://runbooks.example.com/disk' },
    });
    await store.pool.query(
      `insert into alerts (stream, fingerprint, starts_at, status, round, labels, annotations, generator_url, changed_at)
       values ($1, 'f1', '2026', 'firing', 1, '{"device": "sda"}', '{}', 'https://prometheus.example.com/graph', now())`,
      [id],
    );

    await doJobs({ link: async () => 'https://slack.example.com/archives/C1/p1' });

    expect(pagerDuty.events).toMatchObject([
      {
        event_action: 'trigger',
        dedup_key: 'disk-full',
        payload: {
          summary: '[3 firing] DiskFull: The disk is full',
          source: 'db-1',
          severity: 'critical',
          custom_details: { firing: 3, alerts: [{ labels: { device: 'sda' } }] },
        },
        links: [
          { href: 'https://slack.example.com/archives/C1/p1' },
          { href: 'https://prometheus.example.com/graph' },
          { href: 'http://127.0.0.1:9093' },
          { href: 'https://runbooks.example.com/disk' },
        ],
      },
    ]);
    expect(await pageNow()).toMatchObject({ told: 'triggered' });
  });

  const noLink: readonly (readonly [string, PageParts['link']])[] = [
    ['fails', () => Promise.reject(new Error('Slack is away'))],
    ['says nothing', () => new Promise(() => undefined)],
    ['has no message yet', async () => undefined],
  ];

  test.each(noLink)('leads to the channel when Slack %s', async (_, link) => {
    await keepGroup(store.pool, { page, pageTurns: 1 });

    await doJobs({ ...(link && { link }) });

    const [href] = [pagerDuty.events[0]].map((event) => event && 'links' in event && event.links?.[0]?.href);
    expect(href).toBe('https://slack.com/app_redirect?channel=C0ONCALL');
  });

  test('acknowledges in the name of whoever did it in Slack', async () => {
    await keepGroup(store.pool, { page, pageTurns: 1 });
    await doJobs();
    await acknowledge();

    await doJobs();

    expect(pagerDuty.incidents()).toMatchObject([{ status: 'acknowledged', acknowledgers: [kim] }]);
    expect(await pageNow()).toMatchObject({ wanted: 'acknowledged', told: 'acknowledged' });
  });

  const nameless: readonly (readonly [string, (given: PageParts) => Partial<PageParts>])[] = [
    ['there is no REST token', () => ({ rest: undefined })],
    ['the account of that person is not known', () => ({ users: {} })],
    ['PagerDuty does not know that person', () => ({ users: { U0CAROL: 'gone@example.com' } })],
  ];

  test.each(nameless)('acknowledges without a name where %s', async (_, change) => {
    await keepGroup(store.pool, { page, pageTurns: 1 });
    await doJobs();
    await acknowledge();

    await doJobs(change(parts()));

    expect(pagerDuty.incidents()).toMatchObject([{ status: 'acknowledged', acknowledgers: [] }]);
    expect(await pageNow()).toMatchObject({ told: 'acknowledged' });
  });

  test('acknowledges without a name where two services have an incident of this key, and only its own', async () => {
    await keepGroup(store.pool, { page, pageTurns: 1 });
    await doJobs();
    const { send } = openPager(settings, { limit: 30_000 });
    await send({
      action: 'trigger',
      key: 'data',
      dedupKey: 'disk-full',
      summary: 's',
      source: 's',
      severity: 'info',
    });
    await acknowledge();

    await doJobs();

    expect(pagerDuty.incidents()).toMatchObject([
      { service: 'web', status: 'acknowledged', acknowledgers: [] },
      { service: 'data', status: 'triggered' },
    ]);
  });

  test('calls again, in the name of whoever took an acknowledgement back in Slack', async () => {
    await keepGroup(store.pool, { page, pageTurns: 1 });
    await doJobs();
    await acknowledge();
    await doJobs();
    await alerts.handle(id, { type: 'Unacknowledge', round: 1, by: { ...carol, id: 'U0DAN' } });

    await doJobs({ users: { U0DAN: 'robin@example.com' } });

    expect(pagerDuty.incidents()).toMatchObject([{ status: 'triggered', acknowledgers: [] }]);
    expect(pagerDuty.incidents()).toHaveLength(1);
    expect(await pageNow()).toMatchObject({ wanted: 'triggered', told: 'triggered' });
  });

  test('calls nobody twice where the acknowledgement was taken back in PagerDuty too', async () => {
    await keepGroup(store.pool, { page, pageTurns: 1 });
    await doJobs();
    await acknowledge();
    await doJobs();
    await unacknowledge();
    pagerDuty.acts.unacknowledge(pagerDuty.incidents()[0]?.id ?? '', { email: kim });
    const before = pagerDuty.asked.length;

    await doJobs();

    expect(pagerDuty.asked.slice(before)).toEqual(['GET /incidents']);
    expect(await pageNow()).toMatchObject({ told: 'triggered' });
  });

  const stuck: readonly (readonly [string, (given: PageParts) => Partial<PageParts>, string])[] = [
    ['there is no REST token', () => ({ rest: undefined }), 'without alerts.pagerduty.token'],
    ['the account of that person is not known', () => ({ users: {} }), 'requester_id'],
    [
      'PagerDuty does not know that person',
      () => ({ users: { U0CAROL: 'gone@example.com' } }),
      'Requester User Not Found',
    ],
  ];

  test.each(stuck)('says that PagerDuty calls nobody again where %s', async (_, change, because) => {
    await keepGroup(store.pool, { page, pageTurns: 1 });
    await doJobs();
    await acknowledge();
    await doJobs();
    await unacknowledge();

    await doJobs(change(parts()));
    const refused = await pageNow();
    await acknowledge();
    await doJobs();

    expect(refused).toMatchObject({ wanted: 'triggered', told: 'acknowledged' });
    expect(refused?.refused).toContain('it stays acknowledged there and calls nobody again');
    expect(refused?.refused).toContain(because);
    expect(await pageNow()).toMatchObject({ wanted: 'acknowledged', told: 'acknowledged' });
    expect(await pageNow()).not.toHaveProperty('refused');
  });

  test('calls again also when the acknowledgement was still under way', async () => {
    await keepGroup(store.pool, { page, pageTurns: 1 });
    await doJobs();
    await acknowledge();
    const rest = openPagerDutyRest(settings);
    if (rest === undefined) throw new Error('there is no token');
    const slow: PageParts['rest'] = {
      ...rest,
      acknowledge: async (...call) => {
        await unacknowledge();
        await rest.acknowledge(...call);
      },
    };

    await doJobs({ rest: slow });

    expect(await pageNow()).toMatchObject({ wanted: 'triggered', told: 'triggered' });
    expect(pagerDuty.incidents()).toMatchObject([{ status: 'triggered' }]);
  });

  test('opens a new incident when the one that was taken back is resolved in PagerDuty by now', async () => {
    await keepGroup(store.pool, { page, pageTurns: 1 });
    await doJobs();
    await acknowledge();
    await doJobs();
    await unacknowledge();
    pagerDuty.acts.resolve(pagerDuty.incidents()[0]?.id ?? '', { email: kim });

    await doJobs();

    expect(pagerDuty.incidents().map(({ status }) => status)).toEqual(['resolved', 'triggered']);
  });

  test('says that nobody is called again where two services have an incident of this key', async () => {
    await keepGroup(store.pool, { page, pageTurns: 1 });
    await doJobs();
    await acknowledge();
    await doJobs();
    const { send } = openPager(settings, { limit: 30_000 });
    const about = { dedupKey: 'disk-full', summary: 's', source: 's', severity: 'info' } as const;
    await send({ action: 'trigger', key: 'data', ...about });
    await unacknowledge();

    await doJobs();

    expect(await pageNow()).toMatchObject({ refused: expect.stringContaining('several services') });
    expect(pagerDuty.incidents()).toMatchObject([{ status: 'acknowledged' }, { status: 'triggered' }]);
  });

  test('what is acknowledged before PagerDuty ever heard of it is opened first, for the record there', async () => {
    await keepGroup(store.pool, { page, pageTurns: 1 });
    await acknowledge();

    await doJobs({ rest: undefined });

    expect(actions()).toEqual(['trigger', 'acknowledge']);
    expect(pagerDuty.incidents()).toMatchObject([{ status: 'acknowledged' }]);
  });

  test('resolves what it opened', async () => {
    await keepGroup(store.pool, { page, pageTurns: 1 });
    await doJobs();
    await resolve();

    await doJobs();

    expect(pagerDuty.incidents()).toMatchObject([{ status: 'resolved' }]);
    expect(await pageNow()).toMatchObject({ wanted: 'resolved', told: 'resolved' });
  });

  test('resolves also what it may have opened just before it was stopped', async () => {
    await keepGroup(store.pool, { page, pageTurns: 1 });
    const died = parts({
      alerts: { ...alerts, handle: () => Promise.reject(new Error('the process died')) },
    });
    const job = { group: id, round: 1, turn: 1 };
    await pageWork(died)(job).catch(() => undefined);
    await resolve();

    await doJobs();

    expect(pagerDuty.incidents()).toMatchObject([{ status: 'resolved' }]);
  });

  test('a turn that is over does nothing', async () => {
    await keepGroup(store.pool, { page, pageTurns: 1 });
    await acknowledge();

    await pageWork(parts())({ group: id, round: 1, turn: 1 });
    await pageWork(parts())({ group: 'group-0000000000000000', round: 1, turn: 1 });

    expect(pagerDuty.asked).toEqual([]);
  });

  test('a call that is overtaken by a newer one is followed by what the newer one wanted', async () => {
    await keepGroup(store.pool, { page, pageTurns: 1 });
    // The newer job is done while the trigger is still under way, so that PagerDuty hears the two the wrong way round.
    const pager = meanwhile(async () => {
      await resolve();
      await doJobs();
    });

    await pageWork(parts({ pager }))({ group: id, round: 1, turn: 1 });

    expect(actions()).toEqual(['resolve', 'trigger', 'resolve']);
    expect(pagerDuty.incidents()).toMatchObject([{ status: 'resolved' }]);
    expect(await pageNow()).toMatchObject({ wanted: 'resolved', told: 'resolved' });
  });

  test('what opens again before PagerDuty heard of its end calls people anew', async () => {
    await keepGroup(store.pool, {
      page: { ...page, wanted: 'resolved', told: 'acknowledged', turn: 2 },
      pageTurns: 2,
      status: 'firing',
      escalation: { policy: 'p', step: 0, nextAt: 0, status: 'running', told: [] },
    });
    const { send } = openPager(settings, { limit: 30_000 });
    const old = { key: 'web', dedupKey: 'disk-full', summary: 's', source: 's', severity: 'info' } as const;
    await send({ ...old, action: 'trigger' });
    await send({ ...old, action: 'acknowledge' });
    const took = { wait: 0, tell: { page: 'web' } };
    const step = { round: 1, step: 0, took, people: [], dedupKey: 'disk-full' };
    await alerts.handle(id, { type: 'Escalate', ...step });

    await doJobs();

    const standing = pagerDuty.incidents().map(({ status }) => status);
    expect(standing).toEqual(['resolved', 'triggered']);
    expect(pagesOf((await alerts.find(id)) ?? groupOf()).map(({ told }) => told)).toEqual([
      'resolved',
      'triggered',
    ]);
  });
});

describe('when PagerDuty does not take it', () => {
  test('a refusal is told to the group and not tried again', async () => {
    await keepGroup(store.pool, { page: { ...page, key: 'wrong' }, pageTurns: 1 });

    await doJobs();
    await doJobs();

    expect(await pageNow()).toMatchObject({ refused: expect.stringContaining('Invalid routing key') });
    expect(pagerDuty.asked).toHaveLength(1);
  });

  test('without PagerDuty in the configuration that is told to the group', async () => {
    await keepGroup(store.pool, { page, pageTurns: 1 });

    await doJobs({ pager: openPager(undefined) });

    expect(await pageNow()).toMatchObject({ refused: expect.stringContaining('not configured') });
  });

  test.each([[429], [500], ['cut'], ['cut-after']] as const)(
    'a %s is left for another try',
    async (fault) => {
      await keepGroup(store.pool, { page, pageTurns: 1 });
      pagerDuty.fail({ with: fault, times: 1 });

      await expect(doJobs()).rejects.toMatchObject({ code: 'pagerduty-unreachable' });
      const before = await pageNow();
      await doJobs();

      expect(before).not.toHaveProperty('told');
      expect(await pageNow()).toMatchObject({ told: 'triggered' });
      expect(pagerDuty.incidents()).toHaveLength(1);
    },
  );

  test('a call that failed is not tried again once something else is wanted', async () => {
    await keepGroup(store.pool, { page, pageTurns: 1 });
    pagerDuty.fail({ with: 500, times: 1 });
    const pager = meanwhile(resolve);

    await pageWork(parts({ pager }))({ group: id, round: 1, turn: 1 });

    expect(actions()).toEqual(['resolve']);
    expect(await pageNow()).toMatchObject({ wanted: 'resolved', told: 'resolved' });
  });
});
