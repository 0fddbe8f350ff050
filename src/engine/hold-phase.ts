import type { Deployment } from '../deploy/deployment.ts';
import { phaseOf } from '../deploy/deployment.ts';
import { dropLease, takeLease } from '../store/leases.ts';
import type { PhaseJob, PhaseWorker } from './run-phase.ts';
import { lost, mayWork } from './run-phase.ts';

/** A phase that this worker may work on until `signal` aborts. */
export interface Held {
  readonly run: Deployment;
  readonly fence: number;
  readonly signal: AbortSignal;
  /** Aborts the signal: another worker has taken over, or the run is being stopped. */
  readonly giveUp: (reason: Error) => void;
  readonly release: () => Promise<void>;
}

/** Why a signal aborts when the run is being stopped: the step in flight ends, and the phase with it. */
export const stopped = new Error('The run is being stopped.');

/**
 * Takes the phase's lease and begins the attempt, and keeps watch: the signal aborts when the run is stopped, when the
 * lease cannot be renewed in time, or when another worker has taken over. `busy` when somebody else has the lease,
 * undefined when this attempt is over.
 */
export async function holdPhase(job: PhaseJob, worker: PhaseWorker): Promise<Held | 'busy' | undefined> {
  const lease = `${job.run}/${job.phase}`;
  // Two attempts in one process exclude each other as well.
  const owner = `${worker.owner}/${worker.newId()}`;
  if (!(await takeLease(worker.pool, lease, owner, worker.leaseMs))) return 'busy';
  const begun = await worker.handle(job.run, {
    type: 'Begin',
    phase: job.phase,
    attempt: job.attempt,
    worker: worker.owner,
  });
  const phase = begun.ok ? phaseOf(begun.state, job.phase) : undefined;
  if (!begun.ok || phase?.status !== 'running') {
    await dropLease(worker.pool, lease, owner);
    return undefined;
  }
  const { fence } = phase;
  const controller = new AbortController();
  let renewedAt = worker.now();
  const look = async (): Promise<void> => {
    const verdict = await mayWork(worker, job, fence);
    if (verdict === 'stop') controller.abort(stopped);
    if (verdict === 'lost') controller.abort(lost);
  };
  const renew = async (): Promise<void> => {
    try {
      if (await takeLease(worker.pool, lease, owner, worker.leaseMs)) renewedAt = worker.now();
      else controller.abort(lost);
      await look();
    } catch (error) {
      worker.log.warn({ error, lease }, 'lease not renewed');
      if (worker.now() - renewedAt >= worker.leaseMs) controller.abort(lost);
    }
  };
  const timer = setInterval(() => void renew(), Math.max(50, worker.leaseMs / 4));
  const leave = () => controller.abort(lost);
  worker.closing.addEventListener('abort', leave);
  const ignore = worker.onChange(job.run, () => void look().catch(() => undefined));
  return {
    run: begun.state,
    fence,
    signal: controller.signal,
    giveUp: (reason) => controller.abort(reason),
    release: async () => {
      clearInterval(timer);
      ignore();
      worker.closing.removeEventListener('abort', leave);
      await dropLease(worker.pool, lease, owner);
    },
  };
}
