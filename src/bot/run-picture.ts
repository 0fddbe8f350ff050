import type { Deployment } from '../deploy/deployment.ts';
import { estimateOf } from '../deploy/estimate.ts';
import type { RunPlan } from '../deploy/run-plan.ts';
import { previewRollback } from '../engine/roll-back.ts';
import type { Runs } from '../engine/runs.ts';
import type { Evidence } from '../steps/step.ts';
import { evidenceOf } from '../store/record.ts';
import { load } from '../store/streams.ts';
import type { About } from './blocks/surface.ts';
import { surfacesOf } from './blocks/surfaces.ts';
import type { Picture } from './draw.ts';

/** Gathers what the messages of a run show beside its state. */
export async function runPicture(runs: Runs, id: string): Promise<Picture | undefined> {
  const loaded = await load<Deployment>(runs.parts.pool, id);
  if (loaded === undefined) return undefined;
  const { state: run, version } = loaded;
  const { channel } = runs.environment(run.environment);
  return { channel, version, surfaces: surfacesOf(run, await aboutRun(runs, run)) };
}

/** What a run's state does not say and its messages show. */
export async function aboutRun(runs: Runs, run: Deployment): Promise<About> {
  const plan = run.planHash === '' ? unprepared(run) : await runs.planOf(run);
  const rolledBack = run.kind === 'deployment' ? await runs.find(`${run.id}-rollback`) : undefined;
  return {
    plan,
    now: runs.parts.now(),
    estimate: estimateOf(plan.phases).criticalPath,
    evidence: await evidenceOfFailures(runs, run),
    canRollBack: run.kind === 'deployment' && rolledBack === undefined,
    ...(run.previous === undefined ? {} : { previous: run.previous }),
    ...(run.kind === 'rollback' ? { cannotUndo: await cannotUndo(runs, run) } : {}),
  };
}

function unprepared(run: Deployment): RunPlan {
  return { name: run.plan, title: run.plan, phases: [], rollback: {} };
}

async function cannotUndo(runs: Runs, { of }: Deployment): Promise<readonly string[]> {
  const original = of === undefined ? undefined : await runs.find(of);
  return original === undefined ? [] : (await previewRollback(runs, original)).cannot;
}

async function evidenceOfFailures(runs: Runs, run: Deployment): Promise<Record<string, readonly Evidence[]>> {
  const hashes = Object.values(run.phases)
    .flatMap(({ steps }) => Object.values(steps))
    .filter(({ status }) => status === 'failed' || status === 'in-doubt')
    .flatMap(({ evidence }) => evidence.slice(-1));
  if (hashes.length === 0) return {};
  const kept = await evidenceOf(runs.parts.pool, run.id, hashes);
  return Object.fromEntries(
    kept.map(({ hash, body }) => [hash, (body as { evidence?: readonly Evidence[] }).evidence ?? []]),
  );
}
