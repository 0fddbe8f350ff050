import type { Deployment } from '../deploy/deployment.ts';
import { Failure } from '../errors.ts';
import { openStreams } from '../store/record.ts';
import { reviseRun } from './request-run.ts';
import type { Runs } from './runs.ts';

/**
 * Looks at the runs that have not ended before anything goes on: variables may have changed while nothing ran, which voids
 * approvals. Throws `config-invalid` when the environment of one is gone, for it could neither go on nor be shown.
 */
export async function resumeRuns(runs: Runs): Promise<void> {
  const { pool, config } = runs.parts;
  for (const { id, environment } of await openStreams<Deployment>(pool, 'run')) {
    if (config.environments[environment] === undefined) {
      throw new Failure(
        'config-invalid',
        `${id} has not ended, but slipway.yaml has no environment ${environment} any more. Put it back until ${id} has ended.`,
      );
    }
    await reviseRun(runs, id);
  }
}
