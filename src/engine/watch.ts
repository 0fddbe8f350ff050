import { sha256 } from '../canonical.ts';
import type { Deployment } from '../deploy/deployment.ts';
import type { RunStep } from '../deploy/run-plan.ts';
import {
  decideWatch,
  evolveWatch,
  type Seen,
  type Watch,
  type WatchCommand,
  type WatchEvent,
  watchJobs,
} from '../deploy/watch.ts';
import type { Evidence } from '../steps/step.ts';
import { handle, type Rules } from '../store/handle.ts';
import { newestStreams } from '../store/record.ts';
import type { Kept } from '../store/streams.ts';
import { load } from '../store/streams.ts';
import { look } from './look.ts';
import { keepable, redacting } from './redact.ts';
import type { Runs } from './runs.ts';

/** The rules of watches, as streams are kept. */
const watchRules: Rules<Watch, WatchCommand, WatchEvent> = {
  kind: 'watch',
  decide: decideWatch,
  evolve: evolveWatch,
  react: (before, after) => {
    const known = new Set(before === undefined ? [] : watchJobs(before).map(({ id }) => id));
    return watchJobs(after).filter(({ id }) => !known.has(id));
  },
  hasEnded: ({ status }) => status === 'ended',
  holds: () => null,
  drawDelay: () => 0,
};

/** Begins to watch a run that ended well, if its plan says so; the watches of earlier runs there end. */
export async function beginWatch(runs: Runs, id: string): Promise<void> {
  const run = await runs.find(id);
  if (run?.outcome !== 'succeeded' && run?.outcome !== 'partial') return;
  const { watch } = await runs.planOf(run);
  await endWatches(runs, run.environment, `${run.id} took its place`, run.endedAt);
  if (watch === undefined) return;
  const { environment, version } = run;
  const about = { run: id, environment, version, for: watch.for, every: watch.every };
  await tell(runs, `${id}.watch`, { type: 'Watch', id: `${id}.watch`, ...about });
}

/** Ends what is watched in an environment and began before a time, by default before now. */
export async function endWatches(
  runs: Runs,
  environment: string,
  because: string,
  before: number = runs.parts.now(),
): Promise<void> {
  const watches = await newestStreams<Watch>(runs.parts.pool, 'watch', environment, 20);
  for (const { id, status, startedAt } of watches) {
    if (status === 'watching' && startedAt < before) await tell(runs, id, { type: 'EndWatch', because });
  }
}

/** Looks once at everything that is watched; a look that is no longer due does nothing. */
export async function lookAgain(runs: Runs, id: string, due: number): Promise<void> {
  const { pool, now } = runs.parts;
  const watch = (await load<Watch>(pool, id))?.state;
  if (watch?.status !== 'watching' || watch.nextAt !== due) return;
  const run = await runs.find(watch.run);
  if (run === undefined) return;
  const { watch: planned } = await runs.planOf(run);
  const seen: Seen[] = [];
  const evidence: Kept[] = [];
  for (const step of planned?.steps ?? []) {
    const startedAt = now();
    const found = await lookAt(runs, run, step);
    const body = { step: step.id, uses: step.uses, at: startedAt, ms: now() - startedAt, ...found };
    const hash = sha256(body);
    evidence.push({ hash, body });
    seen.push({ step: step.id, ok: found.ok, because: found.because, evidence: hash });
  }
  await tell(runs, id, { type: 'Look', due, seen }, evidence);
}

interface Found {
  readonly ok: boolean;
  readonly because: string;
  readonly evidence: readonly Evidence[];
}

async function lookAt(runs: Runs, run: Deployment, planned: RunStep): Promise<Found> {
  const { findStep, now } = runs.parts;
  const values = runs.valuesFor(run);
  const { hosts } = runs.environment(run.environment);
  const redact = redacting(values);
  try {
    const { found } = await look({
      planned,
      values,
      hosts,
      findStep,
      now,
      signal: new AbortController().signal,
    });
    const evidence = 'evidence' in found ? keepable(found.evidence, redact) : [];
    return {
      ok: found.is === 'satisfied',
      because: 'because' in found ? redact(found.because) : '',
      evidence,
    };
  } catch (error) {
    return {
      ok: false,
      because: redact(error instanceof Error ? error.message : String(error)),
      evidence: [],
    };
  }
}

async function tell(
  runs: Runs,
  id: string,
  command: WatchCommand,
  evidence: readonly Kept[] = [],
): Promise<void> {
  const { pool, now } = runs.parts;
  const handled = await handle(pool, watchRules, id, command, now(), { evidence });
  if (handled.ok && handled.due !== undefined) runs.parts.nudge(handled.due);
}
