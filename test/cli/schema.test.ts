import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { schema } from '../../src/cli/schema.ts';
import { Duration } from '../../src/duration.ts';
import { planJsonSchema } from '../../src/json-schemas.ts';
import { defineStep, satisfied, Text } from '../../src/steps/step.ts';

const look = defineStep({
  uses: 'web/look',
  summary: 'A page answers.',
  with: z.strictObject({
    url: Text,
    status: z.int().default(200),
    within: Duration.optional(),
    method: z.enum(['GET', 'POST']).optional(),
    headers: z.record(z.string(), Text).optional(),
  }),
  timeout: '5s',
  check: async () => satisfied(),
});

describe('the JSON Schemas', () => {
  test('are written as two files whose names are printed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-schema-'));
    const printed: string[] = [];

    const code = await schema({ folder, steps: [look], out: { write: (text) => printed.push(text) } });

    expect(code).toBe(0);
    expect((await readdir(folder)).sort()).toEqual(['plan.schema.json', 'slipway.schema.json']);
    expect(printed.join('')).toBe(`${folder}/slipway.schema.json\n${folder}/plan.schema.json\n`);
    const config: unknown = JSON.parse(await readFile(join(folder, 'slipway.schema.json'), 'utf8'));
    expect(config).toMatchObject({ type: 'object', required: ['groups', 'environments'] });
    await rm(folder, { recursive: true });
  });

  test('give each step the parameters of what it uses, with room for variables', () => {
    const json = JSON.parse(JSON.stringify(planJsonSchema([look])));

    const step = Object.values<Record<string, unknown>>(json.$defs).find((part) => 'allOf' in part);
    const variable = { type: 'string', pattern: '\\$\\{[A-Z][A-Z0-9_]*\\}' };
    expect(step).toMatchObject({
      properties: { uses: { oneOf: [{ const: 'web/look', description: 'A page answers.' }] } },
      allOf: [
        {
          if: { properties: { uses: { const: 'web/look' } } },
          // biome-ignore lint/suspicious/noThenProperty: the word is JSON Schema's.
          then: {
            required: ['with'],
            properties: {
              with: {
                additionalProperties: false,
                required: ['url'],
                properties: {
                  url: { type: 'string', anyOf: [{ type: 'string' }] },
                  status: { default: 200, anyOf: [{ type: 'integer' }, variable] },
                  within: { anyOf: [{ type: 'string' }, variable] },
                  method: { anyOf: [{ enum: ['GET', 'POST'] }, variable] },
                  headers: { additionalProperties: { type: 'string' } },
                },
              },
            },
          },
        },
      ],
    });
  });
});
