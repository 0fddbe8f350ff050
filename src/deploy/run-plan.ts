import { z } from 'zod';
import type { Deployment, OutlinePhase, StepState } from './deployment.ts';
import type { Plan, PlanPhase, PlanStep, Severity } from './plan.ts';

/** A step of a run's own copy of the plan; `undoes` marks that the step is taken back, with what its apply remembered. */
export interface RunStep extends PlanStep {
  readonly undoes?: { readonly run: string; readonly evidence: readonly string[] };
}

export interface RunPhase extends Omit<PlanPhase, 'steps'> {
  steps: RunStep[];
}

/** A run's own copy of the plan: what this run does, whatever becomes of the file. */
export interface RunPlan extends Omit<Plan, 'phases'> {
  phases: RunPhase[];
}

/** Just enough of a stored copy is checked to know that it is one: only Slipway writes it. */
export const StoredRunPlan = z.custom<RunPlan>(
  (value) => z.object({ name: z.string(), phases: z.array(z.unknown()) }).safeParse(value).success,
);

/** The part of a plan that the rules need. */
export function outlineOf(plan: RunPlan): readonly OutlinePhase[] {
  return plan.phases.map(({ id, needs, critical, parallel, gate, steps }) => ({
    id,
    needs,
    critical,
    parallel,
    ...(gate === undefined ? {} : { gate }),
    steps: steps.map((step) => step.id),
  }));
}

/** What a rollback will take back and what it cannot, newest first. */
export interface Undoing {
  readonly steps: readonly RunStep[];
  /** Titles of changed steps that have no way back. */
  readonly cannot: readonly string[];
}

/** Finds what a run changed, or may have changed, newest first; `canUndo` tells whether a step has a way back. */
export function undoing(run: Deployment, plan: RunPlan, canUndo: (step: RunStep) => boolean): Undoing {
  const changed = plan.phases
    .flatMap((phase) =>
      phase.steps.map((step) => ({ phase: phase.id, step, state: run.phases[phase.id]?.steps[step.id] })),
    )
    .filter(({ state, step }) => step.undoes === undefined && state !== undefined && hasTouched(state))
    .reverse()
    .sort((a, b) => lastSeen(b.state) - lastSeen(a.state));
  return {
    steps: changed
      .filter(({ step }) => canUndo(step))
      .map(({ phase, step, state }) => ({
        ...step,
        id: `${phase}.${step.id}`,
        title: `Undo: ${step.title ?? step.id}`,
        covers: [],
        undoes: { run: run.id, evidence: state?.evidence ?? [] },
      })),
    cannot: changed.filter(({ step }) => !canUndo(step)).map(({ step }) => step.title ?? step.id),
  };
}

function hasTouched({ status, doubt, touched }: StepState): boolean {
  return status === 'changed' || status === 'in-doubt' || doubt !== undefined || touched === true;
}

function lastSeen(state: { readonly firstSeenAt: number } | undefined): number {
  return state?.firstSeenAt ?? 0;
}

/** The plan of a rollback: first the undoing of what was changed, then the plan's own phases for the severity. */
export function rollbackPlan(plan: RunPlan, severity: Severity, undo: readonly RunStep[]): RunPlan {
  const own = plan.rollback[severity]?.phases ?? [];
  const first = own.filter(({ needs }) => needs.length === 0).map(({ id }) => id);
  const undoPhase: RunPhase = {
    id: 'undo',
    title: 'Undo what this deployment changed',
    needs: [],
    critical: true,
    parallel: false,
    steps: [...undo],
  };
  const phases =
    undo.length === 0
      ? own
      : [
          undoPhase,
          ...own.map((phase) => (first.includes(phase.id) ? { ...phase, needs: ['undo'] } : phase)),
        ];
  return { name: plan.name, title: `Rollback of ${plan.title}`, phases, rollback: {} };
}
