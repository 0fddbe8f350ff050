import type { Deployment } from '../deploy/deployment.ts';
import { phaseOf } from '../deploy/deployment.ts';
import { dropLease, takeLease } from '../store/leases.ts';
import { load } from '../store/streams.ts';
import type { PhaseJob, PhaseWorker } from './run-phase.ts';

/** A phase that this worker may work on until `signal` aborts. */
export interface Held {
  readonly run: Deployment;
  readonly fence: number;
  readonly signal: AbortSignal;
  /** Aborts the signal: another worker has taken over, or the run is being stopped. */
  readonly giveUp: (reason: Error) => void;
  readonly release: () => Promise<void>;
}

/** Why a signal aborts when another worker has taken over: nothing may be written any more. */
export const lost = new Error('Another worker has taken over this phase.');

/** Why a signal aborts when the run is being stopped: the step in flight ends, and the phase with it. */
export const stopped = new Error('The run is being stopped.');

/**
 * Takes the phase's lease and begins the attempt, and keeps watch: the signal aborts when the run is stopped, when the
 * lease cannot be renewed in time, or when another worker has taken over. `busy` when somebody else has the lease,
 * undefined when this attempt is over.
 */
export async function holdPhase(job: PhaseJob, worker: PhaseWorker): Promise<Held | 'busy' | undefined> {
  const { pool, now, leaseMs, closing, log } = worker;
  if (closing.aborted) return 'busy';
  const lease = `${job.run}/${job.phase}`;
  // Two attempts in one process exclude each other as well.
  const owner = `${worker.owner}/${worker.newId()}`;
  let renewedAt = now();
  if (!(await takeLease(pool, lease, owner, leaseMs))) return 'busy';
  const begun = await worker.handle(job.run, {
    type: 'Begin',
    phase: job.phase,
    attempt: job.attempt,
    worker: worker.owner,
  });
  const phase = begun.ok ? phaseOf(begun.state, job.phase) : undefined;
  if (!begun.ok || phase?.status !== 'running') {
    await dropLease(pool, lease, owner);
    return undefined;
  }
  const { fence } = phase;
  const controller = new AbortController();
  const look = (run: Deployment | undefined): void => {
    const verdict = mayWork(run, job, fence);
    if (verdict === 'stop') controller.abort(stopped);
    if (verdict === 'lost') controller.abort(lost);
  };
  const renew = async (): Promise<void> => {
    // The lease counts from when it was asked for, since that is the latest that the database may count from.
    const at = now();
    try {
      if (await takeLease(pool, lease, owner, leaseMs)) renewedAt = at;
      else controller.abort(lost);
      look((await load<Deployment>(pool, job.run))?.state);
    } catch (error) {
      log.warn({ error, lease }, 'lease not renewed');
    }
  };
  let renewing: Promise<void> | undefined;
  const tick = (): void => {
    // Also when the database says nothing at all.
    if (now() - renewedAt >= leaseMs) controller.abort(lost);
    renewing ??= renew().finally(() => {
      renewing = undefined;
    });
  };
  const timer = setInterval(tick, Math.max(50, leaseMs / 4));
  const leave = () => controller.abort(lost);
  closing.addEventListener('abort', leave);
  const ignore = worker.onChange(job.run, look);
  return {
    run: begun.state,
    fence,
    signal: controller.signal,
    giveUp: (reason) => controller.abort(reason),
    release: async () => {
      clearInterval(timer);
      ignore();
      closing.removeEventListener('abort', leave);
      // A renewal on its way would take the lease again once it is dropped.
      await renewing;
      await dropLease(pool, lease, owner);
    },
  };
}

/** Whether a run still lets the holder of this token work. */
function mayWork(run: Deployment | undefined, job: PhaseJob, fence: number): 'yes' | 'stop' | 'lost' {
  if (run?.phases[job.phase]?.fence !== fence) return 'lost';
  return run.status === 'running' ? 'yes' : 'stop';
}
