import type { Labels } from '../alerts/alert.ts';
import type { Values } from '../deploy/interpolate.ts';
import { filledIn } from '../engine/parameters.ts';
import { redacting } from '../engine/redact.ts';
import { Failure } from '../errors.ts';
import type { Block, Runbook } from '../runbooks/runbook.ts';
import { canApply, type Step } from '../steps/step.ts';
import { bounded, storable } from '../text.ts';
import type { Runnable } from '../walkthroughs/walkthrough.ts';
import { plannedStep } from './walk-parameters.ts';

/** The state is loaded for every command, so what is wrong with many parameters is cut. */
const longestReason = 500;

/** What running a runbook's steps means with these labels and values, by their ids: what it cannot say is taken to change something. */
export function runnables(
  runbook: Runbook,
  about: {
    readonly labels: Labels;
    /** Absent where the runbook is opened for no environment, in which nothing can be run. */
    readonly values: Values | undefined;
    readonly findStep: (uses: string) => Step | undefined;
  },
): Readonly<Record<string, Runnable>> {
  const blocks = runbook.sections.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.kind === 'step' ? [part] : [])),
  );
  return Object.fromEntries(blocks.map((block) => [block.id, runnable(block, about)]));
}

function runnable(block: Block, { labels, values, findStep }: Parameters<typeof runnables>[1]): Runnable {
  const step = findStep(block.uses);
  if (step === undefined) {
    return { changes: true, cannot: cut(`This version of Slipway has no step ${block.uses}.`) };
  }
  if (values === undefined) return { changes: step.apply !== undefined };
  try {
    return { changes: canApply(step, filledIn(step, plannedStep(block, labels), values)) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { changes: step.apply !== undefined, cannot: cut(redacting(values)(error.message)) };
  }
}

function cut(reason: string): string {
  return bounded(storable(reason), longestReason);
}
