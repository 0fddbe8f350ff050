import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Part, withoutParts } from '../../rehearsal/demo/parts.ts';
import { idsCovered, readChecklist } from '../../src/checklist.ts';
import { lint } from '../../src/cli/runbooks.ts';
import { Plan } from '../../src/deploy/plan.ts';
import { findStep } from '../../src/steps/registry.ts';

const file = new URL('../../rehearsal/demo/runbooks/deploy/demo.yaml', import.meta.url);

const all = [
  'servers',
  'database',
  'redis',
  'host',
  'elasticsearch',
  'code',
  'api',
  'web',
  'smoke',
  'monitoring',
  'security',
  'go-live',
];

/** The plan without some parts: its phases with their needs, its steps, and its text. */
async function planWithout(...missing: readonly Part[]) {
  const text = withoutParts(await readFile(file, 'utf8'), missing);
  const { phases } = Plan.parse(parse(text));
  const steps = phases.flatMap(({ id, steps: own }) => own.map((step) => `${id}/${step.id}`));
  return { text, steps, needs: Object.fromEntries(phases.map(({ id, needs }) => [id, needs])) };
}

test('the plan of the demo goes without Redis where there is none', async () => {
  const { text, needs } = await planWithout('redis');

  expect(Object.keys(needs).toSorted()).toEqual(all.filter((id) => id !== 'redis').toSorted());
  expect(needs.api).toEqual(['database', 'servers', 'code', 'elasticsearch']);
  expect(text).not.toContain('redis/');
});

test('without git the plan has no code, and what needed it waits for the host', async () => {
  const { text, steps, needs } = await planWithout('git');

  expect(needs).not.toHaveProperty('code');
  expect(needs.api).toEqual(['database', 'redis', 'host', 'elasticsearch']);
  expect(steps.filter((step) => step.startsWith('api/'))).toEqual(['api/release', 'api/warm', 'api/health']);
  expect(text).not.toMatch(/code\/checkout|docker\/image|softfactory-worker|COMMIT/);
});

test('without openssl the plan has no web site, and the smoke tests wait for the API', async () => {
  const { text, needs } = await planWithout('openssl');

  expect(needs).not.toHaveProperty('web');
  expect(needs.smoke).toEqual(['api']);
  expect(text).not.toMatch(/tls\/|nginx\/|TLS_/);
});

test('where no host can be played, nothing of the plan is on one', async () => {
  const { text, needs } = await planWithout('linux', 'redis');

  expect(Object.keys(needs)).not.toEqual(expect.arrayContaining(['host']));
  expect(needs.api).toEqual(['database', 'servers', 'elasticsearch']);
  expect(text).not.toMatch(/host:/);
});

test('the plan of the demo claims only items that the checklist has', async () => {
  const plan = Plan.parse(parse(await readFile(file, 'utf8')));
  const ids = (await readChecklist('runbooks'))?.map(({ id }) => id) ?? [];
  const phases = [...plan.phases, ...Object.values(plan.rollback).flatMap(({ phases }) => phases)];

  const unknown = phases
    .flatMap(({ steps }) => steps)
    .flatMap(({ covers }) => covers)
    .filter((entry) => idsCovered(entry, ids) === undefined);

  expect(ids).toHaveLength(192);
  expect(unknown).toEqual([]);
});

test('nothing is wrong with the runbook of the demo', async () => {
  const said: string[] = [];

  const code = await lint({
    runbooks: 'rehearsal/demo/runbooks',
    rules: [],
    config: undefined,
    findStep,
    now: Date.UTC(2026, 10, 22),
    out: { write: (text) => said.push(text) },
  });

  expect(said.join('')).toBe('1 runbook, nothing is wrong.\n');
  expect(code).toBe(0);
});
