import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type PlayedPagerDuty, startPagerDuty } from '../../rehearsal/pagerduty/pagerduty.ts';
import { openPager } from '../../src/alerting/pagerduty-events.ts';
import { openPagerDutyRest, type PagerDutyRest } from '../../src/alerting/pagerduty-rest.ts';
import type { PagerDutySettings } from '../../src/alerts/surroundings.ts';
import { Failure } from '../../src/errors.ts';
import { Secret } from '../../src/secret.ts';

let pagerDuty: PlayedPagerDuty;
let settings: PagerDutySettings;

const robin = 'robin@example.com';
const kim = 'kim@example.com';

beforeEach(async () => {
  pagerDuty = await startPagerDuty({
    services: ['web', 'data'],
    users: [
      { name: 'Robin', email: robin },
      { name: 'Kim \u202e', email: kim },
    ],
  });
  settings = {
    eventsUrl: pagerDuty.url,
    apiUrl: pagerDuty.url,
    token: new Secret('TOKEN', pagerDuty.token),
    keys: Object.fromEntries(
      Object.entries(pagerDuty.keys).map(([name, key]) => [name, new Secret('KEY', key)]),
    ),
    webhookSecrets: [],
    users: {},
  };
});

afterEach(() => pagerDuty.stop());

const rest = (more: Partial<PagerDutySettings> = {}, limit = 30_000, pause = 1): PagerDutyRest => {
  const opened = openPagerDutyRest({ ...settings, ...more }, { limit, pause });
  if (opened === undefined) throw new Error('no token');
  return opened;
};
const trigger = (key: string, dedupKey: string) =>
  openPager(settings, { limit: 30_000 }).send({
    action: 'trigger',
    key,
    dedupKey,
    summary: 'It is down',
    source: 'web-1',
    severity: 'critical',
  });
const codeOf = async (asked: Promise<unknown>) => {
  const failure = await asked.catch((error: unknown) => error);
  return failure instanceof Failure ? failure.code : failure;
};

describe('the REST API', () => {
  test('is not there without a token', () => {
    const { token: _, ...without } = settings;

    expect(openPagerDutyRest(without)).toBeUndefined();
  });

  test('knows the incidents of a dedup key, and the dedup keys of an incident', async () => {
    await trigger('web', 'one');
    await trigger('data', 'one');
    await trigger('web', 'two');

    const found = await rest().incidentsOf('one');
    const keys = await rest().keysOf(pagerDuty.incidents()[2]?.id ?? '');

    expect(found).toMatchObject([
      { status: 'triggered', assignees: ['Robin'], acknowledgers: [] },
      { status: 'triggered' },
    ]);
    expect(keys).toEqual(['two']);
  });

  test('acknowledges in the name of somebody', async () => {
    await trigger('web', 'one');
    const [incident] = pagerDuty.incidents();

    await rest().acknowledge(incident?.id ?? '', kim);

    expect(pagerDuty.incidents()).toMatchObject([{ status: 'acknowledged', acknowledgers: [kim] }]);
    expect(await rest().incidentsOf('one')).toMatchObject([{ acknowledgers: ['Kim'] }]);
  });

  test('says whose turn it is in a schedule, with the e-mail address', async () => {
    const at = Date.parse('2026-11-22T12:00:00Z');
    const turns = [
      { email: robin, start: at - 1_000, end: at + 60_000 },
      { email: kim, start: at + 60_000, end: at + 120_000 },
    ];
    pagerDuty.setSchedule('PSCHED', turns);

    const found = await rest().turns('PSCHED', at, at + 90_000);

    expect(found).toEqual([
      { name: 'Robin', email: robin, from: at - 1_000, to: at + 60_000 },
      { name: 'Kim', email: kim, from: at + 60_000, to: at + 120_000 },
    ]);
  });

  test('what it refuses is for good, and says why', async () => {
    await trigger('web', 'one');
    const [incident] = pagerDuty.incidents();

    const codes = [
      await codeOf(rest({ token: new Secret('TOKEN', 'wrong') }).incidentsOf('one')),
      await codeOf(rest().acknowledge(incident?.id ?? '', 'nobody@example.com')),
      await codeOf(rest().acknowledge('QNOWHERE', kim)),
    ];

    expect(codes).toEqual(['pagerduty-refused', 'pagerduty-refused', 'pagerduty-refused']);
    await expect(rest().acknowledge(incident?.id ?? '', 'nobody@example.com')).rejects.toThrow(
      'Requester User Not Found',
    );
  });

  test('one 429 is waited out, and more than a few may be tried again later', async () => {
    pagerDuty.fail({ with: 429, times: 1 });
    const found = await rest().incidentsOf('one');
    pagerDuty.fail({ with: 429 });

    const code = await codeOf(rest().incidentsOf('one'));

    expect(found).toEqual([]);
    expect(code).toBe('pagerduty-unreachable');
  });

  test('a pause before the next try ends with the time that there is', async () => {
    pagerDuty.fail({ with: 429, times: 1 });

    const code = await codeOf(rest({}, 200, 2_000).incidentsOf('one'));

    expect(code).toBe('pagerduty-unreachable');
    expect(pagerDuty.asked).toHaveLength(1);
  });

  test.each([[500], ['silence'], ['cut']] as const)('a %s may be tried again', async (fault) => {
    pagerDuty.fail({ with: fault });

    const code = await codeOf(rest({}, 1_000).incidentsOf('one'));

    expect(code).toBe('pagerduty-unreachable');
  });
});
