import type { Deployment } from '../deploy/deployment.ts';
import { holderOf } from '../store/record.ts';
import { heldBy } from './run-rules.ts';
import type { Runs } from './runs.ts';

/** A critical alert group opened in an environment: what is deployed there begins no further phase, if its plan says so. */
export async function holdRun(
  runs: Runs,
  {
    environment,
    group,
    name,
  }: { readonly environment: string; readonly group: string; readonly name: string },
): Promise<void> {
  const run = await holderOf<Deployment>(runs.parts.pool, heldBy(environment));
  if (run?.status !== 'running' || run.planHash === '') return;
  const { pauseOnCriticalAlerts = false } = await runs.planOf(run);
  if (pauseOnCriticalAlerts) await runs.handle(run.id, { type: 'Hold', group, name });
}
