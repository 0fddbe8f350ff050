import { afterAll, beforeAll, expect, test } from 'vitest';
import { refillGroups } from '../../src/alerting/refill-groups.ts';
import type { AlertGroup, Page } from '../../src/alerts/group.ts';
import type { OutboxRow } from '../../src/store/outbox.ts';
import { append } from '../../src/store/streams.ts';
import { changeOf, type TestStore, testStore } from '../support/store.ts';
import { groupOf, silenceOf } from './group-of.ts';

let store: TestStore;

beforeAll(async () => {
  store = await testStore();
});

afterAll(async () => {
  await store.drop();
});

const page: Page = { key: 'infra', dedupKey: 'abc', wanted: 'triggered', turn: 1 };

async function refilled(): Promise<readonly OutboxRow[]> {
  const added: OutboxRow[] = [];
  await refillGroups(store.pool, { add: async (rows) => void added.push(...rows) }, Date.now());
  return added;
}

async function keep(group: AlertGroup, ended = false): Promise<void> {
  await append(store.pool, [
    changeOf(group.id, {
      kind: 'alerts',
      state: group,
      ended,
      events: [{ type: 'Happened', at: Date.now() }],
    }),
  ]);
}

test('an emptied queue is given what is under way for alert groups, and nothing for those that need nothing', async () => {
  const at = Date.now() + 60_000;
  await keep(groupOf({ id: 'group-0000000000000001' }));
  await keep(
    groupOf({
      id: 'group-0000000000000002',
      escalation: { policy: 'oncall', step: 1, nextAt: at, status: 'running', told: [] },
    }),
  );
  await keep(
    groupOf({
      id: 'group-0000000000000003',
      escalation: { policy: 'oncall', step: 2, nextAt: at, status: 'exhausted', told: [] },
      page: { ...page, told: 'triggered' },
    }),
  );
  await keep(groupOf({ id: 'group-0000000000000004', page }));
  await keep(groupOf({ id: 'group-0000000000000005', page: { ...page, refused: 'no such key' } }));
  await keep(groupOf({ id: 'group-0000000000000006', silences: [silenceOf()] }));

  const jobs = await refilled();

  expect(jobs.map(({ queue, name, data, runAt }) => [queue, name, data.group, runAt]).sort()).toEqual([
    ['calls', 'page', 'group-0000000000000004', null],
    ['calls', 'silence', 'group-0000000000000006', null],
    ['timers', 'escalate', 'group-0000000000000002', at],
  ]);
});

test('a page is also brought to its end when its group has closed', async () => {
  const resolved: Page = { ...page, wanted: 'resolved', told: 'triggered', turn: 2 };
  await keep(groupOf({ id: 'group-0000000000000007', status: 'resolved', otherPages: [resolved] }), true);

  const jobs = await refilled();

  expect(jobs.map(({ data }) => data.group)).toContain('group-0000000000000007');
});
