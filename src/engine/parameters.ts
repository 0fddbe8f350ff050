import type { z } from 'zod';
import type { Values } from '../deploy/interpolate.ts';
import type { RunStep } from '../deploy/run-plan.ts';
import { Failure } from '../errors.ts';
import { parametersOf } from '../step-parameters.ts';
import type { Step } from '../steps/step.ts';

/** A step's parameters as its implementation takes them; throws `plan-invalid` or `secret-missing`, naming the parameter. */
export function filledIn(step: Step, planned: RunStep, values: Values): z.output<Step['with']> {
  const parsed = parametersOf(step.with, planned.with, values);
  if ('value' in parsed) return parsed.value;
  const faults = parsed.faults.map(({ path, message }) => `with.${path.map(String).join('.')} ${message}`);
  throw new Failure('plan-invalid', `${planned.id} (${planned.uses}): ${faults.join('; ')}`);
}
