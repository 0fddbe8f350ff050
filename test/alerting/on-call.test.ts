import { describe, expect, test } from 'vitest';
import { openOnCall, type PagerDutyTurn } from '../../src/alerting/on-call.ts';
import type { AlertSettings } from '../../src/alerts/settings.ts';
import { Failure } from '../../src/errors.ts';

const start = Date.parse('2026-11-22T12:00:00Z');
const minute = 60_000;
const hour = 60 * minute;

const settings: AlertSettings = {
  routes: [],
  severities: {},
  quietHours: {},
  schedules: {
    primary: {
      name: 'primary',
      timeZone: 'Europe/Berlin',
      start: '2026-11-02T09:00',
      days: 7,
      people: ['U0ALICE', 'U0BOB'],
      overrides: [],
    },
    later: {
      name: 'later',
      timeZone: 'UTC',
      start: '2027-01-01T00:00',
      days: 1,
      people: ['U0ALICE'],
      overrides: [],
    },
    platform: { name: 'platform', pagerduty: 'PABC123' },
  },
  policies: {},
  flapping: { episodes: 4, within: hour },
  relateWithin: hour,
  may: { respond: [], silence: [] },
  endSilences: true,
};

const pagerduty = {
  eventsUrl: '',
  apiUrl: '',
  keys: {},
  webhookSecrets: [],
  users: { U0CAROL: 'Carol@example.com', U0DAVE: 'dave@example.com' },
};

/** From and to are hours from the start. */
const turn = (name: string, from: number, to: number): PagerDutyTurn => ({
  name,
  email: `${name.toLowerCase()}@example.com`,
  from: start + from * hour,
  to: start + to * hour,
});

/** A PagerDuty that says what it is told to, at a time that is set by hand. */
function surroundings() {
  const world = { at: start, turns: [turn('Carol', -5, 3), turn('Dave', 3, 10)], isAway: false };
  const asked: string[] = [];
  const onCall = openOnCall({
    config: { settings, pagerduty },
    now: () => world.at,
    pagerduty: async (id, from, to) => {
      asked.push(`${id} ${(from - start) / minute} ${(to - from) / hour / 24}`);
      if (world.isAway) throw new Failure('pagerduty-unreachable', 'PagerDuty does not answer (timeout).');
      return world.turns;
    },
  });
  return { world, asked, who: () => onCall.who('platform', world.at), onCall };
}

describe('who is on call', () => {
  test('is what a schedule of the configuration says', async () => {
    const { onCall, asked } = surroundings();

    expect(await onCall.who('primary', start)).toEqual({
      now: 'U0ALICE',
      next: 'U0BOB',
      until: Date.parse('2026-11-23T08:00Z'),
    });
    expect(await onCall.who('later', start)).toEqual({
      next: 'U0ALICE',
      until: Date.parse('2027-01-01T00:00Z'),
    });
    expect(asked).toEqual([]);
  });

  test.each(['secondary', 'constructor', '__proto__'])('is nobody without the schedule %s', async (name) => {
    expect(await surroundings().onCall.who(name, start)).toEqual({
      because: `there is no schedule ${name}`,
    });
  });

  test('is nobody when PagerDuty is not configured', async () => {
    const onCall = openOnCall({ config: { settings }, now: () => start });

    expect(await onCall.who('platform', start)).toEqual({ because: 'PagerDuty is not configured' });
  });

  test.each([
    ['two turns', [turn('Carol', -5, 3), turn('Dave', 3, 10)], { now: 'U0CAROL', next: 'U0DAVE', until: 3 }],
    [
      'a schedule in two escalation policies, in any order',
      [turn('Dave', 3, 10), turn('Carol', -5, 3), turn('Dave', 3, 10), turn('Carol', -5, 3)],
      { now: 'U0CAROL', next: 'U0DAVE', until: 3 },
    ],
    [
      'two turns of the same person in a row',
      [turn('Carol', -5, 3), turn('Carol', 3, 10), turn('Dave', 10, 11)],
      { now: 'U0CAROL', next: 'U0DAVE', until: 10 },
    ],
    ['the same person for good', [turn('Carol', -5, 30 * 24)], { now: 'U0CAROL' }],
    ['nobody afterwards', [turn('Carol', -5, 3)], { now: 'U0CAROL', until: 3 }],
    [
      'somebody after a gap',
      [turn('Carol', -5, 3), turn('Dave', 5, 6)],
      { now: 'U0CAROL', next: 'U0DAVE', until: 3 },
    ],
    [
      'nobody now',
      [turn('Carol', -5, -1), turn('Dave', 5, 6)],
      { next: 'U0DAVE', until: 5, because: 'PagerDuty has nobody on call there now' },
    ],
    ['nobody at all', [], { because: 'PagerDuty has nobody on call there now' }],
    [
      'somebody whom Slack does not know',
      [turn('Erin', -5, 3), turn('Dave', 3, 5)],
      {
        next: 'U0DAVE',
        until: 3,
        because: 'alerts.pagerduty.users does not say who Erin (erin@example.com) is in Slack',
      },
    ],
    [
      'a name that is not a name',
      [{ name: `x\u202e${'y'.repeat(500)}`, from: start - 1, to: start + hour }],
      {
        until: 1,
        because: expect.stringMatching(/^alerts\.pagerduty\.users does not say who xy{50,120}… is in Slack$/),
      },
    ],
  ])(
    'is what PagerDuty says: %s',
    async (_what, turns, { until, ...expected }: { until?: number; [key: string]: unknown }) => {
      const { world, who } = surroundings();
      world.turns = [...turns];

      expect(await who()).toEqual({
        ...expected,
        ...(until !== undefined && { until: start + until * hour }),
      });
    },
  );

  test('is asked of PagerDuty once a minute, however many ask', async () => {
    const { world, asked, who } = surroundings();

    await Promise.all([who(), who(), who()]);
    world.at += minute - 1;
    await who();
    const during = [...asked];
    world.at += 1;
    await who();

    expect(during).toEqual(['PABC123 0 30']);
    expect(asked).toEqual(['PABC123 0 30', 'PABC123 1 30']);
  });

  test('changes on time although the answer is a little old', async () => {
    const { world, who } = surroundings();
    world.at = start + 3 * hour - 10_000;

    const before = await who();
    world.at += 20_000;
    const after = await who();

    expect([before.now, after.now]).toEqual(['U0CAROL', 'U0DAVE']);
  });

  test('is what PagerDuty said last while it is away, with its age, for an hour', async () => {
    const { world, who } = surroundings();
    await who();
    world.isAway = true;

    world.at += 5 * minute;
    const soon = await who();
    world.at = start + hour;
    const late = await who();
    world.at += 1;
    const over = await who();
    world.isAway = false;
    world.at += minute;
    const back = await who();

    expect(soon).toMatchObject({
      now: 'U0CAROL',
      because: 'PagerDuty does not answer; this is what it said 5 min ago',
    });
    expect(late.now).toBe('U0CAROL');
    expect(over).toEqual({ because: 'PagerDuty does not answer (timeout).' });
    expect(back).toEqual({ now: 'U0CAROL', next: 'U0DAVE', until: start + 3 * hour });
  });

  test('leaves a PagerDuty that is away alone for a while', async () => {
    const { world, asked, who } = surroundings();
    world.isAway = true;

    await who();
    world.at += 14_999;
    const told = await who();
    const during = asked.length;
    world.at += 1;
    await who();

    expect(told).toEqual({ because: 'PagerDuty does not answer (timeout).' });
    expect([during, asked.length]).toEqual([1, 2]);
  });
});
