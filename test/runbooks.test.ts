import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { readChecklist } from '../src/checklist.ts';
import { check } from '../src/cli/check.ts';
import { coveredBy } from '../src/cli/coverage.ts';
import { namesOf } from '../src/deploy/digest.ts';
import { estimateOf } from '../src/deploy/estimate.ts';
import { loadPlan } from '../src/plans.ts';
import { steps } from '../src/steps/registry.ts';

const env = {
  PRODUCTION_POSTGRES_URL: 'postgres://postgres:pw@db/postgres',
  PRODUCTION_DATABASE_PASSWORD: 'a long enough password',
  PRODUCTION_APP_DATABASE_URL: 'postgres://softfactory_app:pw@db/softfactory',
  PRODUCTION_REDIS_URL: 'redis://:pw@redis:6379/0',
  PRODUCTION_ELASTICSEARCH_URL: 'https://elastic:pw@search:9200',
  PRODUCTION_SMOKE_TOKEN: 'demo_token',
  PRODUCTION_SSH_KEY: '-----BEGIN OPENSSH PRIVATE KEY-----',
};

async function softfactory() {
  const { plan, problems } = await loadPlan('runbooks', 'softfactory', steps);
  if (plan === undefined) throw new Error(JSON.stringify(problems));
  return plan;
}

describe('the plan for SoftFactory', () => {
  test('and the example configuration are in order, with nothing left out', async () => {
    let printed = '';
    const out = { write: (text: string) => (printed += text) };

    const code = await check({ file: 'slipway.example.yaml', env, steps, out });

    expect(printed).toContain('Nothing is wrong.');
    expect(code).toBe(0);
  });

  test('takes every variable and secret that the example sets, and no other', async () => {
    const example = await readFile('slipway.example.yaml', 'utf8');

    const set = [...example.matchAll(/^ {6}([A-Z0-9_]+):/gm)].map(([, name]) => name);

    expect(set.sort()).toEqual(namesOf(await softfactory()));
  });

  test('runs database and Redis side by side between the checks and the smoke tests', async () => {
    const { phases } = await softfactory();

    const estimate = estimateOf(phases);

    expect(estimate.path).toEqual(['consoles', 'database', 'smoke', 'security', 'go-live']);
    expect([estimate.sum, estimate.criticalPath].map((span) => span / 60_000)).toEqual([65, 55]);
  });

  test('claims no checklist item that needs more than its steps can show', async () => {
    const checklist = (await readChecklist('runbooks')) ?? [];

    const items = coveredBy(checklist, [await softfactory()]);

    const covered = items.filter(({ by }) => by.length > 0).map(({ id }) => id);
    expect(items).toHaveLength(192);
    expect(covered).toEqual([
      ...['PRE-01', 'PRE-02', 'PRE-05', 'PRE-07', 'PRE-08', 'PRE-09', 'PRE-10', 'PRE-11', 'PRE-12', 'PRE-13'],
      ...['P01-01', 'P01-02', 'P01-03', 'P01-04', 'P02-01', 'P02-02', 'P02-03', 'P02-04', 'P05-04'],
      ...[
        'SMOKE-01',
        'SMOKE-02',
        'SMOKE-03',
        'SMOKE-04',
        'SMOKE-05',
        'SMOKE-06',
        'SMOKE-07',
        'SMOKE-09',
        'SMOKE-10',
      ],
      ...[
        'P13-01',
        'P13-02',
        'P14-01',
        'BACK-01',
        'BACK-02',
        'BACK-04',
        'BACK-05',
        'BACK-06',
        'BACK-07',
        'BACK-08',
      ],
      ...['BACK-09', 'BACK-10', 'BACK-11', 'BACK-12'],
    ]);
  });
});
