import type { Job } from '../deploy/jobs.ts';
import type { AlertGroup } from './group.ts';

/**
 * Every job that should exist for a group as it stands: `escalate` on `timers` with group, round and step; `page` on `calls` with
 * group, round and turn; `silence` on `calls` with group, number and turn.
 */
export function groupJobs(_group: AlertGroup): readonly Job[] {
  return [];
}

/** The jobs that a change makes due, and the drawing of runs that the group is near. */
export function reactGroup(before: AlertGroup | undefined, after: AlertGroup): readonly Job[] {
  const known = new Set(before === undefined ? [] : groupJobs(before).map(({ id }) => id));
  return groupJobs(after).filter(({ id }) => !known.has(id));
}
