import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { check } from '../../src/cli/check.ts';
import { defineStep, satisfied } from '../../src/steps/step.ts';

const look = defineStep({
  uses: 'web/look',
  summary: 'A page answers.',
  with: z.strictObject({ url: z.string() }),
  timeout: '5s',
  check: async () => satisfied(),
});
const config = `groups: { crew: [U0ALICE] }
environments:
  production: { channel: C0LAUNCH, plan: shop, may: { deploy: [crew] }, variables: { API_URL: http://a } }
`;
const plan = `name: shop
title: The shop
phases:
  - id: smoke
    title: Smoke
    steps: [{ id: look, uses: web/look, with: { url: "\${API_URL}" } }]
`;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-check-'));
  await mkdir(join(folder, 'runbooks', 'deploy'), { recursive: true });
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function checked(configText: string, planText: string): Promise<{ code: number; printed: string }> {
  await writeFile(join(folder, 'slipway.yaml'), configText);
  await writeFile(join(folder, 'runbooks', 'deploy', 'shop.yaml'), planText);
  let printed = '';
  const out = { write: (text: string) => (printed += text) };
  const code = await check({ file: join(folder, 'slipway.yaml'), env: {}, steps: [look], out });
  return { code, printed: printed.replaceAll(`${folder}/`, '') };
}

describe('slipway check', () => {
  test('says what it found to be in order, without Slack tokens', async () => {
    const result = await checked(config, plan);

    expect(result).toEqual({
      code: 0,
      printed:
        'slipway.yaml: 1 environment, 1 group, 1 variable, 0 secrets\nplan shop: 1 phase, 1 step\nNothing is wrong.\n',
    });
  });

  test('tells the problems of the configuration and of the plans together', async () => {
    const result = await checked(config.replace('[crew]', '[crow]'), plan.replace('API_URL', 'API_URI'));

    expect(result.code).toBe(2);
    expect(result.printed.split('\n')).toEqual([
      expect.stringMatching(
        /^runbooks\/deploy\/shop.yaml:6:54 {2}phases\[0\].steps\[0\].with.url: \${API_URI} has no value/,
      ),
      expect.stringMatching(/^slipway.yaml:3:64 {2}.*there is no group "crow"/),
      '2 problems',
      '',
    ]);
  });

  test('looks at the plans also when the configuration cannot be read', async () => {
    const result = await checked('groups: [', plan.replace('web/look', 'web/lock'));

    expect(result.code).toBe(2);
    expect(result.printed).toContain('slipway.yaml:1:10  is not valid YAML: Flow sequence');
    expect(result.printed).toContain('there is no step "web/lock"; did you mean "web/look"?');
  });
});
