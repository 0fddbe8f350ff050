import type { RelatedRun } from '../alerts/group.ts';
import type { Deployment } from '../deploy/deployment.ts';
import { newestStreams } from '../store/record.ts';
import type { Runs } from './runs.ts';

/** How many of an environment's newest runs are looked at. */
const looked = 5;

/** For each run that changed something in an environment between two times, its newest phase that did; the newest run first. */
export async function changedSince(
  runs: Runs,
  environment: string,
  since: number,
  until = Number.POSITIVE_INFINITY,
): Promise<readonly RelatedRun[]> {
  const newest = await newestStreams<Deployment>(runs.parts.pool, 'run', environment, looked);
  const found = await Promise.all(
    newest.map(async (run): Promise<readonly RelatedRun[]> => {
      const [last] = changes(run, runs.parts.now())
        .filter(({ at }) => at >= since && at <= until)
        .sort((a, b) => b.at - a.at);
      if (last === undefined) return [];
      const plan = await runs.planOf(run);
      const phase = plan.phases.find(({ id }) => id === last.phase)?.title ?? last.phase;
      return [{ run: run.id, version: run.version, phase, at: last.at, by: run.requestedBy }];
    }),
  );
  return found.flat();
}

/** The phases that changed something, or may have, and when they were last at it. */
function changes(run: Deployment, now: number): readonly { readonly phase: string; readonly at: number }[] {
  return Object.entries(run.phases)
    .filter(([, { steps }]) =>
      Object.values(steps).some(({ status, touched }) => status === 'changed' || touched === true),
    )
    .map(([phase, { endedAt }]) => ({ phase, at: endedAt ?? now }));
}
