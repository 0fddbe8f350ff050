import type { Deployment } from '../deploy/deployment.ts';
import { isSameAsked, leftAsWanted } from '../deploy/drift.ts';
import type { RunStep } from '../deploy/run-plan.ts';
import { newestStreams } from '../store/record.ts';
import type { Runs } from './runs.ts';

/** Finds the earlier run that left a step as wanted and of which nothing but the world has changed since, by its id. */
export type FindLeft = (phase: string, planned: RunStep) => Promise<string | undefined>;

/** Enough to come past aborted attempts. */
const mostRuns = 20;

/** Looks for earlier runs of the same environment; they are loaded once, when the first step asks. A rollback looks for none. */
export function leftBefore(
  { parts, planOf, valuesFor }: Pick<Runs, 'parts' | 'planOf' | 'valuesFor'>,
  run: Deployment,
): FindLeft {
  if (run.kind === 'rollback') return async () => undefined;
  let loading: Promise<readonly Deployment[]> | undefined;
  return async (phase, planned) => {
    loading ??= newestStreams<Deployment>(parts.pool, 'run', run.environment, mostRuns);
    const earlier = (await loading).filter(({ id }) => id !== run.id);
    const left = leftAsWanted(earlier, phase, planned.id);
    if (left === undefined) return undefined;
    const plan = await planOf(left);
    const before = plan.phases.find(({ id }) => id === phase)?.steps.find(({ id }) => id === planned.id);
    const isSame = isSameAsked(
      { planned, values: valuesFor(run), fingerprints: run.fingerprints },
      { planned: before, values: valuesFor(left), fingerprints: left.fingerprints },
    );
    return isSame ? left.id : undefined;
  };
}
