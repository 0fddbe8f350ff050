import pg from 'pg';
import { afterAll, describe, expect, test } from 'vitest';
import { openAlerts } from '../../../src/alerting/alerts.ts';
import { openOnCall } from '../../../src/alerting/on-call.ts';
import type { AlertsConfig } from '../../../src/alerts/surroundings.ts';
import { onCall } from '../../../src/bot/commands/oncall.ts';
import { Failure } from '../../../src/errors.ts';
import { textOf } from '../blocks/text-of.ts';

const now = () => Date.parse('2026-11-22T03:00:00Z');

const config = (schedules: AlertsConfig['settings']['schedules']): AlertsConfig => ({
  settings: {
    routes: [],
    severities: {},
    quietHours: {},
    schedules,
    policies: {},
    flapping: { episodes: 4, within: 3_600_000 },
    relateWithin: 1_800_000,
    may: { respond: [], silence: [] },
    endSilences: true,
  },
  listen: { host: '127.0.0.1', port: 0 },
  maxBytes: 1_024,
  sources: {},
});

const rotation = (name: string, start: string, people: readonly string[]) => ({
  name,
  timeZone: 'Europe/Berlin',
  start,
  days: 7,
  people,
  overrides: [],
});

const schedules = {
  primary: rotation('primary', '2026-11-02T09:00', ['U0ALICE', 'U0BOB', 'U0CAROL']),
  alone: rotation('alone', '2026-11-02T09:00', ['U0ALICE']),
  later: rotation('later', '2027-01-04T09:00', ['U0BOB']),
  platform: { name: 'platform', pagerduty: 'PABC123' },
};

describe('/oncall', () => {
  const pool = new pg.Pool();

  afterAll(() => pool.end());

  const says = async (text: string, given: AlertsConfig['settings']['schedules'] = schedules) => {
    const whole = config(given);
    const alerts = openAlerts({
      pool,
      config: whole,
      now,
      nudge: () => undefined,
      changedSince: async () => [],
    });
    const pagerduty = async () => {
      throw new Failure('pagerduty-unreachable', 'PagerDuty does not answer <!channel>.');
    };
    const listener = onCall({ alerts, onCall: openOnCall({ config: whole, pagerduty, now }), now });
    const tell = async () => undefined;
    const answer = await listener({ user: 'U0BOB', text, channel: 'C0ALERTS', trigger: 't', tell });
    return textOf(answer?.blocks ?? []);
  };

  test('says who is on call, until when, and who comes then', async () => {
    const read = await says('');

    expect(read).toContain('*primary*  <@U0CAROL> until 2026-11-23 08:00 UTC, then <@U0ALICE>');
    expect(read).toMatch(/^\*alone\* {2}<@U0ALICE> until 2026-11-23 08:00 UTC$/m);
    expect(read).toContain('*later*  nobody; <@U0BOB> from 2027-01-04 08:00 UTC');
  });

  test('says why nobody is known to be on call, and lets nothing from outside mention anybody', async () => {
    const read = await says('platform');

    expect(read).toContain('*platform*  nobody\n⚠️ PagerDuty does not answer &lt;!channel&gt;.');
    expect(read).not.toContain('primary');
  });

  test('says who is next', async () => {
    const read = await says(' next ');

    expect(read).toContain('*primary*  <@U0ALICE> from 2026-11-23 08:00 UTC');
    expect(read).toContain('*alone*  nobody else');
    expect(read).toContain('*later*  <@U0BOB> from 2027-01-04 08:00 UTC');
  });

  test.each(['help', 'wehn', 'constructor', '<!channel>'])('helps whoever types %s', async (word) => {
    const read = await says(word);

    expect(read).toContain('`/oncall`  who is on call');
    expect(read).toContain('`/oncall next`');
    expect(read).toContain('`primary`, `alone`, `later`, `platform`');
    expect(read).not.toContain('<!channel>');
  });

  test('guesses what was meant', async () => {
    expect(await says('primry')).toContain('`primry` is not known here. Did you mean `/oncall primary`?');
    expect(await says('nxet')).toContain('Did you mean `/oncall next`?');
  });

  test('says where schedules are set when there is none', async () => {
    expect(await says('', {})).toContain('There is no schedule yet.');
    expect(await says('next', {})).toContain('`alerts.schedules`');
  });

  test('says so when no alerts are configured', async () => {
    const tell = async () => undefined;

    const answer = await onCall({ now })({ user: 'U0BOB', text: '', channel: 'C0', trigger: 't', tell });

    expect(answer?.text).toContain('No alerts are configured here');
  });
});
