import type { Job } from '../deploy/jobs.ts';
import type { StepRun, Walkthrough } from './walkthrough.ts';

/** Whether a worker has a run to work on. */
export function isAtWork({ status }: StepRun): boolean {
  return status === 'queued' || status === 'running' || status === 'applying';
}

/** Every job that should exist for an opened runbook as it stands: `walk-step` on `phases` with walkthrough, step and number. */
export function walkthroughJobs({ id, runs }: Walkthrough): readonly Job[] {
  return Object.entries(runs)
    .filter(([, run]) => isAtWork(run))
    .map(([step, { number }]) => ({
      id: `${id}.${step}.${number}`,
      queue: 'phases',
      name: 'walk-step',
      data: { walkthrough: id, step, number },
    }));
}

/** The jobs that a change makes due: those due after it that were not due before. */
export function reactWalkthrough(before: Walkthrough | undefined, after: Walkthrough): readonly Job[] {
  const known = new Set(before === undefined ? [] : walkthroughJobs(before).map(({ id }) => id));
  return walkthroughJobs(after).filter(({ id }) => !known.has(id));
}
