import type { Logger } from 'pino';
import { z } from 'zod';
import type { Process } from '../queue/queues.ts';
import { leftBefore } from './drift.ts';
import { reviseRun } from './request-run.ts';
import type { PhaseWorker } from './run-phase.ts';
import { runPhase } from './run-phase.ts';
import type { Runs } from './runs.ts';

const PhaseJob = z.object({ run: z.string(), phase: z.string(), attempt: z.number() });

/** Works on phases; `stop` aborts the steps in flight, which the next worker settles by their checks. */
export function phaseProcess(
  runs: Runs,
  { owner, newId, log }: { readonly owner: string; readonly newId: () => string; readonly log: Logger },
): { readonly process: Process; readonly stop: () => Promise<void> } {
  const { pool, config, now, findStep } = runs.parts;
  const closing = new AbortController();
  const worker: PhaseWorker = {
    pool,
    now,
    owner,
    newId,
    leaseMs: config.leaseMs,
    log,
    findStep,
    closing: closing.signal,
    planOf: runs.planOf,
    valuesFor: runs.valuesFor,
    leftBefore: (run) => leftBefore(runs, run),
    hostsOf: (environment) => runs.environment(environment).hosts,
    revise: (run) => reviseRun(runs, run),
    handle: runs.handle,
    onChange: runs.onChange,
  };
  return {
    process: async ({ data }) => {
      const job = PhaseJob.parse(data);
      const verdict = await runPhase(job, worker);
      // Thrown so that the queue tries again after a pause: the other worker may be gone.
      if (verdict === 'busy') throw new Error(`${job.run}/${job.phase} is held by another worker`);
    },
    stop: async () => closing.abort(),
  };
}
