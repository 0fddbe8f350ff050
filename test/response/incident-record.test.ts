import { afterAll, beforeAll, expect, test } from 'vitest';
import { timelineOf } from '../../src/incidents/timeline.ts';
import { openIncidents } from '../../src/response/incidents.ts';
import { chain } from '../../src/store/chain.ts';
import { append } from '../../src/store/streams.ts';
import { changeOf } from '../support/store.ts';
import { alice, incidentSettings } from './incident-settings.ts';
import { type WalkSite, walkSite } from './walk-site.ts';

const minute = 60_000;
const day = 86_400_000;

let site: WalkSite;
let keys = 0;

beforeAll(async () => {
  site = await walkSite();
});

afterAll(async () => {
  await site?.close();
});

function incidents() {
  return openIncidents({
    ...site,
    settings: incidentSettings,
    onDuty: async () => [],
    members: async () => [],
    log: { warn: () => undefined },
  });
}

async function declared(more: { readonly groups?: { group: string; round: number }[]; runs?: string[] }) {
  keys += 1;
  const handled = await incidents().declare({
    key: `record ${keys}`,
    title: 'Payments fail',
    severity: 'critical',
    commander: 'U0ALICE',
    from: { channel: 'C0ALERTS' },
    groups: [],
    runs: [],
    by: alice,
    ...more,
  });
  if (!handled.ok) throw new Error(handled.refusal.code);
  return handled.state;
}

type Events = readonly ({ readonly type: string; readonly at: number } & Record<string, unknown>)[];

/** A stream of another kind with these events, as its own rules would have left it. */
async function write(stream: string, kind: string, state: object, events: Events): Promise<void> {
  const from = { version: 0, hash: '' };
  await append(site.store.pool, [
    {
      ...changeOf(stream, { events }),
      kind,
      state: { id: stream, ...state },
      links: chain(stream, from, events),
    },
  ]);
}

const group = (environment: string | undefined) => ({
  groupLabels: { alertname: 'PaymentsFail' },
  commonLabels: {},
  routing: { environment },
});

/** A run that changed something in a phase at a time. */
async function writeRun(id: string, version: string, changedAt: number): Promise<void> {
  const hash = `plan-of-${id}`;
  const phase = { id: 'live', title: 'Go-live', steps: [{ id: 'dns', title: 'Point the name' }] };
  const plan = { name: 'main', title: 'Main', phases: [phase], rollback: {} };
  await site.store.pool.query('insert into plans (hash, body) values ($1, $2::jsonb)', [hash, plan]);
  const steps = { dns: { status: 'changed', evidence: [] } };
  await write(
    id,
    'run',
    {
      environment: 'production',
      version,
      kind: 'deployment',
      planHash: hash,
      requestedBy: 'U0BOB',
      phases: { live: { status: 'succeeded', endedAt: changedAt, steps } },
    },
    [{ type: 'PhaseFailed', at: changedAt, phase: 'live' }],
  );
}

test('knows everything that is linked, by time and by the names that people use', async () => {
  const now = Date.now();
  await write('group-a', 'alerts', group('production'), [
    { type: 'GroupOpened', at: now - 5 * day, round: 1, routing: { severity: 'warning' } },
    { type: 'GroupClosed', at: now - 4 * day, because: 'resolved' },
    { type: 'GroupOpened', at: now - 10 * minute, round: 2, routing: { severity: 'critical' } },
    { type: 'Acknowledged', at: now - 9 * minute, by: { via: 'slack', id: 'U0BOB' } },
  ]);
  await write('group-b', 'alerts', group(undefined), [{ type: 'GroupOpened', at: now, round: 1 }]);
  await writeRun('production-1', 'v1', now - 2 * day);
  await writeRun('production-2', 'v2', now - 20 * minute);
  await writeRun('production-3', 'v3', now + 20 * minute);
  await write(
    'production-2-rollback',
    'run',
    {
      environment: 'production',
      version: 'v2',
      kind: 'rollback',
      planHash: '',
      requestedBy: 'U0BOB',
      phases: {},
    },
    [{ type: 'RollbackOfSomething', at: now + minute }],
  );
  const walk = await site.open([{ title: 'Is it full?' }], { alert: { group: 'group-a', round: 2 } });
  const earlier = await site.open([], { alert: { group: 'group-a', round: 1 } });
  const incident = await declared({
    groups: [{ group: 'group-a', round: 2 }],
    runs: ['production-2'],
  });
  const inRoom = await site.open([], { incident: incident.id });

  const record = await incidents().recordOf(incident);

  const streams = new Set(record.happenings.map(({ stream }) => stream));
  expect([...streams].toSorted()).toEqual(
    ['group-a', 'production-2', 'production-2-rollback', incident.id, inRoom, walk].toSorted(),
  );
  expect(streams.has(earlier)).toBe(false);
  const times = record.happenings.map(({ at }) => at);
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  expect(record.happenings.filter(({ stream }) => stream === 'group-a')).toMatchObject([
    { name: 'PaymentsFail', kind: 'alerts', type: 'GroupOpened', version: 3, at: now - 10 * minute },
    { type: 'Acknowledged', version: 4, data: { by: { id: 'U0BOB' } } },
  ]);
  expect(record.happenings.find(({ stream }) => stream === 'production-2')).toMatchObject({
    kind: 'deployment',
    name: 'production v2',
    titles: { live: 'Go-live', dns: 'Point the name' },
  });
  expect(record.happenings.find(({ stream }) => stream === walk)).toMatchObject({
    kind: 'walkthrough',
    name: 'The disk is full',
    titles: { t1: 'Look at `df`', s1: 'Is it full?' },
  });
  expect(record.before).toEqual([
    {
      environment: 'production',
      run: 'production-2',
      version: 'v2',
      phase: 'Go-live',
      at: now - 20 * minute,
      by: 'U0BOB',
    },
  ]);
  const told = timelineOf(record).map(({ what }) => what);
  expect(told.some((what) => what.includes('PaymentsFail acknowledged'))).toBe(true);
  expect(told.some((what) => what.includes('phase Go-live failed'))).toBe(true);
});

test('says of a group only what belongs to the incident: not what it did a day after it was over', async () => {
  const now = Date.now();
  const incident = await declared({ groups: [{ group: 'group-late', round: 1 }] });
  await write('group-late', 'alerts', group(undefined), [
    { type: 'GroupOpened', at: now, round: 1 },
    { type: 'GroupClosed', at: now + minute, because: 'resolved' },
    { type: 'GroupOpened', at: now + 3 * day, round: 2 },
  ]);

  const record = await incidents().recordOf({ ...incident, resolvedAt: now + minute });

  const types = record.happenings.filter(({ stream }) => stream === 'group-late').map(({ type }) => type);
  expect(types).toEqual(['GroupOpened', 'GroupClosed']);
});

test('of an incident that nothing is linked to is what happened to it', async () => {
  const incident = await declared({});
  await incidents().handle(incident.id, { type: 'Rename', title: 'Nothing works', by: alice });

  const record = await incidents().recordOf(incident);

  expect(record.happenings.map(({ type }) => type)).toEqual(['IncidentDeclared', 'Renamed']);
  expect(record.happenings[0]).toMatchObject({ kind: 'incident', name: `#${incident.number} Nothing works` });
  expect(record.before).toEqual([]);
});
