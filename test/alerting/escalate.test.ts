import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Alerts } from '../../src/alerting/alerts.ts';
import { type EscalateParts, escalateWork } from '../../src/alerting/escalate.ts';
import type { AlertGroup, Escalation } from '../../src/alerts/group.ts';
import { groupJobs } from '../../src/alerts/jobs.ts';
import type { PolicyStep } from '../../src/alerts/settings.ts';
import { Failure } from '../../src/errors.ts';
import { type TestStore, testStore } from '../support/store.ts';
import { alertsConfig, alertsOver, forgetAll, keepGroup } from './page-group.ts';

const id = 'group-00000000deadbeef';
const minute = 60_000;
const steps: readonly PolicyStep[] = [
  { wait: minute, tell: { schedule: 'primary', who: 'now' } },
  { wait: 2 * minute, tell: { schedule: 'primary', who: 'next' } },
  { wait: 3 * minute, tell: { group: 'leads' } },
  { wait: 4 * minute, tell: { page: 'web' } },
];

let store: TestStore;
let alerts: Alerts;
let at: number;

beforeAll(async () => {
  store = await testStore();
});

afterAll(() => store.drop());

beforeEach(async () => {
  await forgetAll(store.pool);
  at = 10_000_000;
  alerts = alertsOver(store.pool, alertsConfig(), () => at);
});

const running = (more: Partial<Escalation> = {}): Partial<AlertGroup> => ({
  escalation: { policy: 'usual', step: 0, nextAt: at, status: 'running', told: [], ...more },
});
const parts = (more: Partial<EscalateParts> = {}): EscalateParts => ({
  alerts,
  policies: { usual: steps },
  keys: ['web'],
  onCall: { who: async () => ({ now: 'U0NOW', next: 'U0NEXT' }) },
  members: async () => ['U0ONE', 'U0TWO'],
  now: () => at,
  ...more,
});
const take = (step = 0, more: Partial<EscalateParts> = {}, round = 1) =>
  escalateWork(parts(more))({ group: id, round, step });
const escalation = async () => (await alerts.find(id))?.escalation;

describe('a step of an escalation', () => {
  test('each tells whom the policy says, waits as it says, and the last one ends it', async () => {
    await keepGroup(store.pool, running());

    const waits: (number | undefined)[] = [];
    for (let step = 0; step < steps.length; step += 1) {
      await take(step);
      const after = await escalation();
      waits.push(after?.status === 'running' ? after.nextAt - at : undefined);
      at = after?.nextAt ?? at;
    }

    const { status, told } = (await escalation()) ?? {};
    expect(waits).toEqual([2 * minute, 3 * minute, 4 * minute, undefined]);
    expect(status).toBe('exhausted');
    expect(told?.map(({ people, page }) => page ?? people)).toEqual([
      ['U0NOW'],
      ['U0NEXT'],
      ['U0ONE', 'U0TWO'],
      'web',
    ]);
    expect((await alerts.find(id))?.page).toMatchObject({ key: 'web', wanted: 'triggered' });
  });

  test('with nobody to tell says so, and the next one is taken at once', async () => {
    await keepGroup(store.pool, running());

    await take(0, { onCall: { who: async () => ({ because: 'there is no schedule primary' }) } });

    const after = await alerts.find(id);
    expect(after?.escalation).toMatchObject({ step: 1, nextAt: at, status: 'running' });
    expect(after?.escalation?.told).toMatchObject([
      {
        people: [],
        because:
          'nobody is on call in primary (there is no schedule primary); the next step is taken at once',
      },
    ]);
    expect(after && groupJobs(after)).toMatchObject([{ name: 'escalate', data: { step: 1 }, at }]);
  });

  const nobody: readonly (readonly [string, PolicyStep['tell'], string])[] = [
    ['a schedule with nobody next', { schedule: 's', who: 'next' }, 'nobody is next on call in s'],
    ['an empty group', { group: 'g' }, 'nobody is in the group g'],
    [
      'a routing key that is not configured',
      { page: 'gone' },
      'PagerDuty cannot be told through gone (there is no routing key gone)',
    ],
  ];

  test.each(nobody)('with %s is followed at once', async (_, tell, because) => {
    await keepGroup(store.pool, running());
    const policies = { usual: [{ wait: 0, tell }, ...steps] };

    await take(0, { policies, onCall: { who: async () => ({}) }, members: async () => [] });

    expect(await escalation()).toMatchObject({
      nextAt: at,
      told: [{ because: `${because}; the next step is taken at once` }],
    });
  });

  test('that is the last does not promise another', async () => {
    await keepGroup(store.pool, running());
    const policies = { usual: steps.slice(0, 1) };

    await take(0, { policies, onCall: { who: async () => ({}) } });

    expect(await escalation()).toMatchObject({
      status: 'exhausted',
      told: [{ because: 'nobody is on call in primary' }],
    });
  });

  test('of a policy that is gone ends the escalation and says so', async () => {
    await keepGroup(store.pool, running({ policy: 'old' }));

    await take();

    expect(await escalation()).toMatchObject({
      status: 'exhausted',
      told: [{ because: 'the policy old of slipway.yaml has no step 1' }],
    });
  });

  test('says how sure it is of whom it tells', async () => {
    await keepGroup(store.pool, running());

    await take(0, {
      onCall: { who: async () => ({ now: 'U0NOW', because: 'PagerDuty does not answer' }) },
    });

    expect(await escalation()).toMatchObject({
      nextAt: at + 2 * minute,
      told: [{ people: ['U0NOW'], because: 'PagerDuty does not answer' }],
    });
  });

  test('whose people cannot be found out is tried again for a minute, then the next one is taken', async () => {
    await keepGroup(store.pool, running({ step: 2 }));
    const members = () => Promise.reject(new Failure('slack-unreachable', 'Slack does not answer.'));
    const first = take(2, { members });

    await expect(first).rejects.toMatchObject({ code: 'slack-unreachable' });
    const before = await escalation();
    at += minute;
    await take(2, { members });

    expect(before).toMatchObject({ step: 2, told: [] });
    expect(await escalation()).toMatchObject({
      step: 3,
      nextAt: at,
      told: [{ because: expect.stringContaining('Slack does not answer.') }],
    });
  });
});

