import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { route } from '../../src/cli/alerts.ts';
import { loadConfig } from '../../src/config.ts';
import { formatProblems } from '../../src/yaml-file.ts';
import { config, type Program, program } from './program.ts';

const alerts = {
  may: { respond: ['approvers'] },
  sources: {
    main: { credential: { bearer: { env: 'ALERTS_TOKEN' } } },
    edge: { credential: { bearer: { env: 'EDGE_TOKEN' } } },
  },
  routes: [
    {
      name: 'database',
      match: ['team="db"', 'source="main"', 'receiver=~"web.*"'],
      channel: 'C0DB',
      page: 'main',
      policy: 'default',
      environment: 'production',
      quiet: ['nights'],
    },
    { name: 'rest', channel: 'C0ALERTS' },
  ],
  quietHours: { nights: { timeZone: 'Europe/Berlin', from: '22:00', to: '07:00' } },
  schedules: {
    primary: {
      timeZone: 'Europe/Berlin',
      start: '2026-11-02T09:00',
      people: ['U0ALICE', 'U0BOB', 'U0CAROL'],
    },
    platform: { pagerduty: 'PABC123' },
  },
  policies: {
    default: [
      { tell: { schedule: 'primary' } },
      { tell: { schedule: 'primary', who: 'next' }, after: '5m' },
      { tell: { schedule: 'platform' }, after: '10m' },
      { tell: { group: 'approvers' }, after: '10m' },
      { tell: { page: 'main' }, after: '15m' },
    ],
  },
  pagerduty: { token: { env: 'PAGERDUTY_TOKEN' }, keys: { main: { env: 'PAGERDUTY_KEY' } } },
};

describe('slipway alerts route', () => {
  let here: Program;

  beforeAll(async () => {
    here = await program();
    await here.write('runbooks/deploy/test.yaml', '');
    await here.write('slipway.yaml', { ...config(), alerts });
  });

  afterAll(() => here?.remove());

  const run = (labels: string, ...more: readonly string[]) =>
    here.slipway(['alerts', 'route', '--labels', labels, ...more]);

  const explained = async (
    labels: string,
    about: Readonly<Record<string, string | undefined>> = {},
  ): Promise<string> => {
    const { receiver = 'web', at = '2026-11-22T12:00Z', config: name = 'slipway.yaml' } = about;
    const source = 'source' in about ? about.source : 'main';
    const file = join(here.dir, name);
    const loaded = await loadConfig({ file, env: {}, need: { slack: false, secrets: false } });
    if ('problems' in loaded) throw new Error(formatProblems(loaded.problems));
    let printed = '';
    const out = { write: (text: string) => (printed += text) };
    route({ out, config: loaded.config, source, receiver, labels, at: Date.parse(at) });
    return printed;
  };

  test('explains where alerts go and who is told when, without a secret, Slack or PagerDuty', async () => {
    const { code, out, err } = await run(
      'team="db",severity="page"',
      ...['--source', 'main', '--receiver', 'web', '--at', '2026-11-22T03:00Z'],
    );

    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).toBe(`route        database
channel      C0DB
severity     critical (from the label severity="page")
environment  production
quiet hours  nights do not hold for what is critical
page         main
policy       default

From 2026-11-22 03:00 UTC on, as long as nobody acknowledges:
 +0 min  C0DB                    (the message)
 +0 min  PagerDuty               (page main)
 +0 min  U0CAROL                 (primary, now)
 +5 min  U0ALICE                 (primary, next)
+10 min  as PagerDuty says then  (platform, now)
+10 min  U0BOB                   (group approvers)
+15 min  PagerDuty               (page main)
`);
  });

  test('has whoever is on call when a step comes, not when the alerts did', async () => {
    const out = await explained('team=db', { at: '2026-11-23T07:57Z' });

    expect(out).toMatch(/\+0 min {2}U0CAROL +\(primary, now\)\n +\+5 min {2}U0BOB +\(primary, next\)/);
    expect(out).toContain('quiet hours  not in nights');
  });

  test('says what quiet hours hold back', async () => {
    const out = await explained('{team="db"}', { at: '2026-11-22T03:00Z' });

    expect(out).toContain('severity     warning (there is no label severity)');
    expect(out).toContain('quiet hours  nights, which hold back page main and policy default');
    expect(out).toMatch(/page +nobody\npolicy +none/);
    expect(out.trimEnd()).toMatch(/acknowledges:\n\+0 min {2}C0DB {2}\(the message\)$/);
  });

  test.each([
    ['another source', { source: 'edge' }],
    ['another receiver', { receiver: 'mail' }],
    ['no receiver', { receiver: '' }],
  ])('takes the last route for %s', async (_what, about) => {
    expect(await explained('team=db', about)).toMatch(/^route +rest\n/);
  });

  test.each([
    [
      'an unknown source',
      'a=b',
      { source: 'mian' },
      'There is no source mian under alerts; did you mean "main"?',
    ],
    [
      'no source where there are two',
      'a=b',
      { source: undefined },
      'Name the source with --source; there is main, edge.',
    ],
    ['what is no label', 'oops', {}, '--labels «oops» is no matcher'],
    ['a regular expression', 'team=~"d.*"', {}, 'it takes = only: team="…"'],
    ['a configuration without alerts', 'a=b', { config: 'other.yaml' }, 'other.yaml has no alerts'],
  ])('refuses %s', async (_what, labels, about, expected) => {
    await here.write('other.yaml', config());

    await expect(explained(labels, about)).rejects.toThrow(expected);
  });

  test.each([
    ['an unknown source', ['--source=mian'], 'There is no source mian under alerts'],
    ['no time', ['--source=main', '--at=noon'], 'Write a time such as 2026-11-22T03:00.'],
  ])('ends with 2 for %s', async (_what, more, expected) => {
    const { code, out, err } = await run('a=b', ...more);

    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(expected);
  });
});
