import type { Refusal } from '../deploy/decision.ts';
import { beforeOf, type Deployment, type Person, resolvedOf } from '../deploy/deployment.ts';
import { type EnvironmentState, lockAt } from '../deploy/environment.ts';
import { Severity } from '../deploy/plan.ts';
import { type RunStep, rollbackPlan, type Undoing, undoing } from '../deploy/run-plan.ts';
import { Failure } from '../errors.ts';
import { change } from '../store/handle.ts';
import { newestStreams } from '../store/record.ts';
import type { Change } from '../store/streams.ts';
import { append, load } from '../store/streams.ts';
import { environmentRules, environmentStream } from './locks.ts';
import { filledIn } from './parameters.ts';
import { runRules } from './run-rules.ts';
import type { Runs } from './runs.ts';
import { endWatches } from './watch.ts';

/** Somebody asks to take a run back. */
export interface RollbackAsked {
  readonly by: Person;
  readonly run: string;
  readonly severity: Severity;
  readonly reason: string;
}

export type RollbackStarted =
  | { readonly ok: true; readonly rollback: Deployment }
  | { readonly ok: false; readonly refusal: Refusal };

/** What a rollback would do now: the severities that the plan knows, what it undoes, what it cannot. */
export async function previewRollback(
  runs: Runs,
  run: Deployment,
): Promise<Undoing & { readonly severities: readonly Severity[] }> {
  const plan = await runs.planOf(run);
  const found = undoing(run, plan, (step) => canUndo(runs, run, step));
  const severities = Severity.options.filter((severity) => plan.rollback[severity] !== undefined);
  // A plan without a rollback section can still be taken back as far as its steps can, however bad it is.
  const isUndoOnly = severities.length === 0 && found.steps.length > 0;
  return { ...found, severities: isUndoOnly ? Severity.options : severities };
}

/** Whether a step, as it stands in the plan, has a way back; parameters that cannot be read are left for the undo to tell. */
function canUndo(runs: Runs, run: Deployment, planned: RunStep): boolean {
  const step = runs.parts.findStep(planned.uses);
  if (step?.undo === undefined) return false;
  if (step.canUndo === undefined) return true;
  try {
    return step.canUndo(filledIn(step, planned, runs.valuesFor(run)));
  } catch (error) {
    if (error instanceof Failure) return true;
    throw error;
  }
}

/**
 * Stops the run, starts its rollback and locks the environment, all in one transaction, so that nobody can deploy in
 * between; the rollback prepares itself once the run has stopped.
 */
export async function rollBack(runs: Runs, asked: RollbackAsked): Promise<RollbackStarted> {
  const { pool, now } = runs.parts;
  const rollback = `${asked.run}-rollback`;
  for (;;) {
    const at = now();
    const before = await load<Deployment>(pool, asked.run);
    const run = before?.state;
    if (run === undefined) return refused({ code: 'run-not-found', detail: asked.run });
    const unknown = await severityRefusal(runs, run, asked.severity);
    if (unknown !== undefined) return refused(unknown);
    const stopping = change(
      runRules,
      asked.run,
      before,
      { type: 'RollBack', by: asked.by, reason: asked.reason, rollback },
      at,
    );
    if (!stopping.handled.ok) return refused(stopping.handled.refusal);
    const { environment, plan, version } = run;
    const starting = change(
      runRules,
      rollback,
      await load<Deployment>(pool, rollback),
      {
        type: 'RequestRollback',
        by: asked.by,
        id: rollback,
        of: run.id,
        severity: asked.severity,
        reason: asked.reason,
        environment,
        plan,
        version,
        ...resolvedOf(run),
        ...beforeOf(run),
      },
      at,
    );
    if (!starting.handled.ok) return refused(starting.handled.refusal);
    if (starting.change === undefined) {
      return refused({
        code: 'already-decided',
        detail: `<@${starting.handled.state.requestedBy}> was first.`,
      });
    }
    const locking = await lockFor(runs, asked, run, at);
    const changes = [stopping.change, starting.change, locking].filter((one) => one !== undefined);
    const appended = await append(pool, changes);
    if (appended === 'held')
      return refused({ code: 'environment-busy', detail: await holderText(runs, run) });
    if (appended === 'appended') {
      for (const { handled } of [stopping, starting])
        if (handled.ok) runs.changed(handled.state, handled.due);
      return { ok: true, rollback: starting.handled.state };
    }
  }
}

async function severityRefusal(
  runs: Runs,
  run: Deployment,
  severity: Severity,
): Promise<Refusal | undefined> {
  if (run.kind === 'rollback') return undefined;
  const { severities, steps } = await previewRollback(runs, run);
  if (severities.includes(severity) || steps.length > 0) return undefined;
  return { code: 'severity-unknown', detail: `The plan knows: ${severities.join(', ') || 'none'}.` };
}

async function lockFor(
  runs: Runs,
  asked: RollbackAsked,
  run: Deployment,
  at: number,
): Promise<Change | undefined> {
  const stream = environmentStream(run.environment);
  const loaded = await load<EnvironmentState>(runs.parts.pool, stream);
  const before = lockAt(loaded?.state, at);
  // Whoever had locked it before must not find their reason gone.
  const also = before === undefined || before.run !== undefined ? '' : ` (locked before: ${before.reason})`;
  const lock = {
    type: 'Lock' as const,
    by: asked.by,
    environment: run.environment,
    reason: `${run.id} is rolled back (${asked.severity}): ${asked.reason}${also}`,
    run: run.id,
  };
  return change(environmentRules, stream, loaded, lock, at).change;
}

async function holderText(runs: Runs, run: Deployment): Promise<string> {
  const [newest] = await newestStreams<Deployment>(runs.parts.pool, 'run', run.environment, 1);
  return newest === undefined ? '' : `${newest.id} by <@${newest.requestedBy}> is active; stop it first.`;
}

function refused(refusal: Refusal): RollbackStarted {
  return { ok: false, refusal };
}

/** Gives a rollback its plan as soon as the run that it takes back has ended; does nothing before. */
export async function prepareRollback(runs: Runs, id: string): Promise<void> {
  const rollback = await runs.find(id);
  if (rollback?.status !== 'preparing' || rollback.of === undefined || rollback.severity === undefined)
    return;
  const run = await runs.find(rollback.of);
  if (run?.status !== 'ended') return;
  await endWatches(runs, run.environment, `${run.id} is rolled back`);
  const plan = await runs.planOf(run);
  const { steps } = undoing(run, plan, (step) => canUndo(runs, run, step));
  const { what, kept } = runs.whatRuns(rollback, rollbackPlan(plan, rollback.severity, steps));
  await runs.handle(id, { type: 'Prepare', ...what }, { plans: [kept] });
}