describe('a timer', () => {
  const stale: readonly (readonly [string, () => Partial<AlertGroup>, number, number])[] = [
    ['of another step', () => running({ step: 1 }), 0, 1],
    ['of another round', () => ({ ...running(), round: 2 }), 0, 1],
    ['of an escalation that was stopped', () => running({ status: 'stopped' }), 0, 1],
    ['of an escalation that came to its end', () => running({ status: 'exhausted' }), 0, 1],
    ['of an older wait', () => running({ nextAt: at + minute }), 0, 1],
    ['of a group that has closed', () => ({ ...running(), status: 'resolved' }), 0, 1],
    ['of a group without a policy', () => ({}), 0, 1],
  ];

  test.each(stale)('%s does nothing', async (_, group, step, round) => {
    await keepGroup(store.pool, group());
    let asked = 0;
    const onCall = {
      who: async () => {
        asked += 1;
        return {};
      },
    };

    await take(step, { onCall }, round);

    expect(asked).toBe(0);
    expect((await alerts.find(id))?.changes).toEqual([]);
  });

  test('of a group that nobody knows does nothing', async () => {
    await expect(take()).resolves.toBeUndefined();
  });

  test('that the queue brings a little early waits until it is due', async () => {
    await keepGroup(store.pool, running({ nextAt: at + 30 }));
    let asked = 0;
    const onCall = {
      who: async (_: string, moment: number) => {
        asked = moment;
        return { now: 'U0NOW' };
      },
    };
    const started = Date.now();
    const now = () => 10_000_000 + (Date.now() - started);

    await take(0, { onCall, now });

    expect(asked).toBeGreaterThanOrEqual(10_000_030 - 2);
    expect(await escalation()).toMatchObject({ step: 1 });
  });

  test('that is worked on twice at once takes the step once', async () => {
    await keepGroup(store.pool, running());

    await Promise.all([take(), take(), take()]);

    expect(await escalation()).toMatchObject({ step: 1, told: [{ people: ['U0NOW'] }] });
    expect((await escalation())?.told).toHaveLength(1);
  });

  test('that comes while somebody acknowledges tells nobody', async () => {
    await keepGroup(store.pool, running());
    const who = async () => {
      await alerts.handle(id, {
        type: 'Acknowledge',
        round: 1,
        by: { id: 'U0CAROL', may: ['respond'] },
      });
      return { now: 'U0NOW' };
    };

    await take(0, { onCall: { who } });

    expect(await escalation()).toMatchObject({ status: 'stopped', told: [] });
  });
});
