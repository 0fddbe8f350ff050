import type { Labels } from '../alerts/alert.ts';
import type { RunStep } from '../deploy/run-plan.ts';
import { Failure } from '../errors.ts';
import { filledValue, labelsIn } from '../runbooks/fill-in.ts';
import type { Block } from '../runbooks/runbook.ts';

/**
 * What a label may hold to stand in the parameters of a step: names, addresses and paths, and nothing that ends a text in SQL
 * or in a shell, begins an option, leaves a folder, or names a secret. Whoever can send an alert says what stands in a label.
 */
const harmless = /^(?!.*(?:--|\.\.))[A-Za-z0-9/][A-Za-z0-9._:/@+-]{0,199}$/;

/**
 * A step of a runbook as the engine runs it, with the labels filled in that it was opened with. Throws `step-not-runnable` for
 * a label that is missing, or that holds what could change the meaning of a parameter.
 */
export function plannedStep({ id, title, uses, with: written }: Block, labels: Labels): RunStep {
  for (const name of textsIn(written).flatMap(labelsIn)) {
    const value = Object.hasOwn(labels, name) ? labels[name] : undefined;
    if (value !== undefined && harmless.test(value)) continue;
    const why =
      value === undefined
        ? 'which is not there'
        : 'which may hold only letters, digits and . _ : / @ + - here';
    throw new Failure('step-not-runnable', `${uses} takes the label ${name} of the alert, ${why}.`);
  }
  const parameters = Object.fromEntries(
    Object.entries(written).map(([name, value]) => [name, filledValue(value, labels)]),
  );
  return { id, uses, with: parameters, covers: [], ...(title !== undefined && { title }) };
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
