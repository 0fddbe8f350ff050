import type { Values } from '../deploy/interpolate.ts';
import type { RunPlan, RunStep } from '../deploy/run-plan.ts';
import { type Check, canApply, type Host, type Step } from '../steps/step.ts';
import { look } from './look.ts';
import { redacting } from './redact.ts';

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
  options: Parameters<typeof dryRun>[0],
): Promise<Pick<Foreseen, 'would' | 'because'>> {
  try {
    const { step, parameters, found } = await look({ ...options, planned });
    return verdict(found, canApply(step, parameters));
  } catch (error) {
    if (options.signal.aborted) throw error;
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
