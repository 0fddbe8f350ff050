import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { listSteps } from '../../src/cli/steps.ts';
import { steps } from '../../src/steps/registry.ts';
import { defineStep, HostName, satisfied, Text } from '../../src/steps/step.ts';

const look = defineStep({
  uses: 'web/look',
  summary: 'A page answers.',
  with: z.strictObject({
    host: HostName,
    url: Text.meta({ description: 'where | what' }),
    expect: z.strictObject({ status: z.int().default(200) }).prefault({}),
    method: z.enum(['GET', 'POST']).optional(),
    tables: z.array(z.strictObject({ name: z.string() })).default([]),
  }),
  timeout: '5s',
  check: async () => satisfied(),
});

function printed(options: { uses?: string; markdown?: boolean; all?: typeof steps }) {
  const lines: string[] = [];
  const out = { write: (text: string) => lines.push(text) };
  const { all = [look], ...rest } = options;
  return { code: listSteps({ steps: all, out, ...rest }), text: lines.join('') };
}

describe('slipway steps', () => {
  test('lists every step with what it can do', () => {
    const { code, text } = printed({ all: steps });

    expect(code).toBe(0);
    expect(text.split('\n').length).toBe(steps.length + 2);
    expect(text).toMatch(/^postgres\/role +check, apply, undo +1m /m);
    expect(text).toMatch(/^redis\/roundtrip +check +/m);
  });

  test('shows the parameters of one step, also those inside others', () => {
    const { text } = printed({ uses: 'web/look' });

    expect(text).toMatch(/^url +text +required +where \| what$/m);
    expect(text).toMatch(/^expect\.status +whole number +200$/m);
    expect(text).toMatch(/^method +"GET" or "POST" +–$/m);
    expect(text).toMatch(/^tables\[\]\.name +text +required$/m);
  });

  test('names the nearest step when there is none of that name', () => {
    const { code, text } = printed({ uses: 'web/lok' });

    expect(code).toBe(2);
    expect(text).toContain('web/look');
  });

  test('escapes what would break a row of the page', () => {
    expect(printed({ markdown: true }).text).toContain('| `url` | text | required | where \\| what |');
  });
});

test('docs/steps.md says what the steps are; npm run docs writes it anew', async () => {
  const written = await readFile(new URL('../../docs/steps.md', import.meta.url), 'utf8');

  expect(written).toBe(printed({ all: steps, markdown: true }).text);
});
