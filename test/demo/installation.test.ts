import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { withoutRedis } from '../../rehearsal/demo/installation.ts';
import { idsCovered, readChecklist } from '../../src/checklist.ts';
import { Plan } from '../../src/deploy/plan.ts';

const file = new URL('../../rehearsal/demo/runbooks/deploy/demo.yaml', import.meta.url);

test('the plan of the demo goes without Redis where there is none', async () => {
  const plan = Plan.parse(parse(withoutRedis(await readFile(file, 'utf8'))));

  const ids = plan.phases.map(({ id }) => id);

  expect(ids).toEqual([
    'servers',
    'database',
    'host',
    'elasticsearch',
    'api',
    'smoke',
    'monitoring',
    'security',
    'go-live',
  ]);
  expect(plan.phases.find(({ id }) => id === 'api')?.needs).toEqual(['database', 'host', 'elasticsearch']);
  expect(plan.phases.flatMap(({ steps }) => steps).map(({ uses }) => uses)).not.toContainEqual(
    expect.stringContaining('redis'),
  );
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
