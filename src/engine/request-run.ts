import { canonical } from '../canonical.ts';
import type { Refusal } from '../deploy/decision.ts';
import type { Deployment, Person } from '../deploy/deployment.ts';
import { changesBetween, fingerprints } from '../deploy/digest.ts';
import { type EnvironmentState, lockAt, heldBy as lockHeldBy } from '../deploy/environment.ts';
import type { RunPlan } from '../deploy/run-plan.ts';
import { Failure } from '../errors.ts';
import { loadPlan } from '../plans.ts';
import { holderOf, newestStreams, newRunNumber } from '../store/record.ts';
import { load } from '../store/streams.ts';
import { formatProblems } from '../yaml-file.ts';
import { environmentStream } from './locks.ts';
import { heldBy } from './run-rules.ts';
import type { Runs } from './runs.ts';

/** Somebody asks for a version in an environment; `members` are the Slack users of each group as they are now. */
export interface Requested {
  readonly by: Person;
  readonly environment: string;
  readonly version: string;
  readonly members: Readonly<Record<string, readonly string[]>>;
}

/** The run that came of it (`revised` when it is the requester's own, waiting one), or why there is none. */
export type RequestedRun =
  | { readonly ok: true; readonly run: Deployment; readonly revised: boolean }
  | { readonly ok: false; readonly refusal: Refusal; readonly holder?: Deployment };

/**
 * Starts a run of the environment's plan as its file is now. A second request is refused and told who holds the
 * environment, except by the same person while nothing has begun: that changes what runs. Throws `plan-invalid`.
 */
export async function requestRun(runs: Runs, asked: Requested): Promise<RequestedRun> {
  const { pool, now } = runs.parts;
  const environment = runs.environment(asked.environment);
  const lock = lockAt(
    (await load<EnvironmentState>(pool, environmentStream(environment.name)))?.state,
    now(),
  );
  if (lock !== undefined && lock.by !== asked.by.id) {
    return { ok: false, refusal: { code: 'environment-locked', detail: lockHeldBy(lock) } };
  }
  const plan = await currentPlan(runs, environment.plan);
  const holder = await holderOf<Deployment>(pool, heldBy(environment.name));
  if (holder !== undefined) return revise(runs, holder, plan, asked);

  const previous = await versionBefore(runs, environment.name);
  const about = { environment: environment.name, version: asked.version, ...(previous && { previous }) };
  const { what, kept } = runs.whatRuns(about, plan);
  const id = `${environment.name}-${await newRunNumber(pool)}`;
  const command = {
    plan: plan.name,
    selfApproval: environment.selfApproval,
    members: asked.members,
    by: asked.by,
  };
  const handled = await runs.handle(
    id,
    { type: 'Request', id, ...about, ...command, ...what },
    { plans: [kept] },
  );
  if (handled.ok) return { ok: true, run: handled.state, revised: false };
  const faster = await holderOf<Deployment>(pool, heldBy(environment.name));
  return { ok: false, refusal: handled.refusal, ...(faster && { holder: faster }) };
}

async function revise(
  runs: Runs,
  holder: Deployment,
  plan: RunPlan,
  asked: Requested,
): Promise<RequestedRun> {
  const busy: RequestedRun = { ok: false, refusal: { code: 'environment-busy', detail: '' }, holder };
  const isOwn = holder.requestedBy === asked.by.id && holder.kind === 'deployment';
  if (!isOwn || Object.values(holder.phases).some(({ fence }) => fence > 0)) return busy;
  const { what, kept } = runs.whatRuns({ ...holder, version: asked.version }, plan);
  if (what.digest === holder.digest) return busy;
  const changes = changesBetween(
    { ...holder, plan: await runs.planOf(holder) },
    { ...what, environment: holder.environment, plan },
  );
  const command = { type: 'Revise' as const, by: asked.by, changes, ...what };
  const handled = await runs.handle(holder.id, command, { plans: [kept] });
  return handled.ok
    ? { ok: true, run: handled.state, revised: true }
    : { ok: false, refusal: handled.refusal, holder };
}

/** The plan as its file says it now; throws `plan-invalid` with every problem, each with file and line. */
export async function currentPlan(runs: Runs, name: string): Promise<RunPlan> {
  const { plan, problems } = await loadPlan(
    runs.parts.config.runbooks,
    name,
    runs.parts.steps,
    runs.parts.config,
  );
  if (problems.length > 0 || plan === undefined) throw new Failure('plan-invalid', formatProblems(problems));
  return plan;
}

/**
 * The version that is meant when none is named: the one of the deployment that is active there, else the one that last went
 * well there and was not taken back, else `latest`.
 */
export async function usualVersion(runs: Runs, environment: string): Promise<string> {
  const holder = await holderOf<Deployment>(runs.parts.pool, heldBy(environment));
  if (holder?.kind === 'deployment') return holder.version;
  return (await versionBefore(runs, environment)) ?? 'latest';
}

/** The version that the last successful deployment put there. */
async function versionBefore(runs: Runs, environment: string): Promise<string | undefined> {
  const newest = await newestStreams<Deployment>(runs.parts.pool, 'run', environment, 50);
  const isGood = ({ kind, outcome }: Deployment) =>
    kind === 'deployment' && (outcome === 'succeeded' || outcome === 'partial');
  return newest.find((run) => isGood(run) && !newest.some(({ of }) => of === run.id))?.version;
}

/**
 * Looks whether variables or secrets have changed since a run was approved, and voids the approvals of what has not begun
 * if so. A name that has lost its value is left for the step that needs it to tell.
 */
export async function reviseRun(runs: Runs, id: string): Promise<void> {
  const run = await runs.find(id);
  if (run?.status !== 'running') return;
  const plan = await runs.planOf(run);
  // Version and plan are the run's own copies; a digest of the whole would take longer than a short phase.
  const prints = printsNow(runs, run, plan);
  if (prints === undefined || canonical(prints) === canonical(run.fingerprints)) return;
  const { what } = runs.whatRuns(run, plan);
  const changes = changesBetween({ ...run, plan }, { ...what, environment: run.environment, plan });
  await runs.handle(id, { type: 'Revise', changes, ...what });
}

function printsNow(runs: Runs, run: Deployment, plan: RunPlan): Record<string, string> | undefined {
  try {
    return fingerprints(plan, runs.valuesFor(run), runs.parts.fingerprintKey);
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
