import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { coverage } from '../../src/cli/coverage.ts';

let runbooks: string;

beforeEach(async () => {
  runbooks = await mkdtemp(join(tmpdir(), 'slipway-coverage-'));
  await mkdir(join(runbooks, 'deploy'));
  await writeFile(
    join(runbooks, 'checklist.tsv'),
    'id\tphase\titem\tdetails\nPRE-01\tBefore\tServer\tx\nENV-01\tVariables\tA\t\nENV-02\tVariables\tB\t\nENV-03\tVariables\tC\t\n',
  );
  await writeFile(
    join(runbooks, 'deploy', 'shop.yaml'),
    `name: shop
title: The shop
phases:
  - id: env
    title: Variables
    steps: [{ id: files, uses: ssh/command, covers: [ENV-01..ENV-02, ENV-02] }]
rollback:
  high: { phases: [{ id: back, title: Back, steps: [{ id: start, uses: ssh/command, covers: [ENV-02] }] }] }
`,
  );
});

afterEach(async () => {
  await rm(runbooks, { recursive: true, force: true });
});

async function printed(json: boolean): Promise<string> {
  let text = '';
  const out = { write: (more: string) => (text += more) };
  const code = await coverage({ runbooks, steps: [], json, out });
  expect(code).toBe(0);
  return text.replaceAll(runbooks, '');
}

describe('slipway coverage', () => {
  test('prints the counts of each part and what covers each item', async () => {
    const text = await printed(false);

    expect(text).toBe(`/deploy/shop.yaml has problems; see slipway check
phase      covered  of
Before           0   1
Variables        2   3
total            2   4

PRE-01  Server  –
ENV-01  A       shop/env/files (ssh/command)
ENV-02  B       shop/env/files (ssh/command)
                shop/rollback-high/back/start (ssh/command)
ENV-03  C       –
`);
  });

  test('prints the same as JSON', async () => {
    const text = await printed(true);

    expect(JSON.parse(text)).toMatchObject({
      total: 4,
      covered: 2,
      items: [
        { id: 'PRE-01', phase: 'Before', item: 'Server', by: [] },
        { id: 'ENV-01', by: [{ step: 'shop/env/files', uses: 'ssh/command' }] },
        { id: 'ENV-02' },
        { id: 'ENV-03', by: [] },
      ],
    });
  });

  test('needs a checklist', async () => {
    await rm(join(runbooks, 'checklist.tsv'));
    let text = '';

    const code = await coverage({ runbooks, steps: [], out: { write: (more: string) => (text += more) } });

    expect(code).toBe(2);
    expect(text).toContain('checklist.tsv: there is no such file');
  });
});
