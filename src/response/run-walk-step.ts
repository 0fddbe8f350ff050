import { z } from 'zod';
import type { StepState } from '../deploy/deployment.ts';
import { milliseconds } from '../duration.ts';
import { redacting } from '../engine/redact.ts';
import { type Report, runStep } from '../engine/run-step.ts';
import type { Runs } from '../engine/runs.ts';
import { collectOutput, type StepOutput } from '../engine/step-output.ts';
import { pause } from '../engine/within.ts';
import { Failure } from '../errors.ts';
import { reasonOf } from '../reason-of.ts';
import type { Block, Runbook } from '../runbooks/runbook.ts';
import type { Step } from '../steps/step.ts';
import { writeOutput } from '../store/output.ts';
import { isPassing, persist } from '../store/persist.ts';
import type { Outcome } from '../walkthroughs/commands.ts';
import type { StepRun, Walkthrough } from '../walkthroughs/walkthrough.ts';
import type { Hold, Holding } from './hold-walk.ts';
import { holdWalk } from './hold-walk.ts';
import { plannedStep } from './walk-parameters.ts';
import { walkValues } from './walk-values.ts';
import type { Walkthroughs } from './walkthroughs.ts';

/** Names one run of a step of an opened runbook; the data of its job. */
const WalkStepJob = z.object({ walkthrough: z.string(), step: z.string(), number: z.number() });

/** What works on steps of opened runbooks. */
export interface WalkWorker extends Omit<Holding, 'pool' | 'now' | 'leaseMs'> {
  readonly runs: Runs;
  readonly walkthroughs: Walkthroughs;
}

/** However long a step may take in a deployment, nobody waits longer for one in an incident, in milliseconds. */
const longest = 10 * 60_000;

/** A database that is away for longer than this, in milliseconds, costs some output and holds nothing else up. */
const outputPatience = 2_000;

/**
 * Works on one run of a step until it has told how that ended. Throws when another worker has it, or this one lost it on the
 * way, so that the queue tries again after a pause.
 */
export async function runWalkStep(data: unknown, worker: WalkWorker): Promise<void> {
  const job = WalkStepJob.parse(data);
  const { pool, config, now } = worker.runs.parts;
  const name = `${job.walkthrough}/${job.step}`;
  const hold = await holdWalk(name, { ...worker, pool, now, leaseMs: config.leaseMs });
  if (hold === undefined) throw new Error(`${name} is held by another worker`);
  try {
    const begun = await worker.walkthroughs.handle(job.walkthrough, {
      type: 'Begin',
      step: job.step,
      number: job.number,
    });
    const run = begun.ok ? begun.state.runs[job.step] : undefined;
    // It is over: a late copy of its job.
    if (!begun.ok || run === undefined) return;
    hold.keepWhile(async () => {
      const newest = (await worker.walkthroughs.find(job.walkthrough))?.runs[job.step];
      return newest?.number === run.number && newest.attempt === run.attempt;
    });
    await work(begun.state, job.step, run, hold, worker);
    if (hold.signal.aborted) throw new Error(`${name} was given up by this worker`);
  } catch (error) {
    // Nothing may go on once the lease is given back.
    hold.giveUp();
    throw error;
  } finally {
    await hold.release();
  }
}

