import { canonical } from '../canonical.ts';
import { decide } from '../deploy/decide.ts';
import type { Refusal } from '../deploy/decision.ts';
import { type Before, beforeOf, type Deployment, type Person } from '../deploy/deployment.ts';
import { changesBetween, fingerprints } from '../deploy/digest.ts';
import { heldBy as lockHeldBy } from '../deploy/environment.ts';
import type { RunPlan } from '../deploy/run-plan.ts';
import { Failure } from '../errors.ts';
import { loadPlan } from '../plans.ts';
import { holderOf, newestStreams, newRunNumber } from '../store/record.ts';
import { formatProblems } from '../yaml-file.ts';
import { currentLock } from './locks.ts';
import { resolved } from './resolve.ts';
import { heldBy } from './run-rules.ts';
import type { Runs } from './runs.ts';

/** Somebody asks for a version in an environment; `members` are the Slack users of each group as they are now. */
export interface Requested {
  readonly by: Person;
  readonly environment: string;
  readonly version: string;
  readonly members: Readonly<Record<string, readonly string[]>>;
}

/** The run that came of it (`revised` when it is the requester's own, waiting one), with what its requester should know, or why there is none. */
export type RequestedRun =
  | {
      readonly ok: true;
      readonly run: Deployment;
      readonly revised: boolean;
      readonly notes: readonly string[];
    }
  | { readonly ok: false; readonly refusal: Refusal; readonly holder?: Deployment };

/**
 * Starts a run of the environment's plan as its file is now. A second request is refused and told who holds the
 * environment, except by the same person while nothing has begun: that changes what runs. The version is looked up here
 * and nowhere else in a run's life. Throws `plan-invalid`, `version-unknown`, `source-unreachable`, `authentication-failed`.
 */
export async function requestRun(runs: Runs, asked: Requested): Promise<RequestedRun> {
  const { pool, now } = runs.parts;
  const environment = runs.environment(asked.environment);
  const locked = await lockedFor(runs, asked);
  if (locked !== undefined) return { ok: false, refusal: locked };
  const plan = await currentPlan(runs, environment.plan);
  const holder = await holderOf<Deployment>(pool, heldBy(environment.name));
  if (holder !== undefined) return revise(runs, holder, plan, asked);

  const before = await goodBefore(runs, environment.name);
  const about = { environment: environment.name, version: asked.version, ...before };
  const command = {
    type: 'Request' as const,
    ...before,
    environment: environment.name,
    plan: plan.name,
    selfApproval: environment.selfApproval,
    members: asked.members,
    by: asked.by,
  };
  // Who may not ask must not be told what is in the repository either.
  const first = decide(undefined, { ...command, id: '', ...runs.whatRuns(about, plan).what }, now());
  if (!first.ok) return { ok: false, refusal: first.refusal };
  const { what: is, notes } = await resolved(runs, environment.name, asked.version);
  // Looking it up may take seconds, in which somebody may have locked the environment.
  const lockedSince = await lockedFor(runs, asked);
  if (lockedSince !== undefined) return { ok: false, refusal: lockedSince };
  const { what, kept } = runs.whatRuns({ ...about, ...is }, plan);
  const id = `${environment.name}-${await newRunNumber(pool)}`;
  const handled = await runs.handle(id, { ...command, id, ...what }, { plans: [kept] });
  if (handled.ok) return { ok: true, run: handled.state, revised: false, notes };
  const faster = await holderOf<Deployment>(pool, heldBy(environment.name));
  return { ok: false, refusal: handled.refusal, ...(faster && { holder: faster }) };
}

async function lockedFor(runs: Runs, { environment, by }: Requested): Promise<Refusal | undefined> {
  const lock = await currentLock(runs, environment);
  if (lock === undefined || lock.by === by.id) return undefined;
  return { code: 'environment-locked', detail: lockHeldBy(lock) };
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
  const { environment } = holder;
  const { version } = asked;
  const { what: is, notes } = await resolved(runs, environment, version);
  const { what, kept } = runs.whatRuns({ environment, version, ...is, ...beforeOf(holder) }, plan);
  if (what.digest === holder.digest) return busy;
  const changes = changesBetween(
    { ...holder, plan: await runs.planOf(holder) },
    { ...what, environment: holder.environment, plan },
  );
  const command = { type: 'Revise' as const, by: asked.by, changes, ...what };
  const handled = await runs.handle(holder.id, command, { plans: [kept] });
  return handled.ok
    ? { ok: true, run: handled.state, revised: true, notes }
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
  return (await goodBefore(runs, environment)).previous ?? 'latest';
}

/** What the last successful deployment put there, so that a rollback knows what to start again. */
export async function goodBefore(runs: Runs, environment: string): Promise<Before> {
  const newest = await newestStreams<Deployment>(runs.parts.pool, 'run', environment, 50);
  const isGood = ({ kind, outcome }: Deployment) =>
    kind === 'deployment' && (outcome === 'succeeded' || outcome === 'partial');
  const last = newest.find((run) => isGood(run) && !newest.some(({ of }) => of === run.id));
  if (last === undefined) return {};
  const { version: previous, commit, image } = last;
  return {
    previous,
    ...(commit !== undefined && { previousCommit: commit }),
    ...(image !== undefined && { previousImage: image }),
  };
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
