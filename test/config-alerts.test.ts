import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AlertsConfig } from '../src/alerts/surroundings.ts';
import { loadConfig } from '../src/config.ts';
import { configJsonSchema } from '../src/json-schemas.ts';
import { formatProblems } from '../src/yaml-file.ts';

const people = `groups:
  oncall: [U0CAROL]
  operator: [U0ALICE, S0TEAM]
environments:
  production: { channel: C0LAUNCH, plan: shop, may: {} }
`;
const alerts = `alerts:
  listen: 127.0.0.1:0
  maxBody: 8MB
  may: { respond: [oncall, operator], silence: [oncall] }
  sources:
    main:
      credential: { bearer: { env: ALERTS_TOKEN } }
      alertmanagers: [http://127.0.0.1:9093/, "https://alerts.example/am"]
      api: { user: slipway, password: { file: api-password } }
      poll: 20s
      driftAfter: 90s
      watchdog: { match: ['alertname="Watchdog"'], silence: 5m, channel: C0ALERTS, page: main }
    edge:
      credential: { user: alertmanager, password: { env: EDGE_PASSWORD } }
  routes:
    - { name: database, match: ['team="db"', '{tier=~"1|2",env!="test"}'], channel: C0DB, severity: critical, page: main, policy: default, environment: production, quiet: [nights] }
    - { name: rest, channel: C0ALERTS }
  severities: { Page: critical, ticket: warning }
  quietHours:
    nights: { timeZone: Europe/Berlin, days: [mon, fri], from: "22:00", to: 07:30 }
    weekend: { timeZone: UTC, days: [sat, sun], from: "00:00", to: "24:00" }
  schedules:
    primary: { timeZone: Europe/Berlin, start: 2026-11-02T09:00, people: [U0CAROL, U0ALICE], overrides: [{ from: 2026-12-24T09:00, to: 2026-12-27T09:00, person: U0BOB }] }
    platform: { pagerduty: PABC123 }
  policies:
    default:
      - { tell: { schedule: primary } }
      - { tell: { schedule: primary, who: next }, after: 5m }
      - { tell: { group: oncall }, after: 5m }
      - { tell: { page: main }, after: 15m }
  flapping: { episodes: 3, within: 30m }
  relateWithin: 45m
  endSilences: false
  pagerduty:
    token: { env: PAGERDUTY_TOKEN }
    api: https://api.pagerduty.com
    keys: { main: { env: PAGERDUTY_KEY } }
    webhookSecrets: [{ env: PAGERDUTY_WEBHOOK }]
    users: { U0CAROL: carol@example.com }
`;
const env = {
  ALERTS_TOKEN: 'hidden-bearer',
  EDGE_PASSWORD: 'hidden-edge',
  PAGERDUTY_TOKEN: 'hidden-token',
  PAGERDUTY_KEY: 'hidden-key',
  PAGERDUTY_WEBHOOK: 'hidden-webhook',
};

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-config-'));
  file = join(folder, 'slipway.yaml');
  await mkdir(join(folder, 'runbooks', 'deploy'), { recursive: true });
  await writeFile(join(folder, 'runbooks', 'deploy', 'shop.yaml'), '');
  await writeFile(join(folder, 'api-password'), 'hidden-api\n');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function loaded(text = people + alerts, variables: Record<string, string> = env) {
  await writeFile(file, text);
  return loadConfig({ file, env: variables, need: { slack: false } });
}

async function read(text?: string): Promise<AlertsConfig | undefined> {
  const found = await loaded(text);
  if ('problems' in found) throw new Error(formatProblems(found.problems));
  return found.config.alerts;
}

async function told(text: string, variables: Record<string, string> = env): Promise<string> {
  const found = await loaded(text, variables);
  return 'problems' in found ? formatProblems(found.problems).replaceAll(folder, '') : '';
}

