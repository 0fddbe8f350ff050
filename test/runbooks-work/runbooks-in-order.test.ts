import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { namesIn, type Values } from '../../src/deploy/interpolate.ts';
import type { Runbook } from '../../src/runbooks/runbook.ts';
import { leftOut } from './left-out.ts';
import { onlyLooks, readStep } from './run-steps.ts';
import { type RunbookFile, runbookFiles } from './runbook-files.ts';

const files = await runbookFiles();

const Example = z.looseObject({
  environments: z.object({
    production: z.looseObject({
      variables: z.record(z.string(), z.union([z.string(), z.number()])),
      secrets: z.record(z.string(), z.unknown()),
      hosts: z.record(z.string(), z.unknown()),
    }),
  }),
  groups: z.record(z.string(), z.unknown()),
});

const Rules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(z.looseObject({ alert: z.string(), annotations: z.record(z.string(), z.string()) })),
    }),
  ),
});

const example = Example.parse(parse(await readFile('slipway.example.yaml', 'utf8')));

/** What the example sets; a secret has its own name as its value. */
function exampleValues(): Values {
  const { variables, secrets } = example.environments.production;
  return Object.fromEntries([
    ...Object.entries(variables).map(([name, value]) => [name, String(value)]),
    ...Object.keys(secrets).map((name) => [name, name]),
  ]);
}

async function alerts() {
  const folder = 'monitoring/rules/';
  const texts = await Promise.all((await readdir(folder)).map((name) => readFile(folder + name, 'utf8')));
  return texts.flatMap((text) => Rules.parse(parse(text)).groups.flatMap(({ rules }) => rules));
}

function runbookOf({ name, parsed }: RunbookFile): Runbook {
  if ('runbook' in parsed) return parsed.runbook;
  throw new Error(`${name}: ${JSON.stringify(parsed.faults)}`);
}

test('there is a runbook for everything that the checklist wants one for', () => {
  expect(files.map(({ name }) => name)).toEqual([
    'api-down',
    'contacts',
    'database-disk-full',
    'database-failover',
    'database-trouble',
    'disaster-recovery',
    'elasticsearch-unhealthy',
    'high-error-rate',
    'payment-failures',
    'post-incident-review',
    'redis-memory',
    'rollback',
    'slipway-trouble',
    'slow-responses',
  ]);
});

test.each(files)(
  '$name is read without a fault, and has an owner, a severity and the headings that people know',
  (file) => {
    const { severity, owner = '', reviewed, tags, sections } = runbookOf(file);

    const headings = sections.filter(({ level }) => level === 2).map(({ heading }) => heading);

    expect(severity).toBeDefined();
    expect(Object.keys(example.groups)).toContain(owner);
    expect(reviewed).toMatch(/^2026-/);
    expect(tags.length).toBeGreaterThan(3);
    expect(headings.filter((heading) => heading !== 'Dry run')).toEqual([
      'Meaning',
      'Impact',
      'Diagnosis',
      'Mitigation',
      'Escalation',
    ]);
  },
);

test.each(files)('$name leads to no runbook that is not there', ({ text }) => {
  const linked = [...text.matchAll(/\]\(([^)]*)\)/g)].map(([, target = '']) => target);

  const known = files.map(({ name }) => `${name}.md`);

  expect(linked.filter((target) => !known.includes(target))).toEqual([]);
});

test.each(files)('$name says where its commands run, and the shell can read them', ({ text, commands }) => {
  const unreadable = commands.filter(
    ({ script }) => spawnSync('bash', ['-n'], { input: script }).status !== 0,
  );

  const isForHost = commands.some(({ place }) => place === undefined);
  expect(unreadable).toEqual([]);
  expect(text.includes('Commands run on the host `app` as `deploy`')).toBe(isForHost);
  expect(commands.filter(({ section }) => !['Diagnosis', 'Mitigation'].includes(section))).toEqual([]);
});

test.each(files)('$name has all its commands and steps under tasks that can be ticked', (file) => {
  const parts = runbookOf(file).sections.flatMap((section) => section.parts);

  const beside = parts.findIndex(({ kind }, index) => kind === 'step' && parts[index - 1] === undefined);
  const loose = file.text.split('\n').filter((line) => line.startsWith('```'));

  expect(beside).toBe(-1);
  expect(loose).toEqual([]);
});

test.each(files)(
  "$name has only steps that their own schema takes with the example's values",
  ({ steps }) => {
    const values = exampleValues();
    const { hosts } = example.environments.production;

    const unknown = steps.flatMap((step) => namesIn(step.with).filter((name) => !(name in values)));
    const faults = steps.flatMap((step) => {
      const read = readStep(step, values);
      return 'fault' in read ? [`${step.where}: ${read.fault}`] : [];
    });
    const strangers = steps.filter(({ with: { host } }) => typeof host === 'string' && !(host in hosts));

    expect(unknown).toEqual([]);
    expect(faults).toEqual([]);
    expect(strangers).toEqual([]);
  },
);

test.each(files)('$name only looks as long as it asks what is wrong', ({ steps }) => {
  const changing = steps.filter((step) => step.section === 'Diagnosis' && !onlyLooks(step, exampleValues()));

  expect(changing.map(({ where, uses }) => `${where}: ${uses}`)).toEqual([]);
});

test('every alert names a runbook that names it', async () => {
  const named = (await alerts()).map(({ alert, annotations }) => `${alert}: ${annotations.runbook}`);

  const answered = files.flatMap((file) => runbookOf(file).alerts.map((alert) => `${alert}: ${file.name}`));

  expect(named.length).toBeGreaterThan(15);
  expect(answered.sort()).toEqual(named.sort());
});

test('what is left out on the rehearsal host is one command each, with a reason', () => {
  const matches = leftOut.map(({ runbook, holds }) => {
    const commands = files.find(({ name }) => name === runbook)?.commands ?? [];
    return commands.filter(({ script, place }) => place === undefined && script.includes(holds)).length;
  });

  expect(matches).toEqual(leftOut.map(() => 1));
  expect(leftOut.filter(({ why }) => why.length < 10)).toEqual([]);
});