async function work(
  walk: Walkthrough,
  id: string,
  run: StepRun,
  hold: Hold,
  worker: WalkWorker,
): Promise<void> {
  const { runs, walkthroughs, log } = worker;
  const { pool, now, config } = runs.parts;
  const tell = async (outcome: Outcome, evidence: Parameters<Walkthroughs['handle']>[2] = {}) => {
    const about = { step: id, number: run.number, attempt: run.attempt };
    const handled = await persist(config.leaseMs, () =>
      walkthroughs.handle(walk.id, { type: 'Report', ...about, ...outcome }, evidence),
    ).catch((error: unknown) => {
      // What was done cannot be written down, which is no failure of the step: whoever takes over looks for itself.
      hold.giveUp();
      throw error;
    });
    if (handled.ok) return;
    hold.giveUp();
    throw new Failure(handled.refusal.code, handled.refusal.detail);
  };
  try {
    const { step, ...prepared } = await prepare(walk, id, worker);
    const redact = redacting(prepared.values);
    const output = (tries: number): StepOutput => {
      const key = { phase: 'runbook', step: `${id}.${run.number}`, fence: run.attempt, try: tries };
      const write = (seq: number, text: string) =>
        persist(outputPatience, () => writeOutput(pool, walk.id, key, { seq, text, at: now() }));
      return collectOutput({ key, redact, write, log });
    };
    await runStep({
      ...prepared,
      step,
      timeout: Math.min(milliseconds(step.timeout), longest),
      state: run.status === 'applying' ? inDoubt(run) : undefined,
      output,
      signal: hold.signal,
      redact,
      report: async (report, kept) => tell(outcomeOf(report), kept && { evidence: [kept] }),
      sleep: pause,
    });
  } catch (error) {
    if (hold.signal.aborted || isPassing(error)) throw error;
    // It could not even begin; what nobody foresaw must not be tried for ever.
    const { code, message } =
      error instanceof Failure
        ? error
        : new Failure('step-failed', `It could not begin: ${reasonOf(error)}.`);
    if (!(error instanceof Failure)) log.error({ error, walk: walk.id, id }, 'a step could not begin');
    await tell({ outcome: 'failed', code, because: message });
  }
}

/** Everything that the engine wants to know of a step before it runs it; throws why it cannot be run. */
async function prepare(walk: Walkthrough, id: string, { runs, walkthroughs }: WalkWorker) {
  const { now, findStep } = runs.parts;
  const { environment = '' } = walk;
  const block = blockOf(await walkthroughs.runbookOf(walk), id);
  const implementation = findStep(block.uses);
  if (implementation === undefined) {
    throw new Failure('step-not-runnable', `This version of Slipway has no step ${block.uses}.`);
  }
  const { hosts } = runs.environment(environment);
  const values = await walkValues(runs, environment);
  const planned = plannedStep(block, walk.labels);
  const step = walk.steps[id]?.changes === true ? implementation : onlyLooking(implementation);
  return { step, planned, values, context: { now, hosts } };
}

/** Nobody has agreed to a change, whatever the parameters have become since the runbook was opened. */
function onlyLooking({ apply: _, undo: __, ...step }: Step): Step {
  return step;
}

/** The step of a runbook with this id; throws a RangeError when there is none. */
export function blockOf({ name, sections }: Runbook, id: string): Block {
  for (const { parts } of sections) {
    for (const part of parts) if (part.kind === 'step' && part.id === id) return part;
  }
  throw new RangeError(`${name} has no step ${id}`);
}

/** A worker died while it was applying: only looking, or a person, can tell whether it was done. */
function inDoubt({ at }: StepRun): StepState {
  return { status: 'in-doubt', firstSeenAt: at, tries: 0, evidence: [], answers: [], doubt: 'open' };
}

function outcomeOf(report: Report): Outcome {
  switch (report.type) {
    case 'BeginApply':
      return { outcome: 'applying' };
    case 'Satisfied':
      return { outcome: 'satisfied', evidence: report.evidence };
    case 'Changed':
      return { outcome: 'changed', evidence: report.evidence };
    case 'Failed': {
      const { code, because, evidence } = report;
      return { outcome: 'failed', code, because, evidence };
    }
    case 'Doubt':
      return { outcome: 'in-doubt', because: report.because, evidence: report.evidence };
    case 'Ask':
    case 'Wait':
      throw new Failure(
        'step-not-runnable',
        'It waits for people or for a time, which only a deployment can. Make it a task to be ticked.',
      );
  }
}
