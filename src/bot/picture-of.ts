import { groupsNear } from '../alerting/groups-near.ts';
import type { Deployment } from '../deploy/deployment.ts';
import { estimateOf } from '../deploy/estimate.ts';
import type { RunPlan } from '../deploy/run-plan.ts';
import type { Watch } from '../deploy/watch.ts';
import { previewRollback } from '../engine/roll-back.ts';
import type { Runs } from '../engine/runs.ts';
import type { Evidence } from '../steps/step.ts';
import { evidenceOf } from '../store/record.ts';
import { load } from '../store/streams.ts';
import type { About, Surface } from './blocks/surface.ts';
import { surfacesOf } from './blocks/surfaces.ts';
import { versionText } from './blocks/titles.ts';
import { watchMessage } from './blocks/watch-message.ts';
import type { Picture } from './draw.ts';

/** What Slack should show of a run or of the watch that follows it. */
export async function pictureOf(runs: Runs, id: string): Promise<Picture | undefined> {
  const loaded = await load<Deployment | Watch>(runs.parts.pool, id);
  if (loaded === undefined) return undefined;
  const { state, version } = loaded;
  const { channel } = runs.environment(state.environment);
  return { channel, version, surfaces: await surfacesFor(runs, state) };
}

async function surfacesFor(runs: Runs, state: Deployment | Watch): Promise<readonly Surface[]> {
  if ('outline' in state) return surfacesOf(state, await aboutRun(runs, state));
  const run = await runs.find(state.run);
  if (run === undefined) return [];
  const { plan, canRollBack = false } = await aboutRun(runs, run);
  return [watchMessage(state, plan, canRollBack)];
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
    canRollBack: rolledBack === undefined && (await hasWayBack(runs, run)),
    ...(rolledBack === undefined ? {} : { takenBack: rolledBack }),
    ...previousOf(run),
    canDeclare: runs.parts.config.incidents !== undefined,
    alerts: await groupsNear(runs.parts.pool, run.id),
    ...(run.kind === 'rollback' ? { cannotUndo: await cannotUndo(runs, run) } : {}),
  };
}

function previousOf({ previous, previousCommit: commit }: Deployment): Pick<About, 'previous'> {
  if (previous === undefined) return {};
  return { previous: versionText({ version: previous, ...(commit !== undefined && { commit }) }) };
}

/** Whether the plan knows a rollback, or some step of the run can be undone. */
async function hasWayBack(runs: Runs, run: Deployment): Promise<boolean> {
  return run.kind === 'deployment' && (await previewRollback(runs, run)).severities.length > 0;
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
