import type { Job } from '../deploy/jobs.ts';
import type { Walkthrough } from './walkthrough.ts';

/** Every job that should exist for an opened runbook as it stands: `walk-step` on `phases` with walkthrough, step and number. */
export function walkthroughJobs(_walkthrough: Walkthrough): readonly Job[] {
  return [];
}

/** The jobs that a change makes due: those due after it that were not due before. */
export function reactWalkthrough(before: Walkthrough | undefined, after: Walkthrough): readonly Job[] {
  const known = new Set(before === undefined ? [] : walkthroughJobs(before).map(({ id }) => id));
  return walkthroughJobs(after).filter(({ id }) => !known.has(id));
}
