import type { Deployment, Instant, Outcome, OutlinePhase, PhaseState } from './deployment.ts';
import { phaseOf } from './deployment.ts';
import type { Untimed } from './events.ts';

/** What follows from a state without anybody asking: gates open, phases are queued, runs end. */
export function advance(run: Deployment, now: Instant): readonly Untimed[] {
  if (run.status === 'stopping')
    return hasStopped(run) ? [{ type: 'RunEnded', outcome: stopOutcome(run) }] : [];
  if (run.status !== 'running') return [];
  const outcome = ending(run);
  if (outcome !== undefined) return [{ type: 'RunEnded', outcome }];
  return run.hold === undefined ? run.outline.flatMap((phase) => next(run, phase, now)) : [];
}

function next(run: Deployment, outline: OutlinePhase, now: Instant): readonly Untimed[] {
  const phase = phaseOf(run, outline.id);
  if (phase.status === 'gated' && phase.gate?.status === 'approved') return [queued(outline.id, phase)];
  if (phase.status !== 'waiting' || !outline.needs.every((need) => isPassed(run, need))) return [];
  if (outline.gate === undefined || phase.gate?.status === 'approved') return [queued(outline.id, phase)];
  return [{ type: 'GateOpened', phase: outline.id, expiresAt: now + outline.gate.expires }];
}

/** The event that gives a phase its next job. */
export function queued(id: string, phase: PhaseState): Untimed {
  return { type: 'PhaseQueued', phase: id, attempt: phase.attempt + 1 };
}

/** Whether the phases that need this one may go on: it succeeded, or it failed and is not critical. */
export function isPassed(run: Deployment, id: string): boolean {
  const critical = run.outline.find((phase) => phase.id === id)?.critical ?? true;
  const { status } = phaseOf(run, id);
  return status === 'succeeded' || (status === 'failed' && !critical);
}

function ending(run: Deployment): Outcome | undefined {
  if (!run.outline.every((phase) => isPassed(run, phase.id))) return undefined;
  const phases = Object.values(run.phases);
  const anyFailed = phases.some((phase) => phase.status === 'failed');
  const anySkipped = phases.some((phase) =>
    Object.values(phase.steps).some(({ status }) => status === 'skipped'),
  );
  return anyFailed || anySkipped ? 'partial' : 'succeeded';
}

function hasStopped(run: Deployment): boolean {
  return Object.values(run.phases).every((phase) => phase.status !== 'running');
}

function stopOutcome(run: Deployment): Outcome {
  return run.stop?.outcome ?? 'aborted';
}
