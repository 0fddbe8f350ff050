import type { Values } from '../deploy/interpolate.ts';
import type { RunStep } from '../deploy/run-plan.ts';
import { milliseconds, readable } from '../duration.ts';
import { Failure } from '../errors.ts';
import type { Check, Host, Step } from '../steps/step.ts';
import { filledIn } from './parameters.ts';
import { within } from './within.ts';

/** What looking at one step outside of a run needs. */
export interface Look {
  readonly planned: RunStep;
  readonly values: Values;
  readonly hosts: Readonly<Record<string, Host>>;
  readonly findStep: (uses: string) => Step | undefined;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** Runs a step's check alone, within its time limit; throws the check's `Failure`, or `timed-out`. */
export async function look(
  options: Look,
): Promise<{ readonly step: Step; readonly parameters: unknown; readonly found: Check }> {
  const { planned, values, hosts, findStep, now, signal } = options;
  const step = findStep(planned.uses);
  if (step === undefined)
    throw new Failure('plan-invalid', `There is no step ${planned.uses} in this version of Slipway.`);
  const limit = planned.timeout ?? milliseconds(step.timeout);
  const tooLate = () => new Failure('timed-out', `No answer within ${readable(limit)}.`);
  const parameters = filledIn(step, planned, values);
  const found = await within(limit, signal, tooLate, (own) =>
    step.check(parameters, { signal: own, now, firstSeenAt: now(), answers: [], hosts, log: () => {} }),
  );
  return { step, parameters, found };
}
