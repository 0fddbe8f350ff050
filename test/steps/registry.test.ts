import { expect, test } from 'vitest';
import { z } from 'zod';
import { milliseconds } from '../../src/duration.ts';
import { findStep, steps } from '../../src/steps/registry.ts';

test('every step is found under its own name', () => {
  const found = steps.map((step) => findStep(step.uses));

  expect(found).toEqual(steps);
  expect(findStep('postgres/nothing')).toBeUndefined();
});

test.each(steps.map((step) => [step.uses, step] as const))('%s can be described to an editor', (_, step) => {
  const described = z.toJSONSchema(step.with, { io: 'input', unrepresentable: 'any' });

  expect(described).toMatchObject({ type: 'object', additionalProperties: false });
  expect(milliseconds(step.timeout)).toBeGreaterThan(0);
});