describe('the alerts of slipway.yaml', () => {
  test('are absent when nothing is said of them', async () => {
    expect(await read(people)).toBeUndefined();
  });

  test('say where alerts come from, and keep their secrets to themselves', async () => {
    const found = await read();

    expect(found).toMatchObject({ listen: { host: '127.0.0.1', port: 0 }, maxBytes: 8 * 1024 * 1024 });
    const { main, edge } = found?.sources ?? {};
    expect(main).toMatchObject({
      name: 'main',
      alertmanagers: ['http://127.0.0.1:9093', 'https://alerts.example/am'],
      pollEvery: 20_000,
      driftAfter: 90_000,
      watchdog: { silence: 300_000, channel: 'C0ALERTS', page: 'main' },
    });
    expect(edge).toMatchObject({ alertmanagers: [], pollEvery: 30_000 });
    const { credential, api } = main ?? {};
    expect(credential && 'bearer' in credential && credential.bearer.reveal()).toBe('hidden-bearer');
    expect(api && 'user' in api && [api.user, api.password.reveal()]).toEqual(['slipway', 'hidden-api']);
    expect(found?.pagerduty).toMatchObject({
      eventsUrl: 'https://events.pagerduty.com',
      apiUrl: 'https://api.pagerduty.com',
      users: { U0CAROL: 'carol@example.com' },
    });
    expect(found?.pagerduty?.token?.reveal()).toBe('hidden-token');
    expect(found?.pagerduty?.keys.main?.reveal()).toBe('hidden-key');
    expect(found?.pagerduty?.webhookSecrets.map((one) => one.reveal())).toEqual(['hidden-webhook']);
    expect(JSON.stringify(found)).not.toContain('hidden-');
  });

  test('say where alerts go, when nobody is woken, and who is on call', async () => {
    const settings = (await read())?.settings;

    expect(settings?.routes.map(({ name, match }) => [name, match.length])).toEqual([
      ['database', 3],
      ['rest', 0],
    ]);
    expect(settings?.routes[0]).toMatchObject({
      channel: 'C0DB',
      severity: 'critical',
      page: 'main',
      policy: 'default',
      environment: 'production',
      quiet: ['nights'],
    });
    expect(settings?.severities).toEqual({ page: 'critical', ticket: 'warning' });
    expect(settings?.quietHours).toEqual({
      nights: { name: 'nights', timeZone: 'Europe/Berlin', days: [1, 5], from: 1_320, to: 450 },
      weekend: { name: 'weekend', timeZone: 'UTC', days: [6, 7], from: 0, to: 1_440 },
    });
    expect(settings?.schedules.primary).toMatchObject({
      name: 'primary',
      days: 7,
      start: '2026-11-02T09:00',
    });
    expect(settings?.schedules.platform).toEqual({ name: 'platform', pagerduty: 'PABC123' });
    expect(settings?.policies.default).toEqual([
      { wait: 0, tell: { schedule: 'primary', who: 'now' } },
      { wait: 300_000, tell: { schedule: 'primary', who: 'next' } },
      { wait: 0, tell: { group: 'oncall' } },
      { wait: 600_000, tell: { page: 'main' } },
    ]);
    expect(settings).toMatchObject({
      flapping: { episodes: 3, within: 1_800_000 },
      relateWithin: 2_700_000,
      endSilences: false,
      may: { respond: ['oncall', 'operator'], silence: ['oncall'] },
    });
  });

  test('need no more than who may respond, one source and one route', async () => {
    const small = `${people}alerts:
  may: { respond: [oncall] }
  sources: { main: { credential: { bearer: { env: ALERTS_TOKEN } } } }
  routes: [{ name: all, channel: C0ALERTS }]
`;

    const found = await read(small);

    expect(found?.listen).toEqual({ host: '127.0.0.1', port: 9095 });
    expect(found?.maxBytes).toBe(32 * 1024 * 1024);
    expect(found?.settings).toMatchObject({ flapping: { episodes: 4 }, endSilences: true, policies: {} });
    expect(found).not.toHaveProperty('pagerduty');
  });

  test.each([
    [
      'respond: [oncall, operator]',
      'respond: [oncal]',
      'may.respond[0]: there is no group "oncal" under groups; did you mean "oncall"?',
    ],
    [
      'channel: C0ALERTS, page: main }',
      'channel: C0ALERTS, page: mian }',
      'sources.main.watchdog.page: there is no routing key "mian" under alerts.pagerduty.keys; did you mean "main"?',
    ],
    [
      'policy: default',
      'policy: defualt',
      'routes[0].policy: there is no policy "defualt" under alerts.policies; did you mean "default"?',
    ],
    [
      'environment: production',
      'environment: prod',
      'routes[0].environment: there is no environment "prod" under environments; there is production',
    ],
    [
      'quiet: [nights]',
      'quiet: [night]',
      'routes[0].quiet[0]: there are no quiet hours "night" under alerts.quietHours; did you mean "nights"?',
    ],
    [
      '{ schedule: primary, who: next }',
      '{ schedule: primry }',
      'policies.default[1].tell.schedule: there is no schedule "primry" under alerts.schedules; did you mean "primary"?',
    ],
    ['{ group: oncall }', '{ group: ops }', 'policies.default[2].tell.group: there is no group "ops"'],
    ['{ page: main }', '{ page: other }', 'policies.default[3].tell.page: there is no routing key "other"'],
    ['channel: C0DB', 'channel: "#db"', 'routes[0].channel: found "#db", expected the id of a Slack channel'],
    ['name: rest', 'name: database', 'routes[1].name: there is a route "database" above'],
    [
      'name: rest,',
      'name: rest, match: [a=b],',
      'routes[1].match: the last route takes every alert that is left',
    ],
    [
      `match: ['team="db"', '{tier=~"1|2",env!="test"}'],`,
      'match: ["{}"],',
      'routes[0]: "database" takes every alert, so none reaches the routes below',
    ],
    [`'team="db"'`, `'team=db x'`, 'routes[0].match[0]: «team=db x» is no matcher'],
    [
      `'alertname="Watchdog"'`,
      `'alertname=~"(a"'`,
      'sources.main.watchdog.match[0]: the regular expression «(a» cannot be used',
    ],
    [
      'Europe/Berlin, days',
      'Europe/Berln, days',
      'quietHours.nights.timeZone: there is no time zone "Europe/Berln"; did you mean "Europe/Berlin"?',
    ],
    ['Europe/Berlin, start', 'Mars, start', 'schedules.primary.timeZone: there is no time zone "Mars"'],
    ['to: 07:30', 'to: 7:30', 'quietHours.nights.to: found "7:30", expected a time such as "07:30"'],
    ['[mon, fri]', '[mon, friday]', 'quietHours.nights.days[1]: found "friday", expected one of mon, tue'],
    [
      'start: 2026-11-02T09:00',
      'start: 2026-11-31T09:00',
      'schedules.primary.start: there is no 2026-11-31T09:00 in any calendar',
    ],
    [
      'to: 2026-12-27T09:00',
      'to: 2026-12-23T09:00',
      'schedules.primary.overrides[0].to: ends at 2026-12-23T09:00, not after it begins',
    ],
    [
      'person: U0BOB }',
      'person: U0BOB }, { from: 2026-12-26T09:00, to: 2026-12-28T09:00, person: U0ALICE }',
      'schedules.primary.overrides[1]: overlaps with the one above',
    ],
    [
      'people: [U0CAROL, U0ALICE]',
      'people: [U0CAROL, alice]',
      'schedules.primary.people[1]: found "alice", expected the id of a Slack user',
    ],
    ['after: 15m', 'after: 4m', 'policies.default[3].after: comes before the step above it'],
    ['poll: 20s', 'poll: 20ms', 'sources.main.poll: is too often'],
    ['driftAfter: 90s', 'driftAfter: 900ms', 'sources.main.driftAfter: is too short'],
    ['maxBody: 8MB', 'maxBody: 9999MB', 'maxBody: found "9999MB", expected at most 256MB'],
    ['listen: 127.0.0.1:0', 'listen: 9095', 'listen: found 9095, expected text'],
    ['listen: 127.0.0.1:0', 'listen: localhost:99999', 'expected a port from 0 to 65535'],
    [
      'severity: critical',
      'severity: urgent',
      'routes[0].severity: found "urgent", expected one of critical, error, warning, info',
    ],
    [
      'http://127.0.0.1:9093/',
      'http://127.0.0.1:9093/api/v2',
      'alertmanagers[0]: found a value that is not shown, expected the address without /api/v2',
    ],
    ['endSilences: false', 'endSilence: false', 'unknown key "endSilence"; did you mean "endSilences"?'],
  ])('must say the right thing: not %s → %s', async (right, wrong, problem) => {
    const text = people + alerts;
    expect(text).toContain(right);

    const lines = await told(text.replace(right, wrong));

    const [first = '', ...rest] = lines.trimEnd().split('\n');
    expect(first).toContain(problem);
    expect(rest).toEqual([]);
    const line = Number(/^\/slipway\.yaml:(\d+):/.exec(first)?.[1]);
    expect(
      text
        .split('\n')
        .slice(line - 2, line + 1)
        .join('\n'),
    ).toContain(right.trim().split('\n')[0]);
  });

  test('tell all that is wrong with a schedule as it was meant', async () => {
    const text =
      people +
      alerts.replace(
        'start: 2026-11-02T09:00, people: [U0CAROL, U0ALICE]',
        'start: 5, days: soon, people: carol',
      );

    const lines = (await told(text)).trimEnd().split('\n');

    expect(lines).toEqual([
      expect.stringContaining('schedules.primary.start: found 5, expected text'),
      expect.stringContaining('schedules.primary.days: found "soon", expected a number'),
      expect.stringContaining('schedules.primary.people: found "carol", expected a list'),
    ]);
  });

  test('need a token for a schedule that PagerDuty keeps', async () => {
    const lines = await told(people + alerts.replace('    token: { env: PAGERDUTY_TOKEN }\n', ''));

    expect(lines).toMatch(
      /alerts\.schedules\.platform\.pagerduty: a schedule of PagerDuty is asked for with a token/,
    );
  });

  test('tell which variable holds no secret', async () => {
    expect(await told(people + alerts, { ...env, EDGE_PASSWORD: '', PAGERDUTY_KEY: '' })).toMatch(
      /sources\.edge\.credential\.password\.env: .*EDGE_PASSWORD is not set[\s\S]*keys\.main\.env: .*PAGERDUTY_KEY is not set/,
    );
  });

  test.each([
    ['{ bearer: { env: ALERTS_TOKEN } }', 'typed-secret'],
    ['{ bearer: { env: ALERTS_TOKEN } }', '{ bearer: typed-secret }'],
    ['{ file: api-password }', 'typed-secret'],
    ['{ env: PAGERDUTY_TOKEN }', 'typed-secret'],
    ['{ env: PAGERDUTY_KEY }', 'typed-secret'],
    ['[{ env: PAGERDUTY_WEBHOOK }]', '[typed-secret]'],
    ['http://127.0.0.1:9093/', 'http://me:typed-secret@127.0.0.1:9093'],
    ['api: https://api.pagerduty.com', 'api: https://typed-secret@example.com'],
  ])('never quote a secret that stands where %s should', async (right, wrong) => {
    expect(alerts).toContain(right);

    const lines = await told(people + alerts.replace(right, wrong));

    expect(lines).toContain('a value that is not shown');
    expect(lines).not.toContain('typed-secret');
  });

  test('are in order as the example shows them', async () => {
    const example = await readFile('slipway.example.yaml', 'utf8');
    const [, section = ''] = /^#\n(# alerts:\n[\s\S]*?)\n\n/m.exec(example) ?? [];
    const shown = section.replace(/^# ?/gm, '').replaceAll('# api:', 'api:');
    const groups = /^groups:\n[\s\S]*?(?=\n\n)/m.exec(example)?.[0];
    const environments = people.slice(people.indexOf('environments:'));
    const variables = [...shown.matchAll(/env: (\w+)/g)].map(([, name = '']) => [name, 'x'] as const);

    const problems = await told(`${groups}\n${environments}${shown}`, Object.fromEntries(variables));

    expect(problems).toBe('');
    expect(variables).toHaveLength(5);
  });

  test('are in the JSON Schema', () => {
    const schema = JSON.stringify(configJsonSchema());

    expect(schema).toContain('"alertmanagers"');
    expect(schema).toContain('"quietHours"');
  });
});
