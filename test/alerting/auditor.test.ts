import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Alerts } from '../../src/alerting/alerts.ts';
import { type AuditParts, audit, type Finding } from '../../src/alerting/auditor.ts';
import { escalateWork } from '../../src/alerting/escalate.ts';
import type { AlertGroup, Escalation } from '../../src/alerts/group.ts';
import { groupJobs } from '../../src/alerts/jobs.ts';
import { type TestStore, testStore } from '../support/store.ts';
import { alertsConfig, alertsOver, forgetAll, keepGroup } from './page-group.ts';

const id = 'group-00000000deadbeef';
const minute = 60_000;
const at = 100 * minute;
const by = { via: 'slack', id: 'U0CAROL' } as const;

let store: TestStore;
let alerts: Alerts;

beforeAll(async () => {
  store = await testStore();
});

afterAll(() => store.drop());

beforeEach(async () => {
  await forgetAll(store.pool);
  alerts = alertsOver(store.pool, alertsConfig(), () => at);
});

const routing = { route: 'all', channel: 'C0', severity: 'critical', policy: 'usual' } as const;
const open = (escalation?: Partial<Escalation>, more: Partial<AlertGroup> = {}): Partial<AlertGroup> => ({
  routing,
  openedAt: at - 10 * minute,
  ...(escalation === undefined
    ? {}
    : { escalation: { policy: 'usual', step: 0, nextAt: at, status: 'running', told: [], ...escalation } }),
  ...more,
});
const parts = (more: Partial<AuditParts> = {}): AuditParts => ({
  alerts,
  pool: store.pool,
  policies: {
    usual: [
      { wait: minute, tell: { group: 'g' } },
      { wait: minute, tell: { group: 'g' } },
    ],
  },
  keys: [],
  onCall: { who: async () => ({}) },
  members: async () => ['U0ONE'],
  now: () => at,
  log: pino({ level: 'silent' }),
  ...more,
});

describe('the auditor', () => {
  test('carries out a step whose timer was lost, and says so', async () => {
    await keepGroup(store.pool, open({ nextAt: at - 2 * minute }));
    const counted: Finding[] = [];

    const found = await audit(parts({ found: (finding) => counted.push(finding) }), at);

    expect(found).toEqual([{ group: id, found: 'late', since: 2 * minute }]);
    expect(counted).toEqual(found);
    expect((await alerts.find(id))?.escalation).toMatchObject({
      step: 1,
      nextAt: at + minute,
      told: [{ people: ['U0ONE'] }],
    });
  });

  const asleep: readonly (readonly [string, Partial<Escalation> | undefined, number])[] = [
    ['that never began', undefined, 0],
    ['that was stopped although nobody has it in hand', { status: 'stopped', step: 1 }, 1],
  ];

  test.each(asleep)('starts an escalation %s, where it was', async (_, escalation, step) => {
    await keepGroup(store.pool, open(escalation));

    const found = await audit(parts(), at);
    const after = await alerts.find(id);
    for (const { data } of after === undefined ? [] : groupJobs(after)) await escalateWork(parts())(data);

    expect(found).toEqual([{ group: id, found: 'asleep', since: 10 * minute }]);
    expect(after?.escalation).toMatchObject({ status: 'running', step, nextAt: at });
    expect((await alerts.find(id))?.escalation?.told).toMatchObject([{ step, people: ['U0ONE'] }]);
  });

  const kept: readonly (readonly [string, Partial<AlertGroup>])[] = [
    ['waits for its next step', open({ nextAt: at + minute })],
    ['is late by less than a minute', open({ nextAt: at - 59_000 })],
    ['was acknowledged', open({ nextAt: at - 5 * minute, status: 'stopped' }, { acknowledged: { by, at } })],
    ['was resolved by somebody', open({ status: 'stopped' }, { dismissed: { by, at } })],
    ['has closed', open({ nextAt: at - 5 * minute }, { status: 'resolved' })],
    ['came to the end of its policy', open({ status: 'exhausted', step: 2, nextAt: at - 5 * minute })],
    ['has no policy', { routing: { route: 'all', channel: 'C0', severity: 'critical' } }],
    ['opened in quiet hours', open(undefined, { routing: { ...routing, quiet: 'night' } })],
  ];

  test.each(kept)('leaves alone what %s', async (_, group) => {
    await keepGroup(store.pool, group);

    const found = await audit(parts(), at);

    expect(found).toEqual([]);
    expect((await alerts.find(id))?.escalation).toEqual(group.escalation);
  });

  test('goes on to the next group when one cannot be mended, the most severe first', async () => {
    const late = open({ nextAt: at - 2 * minute });
    await keepGroup(store.pool, {
      ...late,
      id: 'group-1111111111111111',
      routing: { ...routing, severity: 'info' },
    });
    await keepGroup(store.pool, { ...late, id: 'group-2222222222222222' });
    let isFirst = true;
    const members = async () => {
      if (!isFirst) return ['U0ONE'];
      isFirst = false;
      throw new Error('Slack is away');
    };

    const found = await audit(parts({ members, now: () => at - 2 * minute }), at);

    expect(found.map(({ group }) => group)).toEqual(['group-2222222222222222', 'group-1111111111111111']);
    expect((await alerts.find('group-2222222222222222'))?.escalation?.step).toBe(0);
    expect((await alerts.find('group-1111111111111111'))?.escalation?.step).toBe(1);
  });

  test('two at once take a step once', async () => {
    await keepGroup(store.pool, open({ nextAt: at - 2 * minute }));

    await Promise.all([audit(parts(), at), audit(parts(), at)]);

    expect((await alerts.find(id))?.escalation?.told).toHaveLength(1);
  });
});
