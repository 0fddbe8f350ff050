import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../src/config.ts';
import type { IncidentSettings } from '../src/incidents/settings.ts';
import { reveal } from '../src/secret.ts';
import { formatProblems } from '../src/yaml-file.ts';

const people = `groups:
  oncall: [U0CAROL]
  operator: [U0ALICE]
environments:
  production: { channel: C0LAUNCH, plan: shop, may: {} }
`;
const least = `incidents:
  may: { declare: [oncall], respond: [operator] }
`;
const env = { STATUS_SECRET: 'hidden-status' };

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-config-'));
  file = join(folder, 'slipway.yaml');
  await mkdir(join(folder, 'runbooks', 'deploy'), { recursive: true });
  await writeFile(join(folder, 'runbooks', 'deploy', 'shop.yaml'), '');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function loaded(text: string, variables: Record<string, string> = env) {
  await writeFile(file, text);
  return loadConfig({ file, env: variables, need: { slack: false } });
}

async function read(text: string): Promise<IncidentSettings | undefined> {
  const found = await loaded(text);
  if ('problems' in found) throw new Error(formatProblems(found.problems));
  return found.config.incidents;
}

async function told(text: string, variables?: Record<string, string>): Promise<string> {
  const found = await loaded(text, variables);
  return 'problems' in found ? formatProblems(found.problems).replaceAll(folder, '') : '';
}

describe('the incidents of slipway.yaml', () => {
  test('are absent when nothing is said of them', async () => {
    expect(await read(people)).toBeUndefined();
  });

  test('owe updates and reviews by their severity unless told otherwise', async () => {
    const found = await read(people + least);

    const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
    expect(found).toEqual({
      may: { declare: ['oncall'], respond: ['operator'], run: [], publish: [] },
      invite: { schedules: [], groups: [] },
      prefix: 'inc',
      isPrivate: false,
      ruling: {
        updateEvery: { critical: 30 * minute, high: hour, medium: 4 * hour },
        reviewWithin: { critical: day, high: day, medium: 5 * day, low: 10 * day },
        remindEvery: 12 * hour,
      },
      report: { day: 1, minute: 540, timeZone: 'UTC' },
    });
  });

  test('report when the clock of a zone shows a time', async () => {
    const found = await read(
      `${people}${least}  report: { day: sun, at: "07:45", timeZone: Europe/Berlin }\n`,
    );

    expect(found?.report).toEqual({ day: 7, minute: 465, timeZone: 'Europe/Berlin' });
  });

  test('keep the secret of the status page to themselves', async () => {
    const found = await read(
      `${people}${least}  statusPage: { webhook: "https://status.example/hook/", secret: { env: STATUS_SECRET } }\n`,
    );

    const page = found?.statusPage;
    expect(JSON.stringify(page)).not.toContain('hidden');
    expect(page).toMatchObject({ webhook: 'https://status.example/hook' });
    expect(page && 'secret' in page && reveal(page.secret)).toBe('hidden-status');
  });

  test.each([
    [
      'a group that is not there',
      'may: { declare: [oncal], respond: [operator] }',
      /no group "oncal" under groups; .*oncall/,
    ],
    ['nobody who may declare', 'may: { declare: [], respond: [operator] }', /incidents\.may\.declare/],
    [
      'a schedule that is not there',
      'invite: { schedules: [primary] }',
      /no schedule "primary" under alerts\.schedules/,
    ],
    ['a prefix that no channel can have', 'prefix: "Inc #"', /lower-case letters, digits and hyphens/],
    [
      'a time zone that no clock shows',
      'report: { timeZone: Europe/Berlim }',
      /"Europe\/Berlim" is no time zone/,
    ],
    ['a time that is none', 'report: { at: "25:00" }', /a time such as "09:00"/],
    ['a span that is none', 'updates: { critical: soon }', /a duration such as 30s/],
    ['a secret without a value', 'statusPage: { page: abcd1234, token: { env: NOT_THERE } }', /NOT_THERE/],
    ['a word that nobody knows', 'invitees: {}', /invitees/],
  ])('say where %s stands', async (_, line, expected) => {
    const section = line.startsWith('may') ? `incidents:\n  ${line}\n` : `${least}  ${line}\n`;

    const message = await told(people + section);

    expect(message).toMatch(expected);
    expect(message).toMatch(/slipway\.yaml:\d+/);
  });

  test('never print a token that was typed where its name belongs', async () => {
    const message = await told(`${people}${least}  statusPage: { page: abcd1234, token: typed-secret }\n`);

    expect(message).toMatch(/statusPage/);
    expect(message).not.toContain('typed-secret');
  });

  test('are in order as the example shows them', async () => {
    const example = await readFile('slipway.example.yaml', 'utf8');
    const [, alerts = ''] = /^#\n(# alerts:\n[\s\S]*?)\n\n/m.exec(example) ?? [];
    const [, section = ''] = /^#\n(# incidents:\n[\s\S]*)/m.exec(example) ?? [];
    const groups = /^groups:\n[\s\S]*?(?=\n\n)/m.exec(example)?.[0];
    const uncommented = (text: string) => text.replace(/^# ?/gm, '');
    const environments = 'environments:\n  production: { channel: C0LAUNCH, plan: shop, may: {} }\n';
    const variables = Object.fromEntries(
      [...example.matchAll(/env: ([A-Z_]+)/g)].map(([, name = '']) => [name, 'hidden']),
    );

    const message = await told(
      [groups, environments, uncommented(alerts), uncommented(section)].join('\n'),
      variables,
    );

    expect(message).toBe('');
  });
});
