import type { Values } from '../deploy/interpolate.ts';
import type { RunPlan, RunStep } from '../deploy/run-plan.ts';
import { milliseconds, readable } from '../duration.ts';
import { Failure } from '../errors.ts';
import { type Check, canApply, type Host, type Step } from '../steps/step.ts';
import { filledIn } from './parameters.ts';
import { redacting } from './redact.ts';
import { within } from './within.ts';

/** What a step would do now: nothing, change something, ask people or wait; or why its check fails. */
export interface Foreseen {
  readonly phase: string;
  readonly step: RunStep;
  readonly would: 'nothing' | 'change' | 'ask' | 'wait' | 'fail';
  readonly because: string;
  /** How long the check took, in milliseconds. */
  readonly ms: number;
}

/** Runs every check of a plan and no apply, phase by phase in the order of the file. */
export async function* dryRun(options: {
  readonly plan: RunPlan;
  readonly values: Values;
  readonly hosts: Readonly<Record<string, Host>>;
  readonly findStep: (uses: string) => Step | undefined;
  readonly now: () => number;
  readonly signal: AbortSignal;
}): AsyncGenerator<Foreseen> {
  const redact = redacting(options.values);
  for (const phase of options.plan.phases) {
    for (const step of phase.steps) {
      const startedAt = options.now();
      const { would, because } = await foresee(step, options);
      yield { phase: phase.id, step, would, because: redact(because), ms: options.now() - startedAt };
    }
  }
}

async function foresee(
  planned: RunStep,
  { values, hosts, findStep, now, signal }: Parameters<typeof dryRun>[0],
): Promise<Pick<Foreseen, 'would' | 'because'>> {
  const step = findStep(planned.uses);
  if (step === undefined) return { would: 'fail', because: `there is no step ${planned.uses}` };
  const limit = planned.timeout ?? milliseconds(step.timeout);
  const tooLate = () => new Failure('timed-out', `No answer within ${readable(limit)}.`);
  try {
    const parameters = filledIn(step, planned, values);
    const found = await within(limit, signal, tooLate, (own) =>
      step.check(parameters, { signal: own, now, firstSeenAt: now(), answers: [], hosts }),
    );
    return verdict(found, canApply(step, parameters));
  } catch (error) {
    if (signal.aborted) throw error;
    return { would: 'fail', because: error instanceof Error ? error.message : String(error) };
  }
}

function verdict(found: Check, isApplicable: boolean): Pick<Foreseen, 'would' | 'because'> {
  switch (found.is) {
    case 'satisfied':
      return { would: 'nothing', because: 'already so' };
    case 'asking':
      return { would: 'ask', because: `${found.question.groups.join(', ')}: ${found.question.prompt}` };
    case 'waiting':
      return { would: 'wait', because: 'waits for the clock' };
    case 'unsatisfied':
    case 'unknown':
      return { would: isApplicable ? 'change' : 'fail', because: found.because };
  }
}
