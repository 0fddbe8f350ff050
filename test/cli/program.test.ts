import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nothing, phase, planOf } from '../e2e/plans.ts';
import { config, type Program, program } from './program.ts';

describe('the compiled program', () => {
  let here: Program;

  beforeAll(async () => {
    here = await program();
    await here.write('slipway.yaml', config());
    const step = { ...nothing(), covers: ['ENV-01'] };
    await here.write('runbooks/deploy/test.yaml', planOf([phase('main', 'Main work', [step])]));
    const checklist = await readFile(new URL('../../runbooks/checklist.tsv', import.meta.url), 'utf8');
    await here.write('runbooks/checklist.tsv', checklist);
  });

  afterAll(() => here?.remove());

  test('check ends with 0 when nothing is wrong, and says what there is', async () => {
    const { code, out } = await here.slipway(['check']);

    expect(code).toBe(0);
    expect(out).toContain('plan test: 1 phase, 1 step');
    expect(out).toContain('Nothing is wrong.');
  });

  test('schema writes what editors read', async () => {
    const { code, out } = await here.slipway(['schema', 'schemas']);

    expect(code).toBe(0);
    const [file = ''] = /\S+\.json/.exec(out) ?? [];
    expect(JSON.parse(await readFile(join(here.dir, file), 'utf8'))).toHaveProperty('$schema');
  });

  test('coverage says by what an item is covered, as a table and as JSON', async () => {
    const table = await here.slipway(['coverage']);
    const json = await here.slipway(['coverage', '--json']);

    expect([table.code, json.code]).toEqual([0, 0]);
    expect(table.out).toMatch(/ENV-01 .*test\/main\/nothing \(wait\/for\)/);
    expect(() => JSON.parse(json.out)).not.toThrow();
  });
});
