import type { Values } from '../deploy/interpolate.ts';
import { goodBefore } from '../engine/request-run.ts';
import type { Runs } from '../engine/runs.ts';

/**
 * What `${NAME}` stands for in the steps of runbooks: the environment's values, and what the last deployment that went well
 * there put in place. Throws `environment-unknown`.
 */
export async function walkValues(runs: Runs, environment: string): Promise<Values> {
  const { previous: version = 'latest', previousCommit, previousImage } = await goodBefore(runs, environment);
  return runs.valuesFor({
    environment,
    version,
    ...(previousCommit !== undefined && { commit: previousCommit }),
    ...(previousImage !== undefined && { image: previousImage }),
  });
}
