import type { Deployment, Instant } from './deployment.ts';

/** Work that a state asks for; equal ids are one job, so asking twice is harmless. */
export interface Job {
  readonly id: string;
  readonly queue: 'phases' | 'timers' | 'views' | 'calls';
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** When it is to run, for timers; at once when absent. */
  readonly at?: Instant;
}

/** Every job that should exist for a run as it stands: what an empty queue is refilled from. */
export function jobsDue(run: Deployment): readonly Job[] {
  if (run.status === 'preparing') {
    const prepare: Job = { id: `${run.id}.prepare`, queue: 'timers', name: 'prepare', data: { run: run.id } };
    return [prepare, ...redrawn(run)];
  }
  if (run.status === 'ended') return endedJobs(run);
  return Object.entries(run.phases).flatMap(([phase, state]): Job[] => {
    if (state.status === 'queued' || state.status === 'running') {
      const data = { run: run.id, phase, attempt: state.attempt };
      return [{ id: `${run.id}.${phase}.${state.attempt}`, queue: 'phases', name: 'phase', data }];
    }
    if (state.status === 'gated' && state.gate?.status === 'open') {
      const { openedAt, expiresAt } = state.gate;
      const data = { run: run.id, phase, openedAt };
      return [
        { id: `${run.id}.${phase}.expire.${openedAt}`, queue: 'timers', name: 'expire', data, at: expiresAt },
      ];
    }
    if (state.status !== 'paused') return [];
    return Object.values(state.steps).flatMap((step): Job[] => {
      if (step.status !== 'waiting' || step.until === undefined) return [];
      const data = { run: run.id, phase };
      return [
        { id: `${run.id}.${phase}.wake.${step.until}`, queue: 'timers', name: 'wake', data, at: step.until },
      ];
    });
  });
}

/** The messages of the run that is taken back lose their buttons. */
function redrawn({ of }: Deployment): readonly Job[] {
  return of === undefined ? [] : [{ id: `draw.${of}`, queue: 'views', name: 'draw', data: { stream: of } }];
}

/** A run that ended for a rollback lets the rollback prepare itself; one that ended well is watched. */
function endedJobs({ id, kind, outcome, stop }: Deployment): readonly Job[] {
  if (kind === 'deployment' && (outcome === 'succeeded' || outcome === 'partial')) {
    return [{ id: `${id}.watch`, queue: 'timers', name: 'watch', data: { run: id } }];
  }
  if (stop?.rollback === undefined) return [];
  const run = stop.rollback;
  // Not the id of the rollback's own job: that one may be looking just now, and have seen this run still stopping.
  return [{ id: `${run}.prepare.after`, queue: 'timers', name: 'prepare', data: { run } }];
}

/** The jobs that a change makes due: those due after it that were not due before. */
export function react(before: Deployment | undefined, after: Deployment): readonly Job[] {
  const known = new Set(before === undefined ? [] : jobsDue(before).map(({ id }) => id));
  return jobsDue(after).filter(({ id }) => !known.has(id));
}
