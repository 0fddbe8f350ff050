import { canonical } from '../canonical.ts';
import type { Deployment } from './deployment.ts';
import { namesIn, type Values } from './interpolate.ts';
import type { RunStep } from './run-plan.ts';

/** That a step was found changed although a run had left it as wanted: which run, and in a short sentence what was found. */
export interface Drift {
  readonly since: string;
  readonly because: string;
}

/** The run that left a step as wanted, when no run after it (`runs` are newest first) can have changed it. */
export function leftAsWanted(
  runs: readonly Deployment[],
  phase: string,
  step: string,
): Deployment | undefined {
  for (const run of runs) {
    if (run.kind === 'rollback' && Object.values(run.phases).some(({ fence }) => fence > 0)) return undefined;
    const status = run.phases[phase]?.steps[step]?.status;
    if (status !== undefined) return status === 'satisfied' || status === 'changed' ? run : undefined;
  }
  return undefined;
}

/** A step with what a run put in for its `${NAME}`: its own names as they are, the environment's by their fingerprints. */
export interface AskedOf {
  readonly planned: RunStep | undefined;
  readonly values: Values;
  readonly fingerprints: Deployment['fingerprints'];
}

/** Whether two runs asked the same of a step, so that a difference in the world is none of what was asked. */
export function isSameAsked(a: AskedOf, b: AskedOf): boolean {
  if (a.planned === undefined || b.planned === undefined || a.planned.uses !== b.planned.uses) return false;
  if (canonical(a.planned.with) !== canonical(b.planned.with)) return false;
  return namesIn(a.planned.with).every((name) =>
    name in a.fingerprints
      ? a.fingerprints[name] === b.fingerprints[name]
      : !(name in b.fingerprints) && String(a.values[name]) === String(b.values[name]),
  );
}
