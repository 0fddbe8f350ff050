import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Command } from '../deploy/commands.ts';
import type { Deployment, OutlinePhase } from '../deploy/deployment.ts';
import { isDone, phaseOf } from '../deploy/deployment.ts';
import type { Values } from '../deploy/interpolate.ts';
import type { RunPhase, RunPlan, RunStep } from '../deploy/run-plan.ts';
import { milliseconds } from '../duration.ts';
import { Failure } from '../errors.ts';
import type { Host, Step } from '../steps/step.ts';
import type { Beside, Handled } from '../store/handle.ts';
import { type AttemptKey, writeOutput } from '../store/output.ts';
import { persist } from '../store/persist.ts';
import { evidenceOf } from '../store/record.ts';
import type { FindLeft } from './drift.ts';
import type { Held } from './hold-phase.ts';
import { holdPhase, lost, stopped } from './hold-phase.ts';
import { type Redact, redacting } from './redact.ts';
import type { Report } from './run-step.ts';
import { runStep } from './run-step.ts';
import { collectOutput, type StepOutput } from './step-output.ts';
import { pause } from './within.ts';

/** Names one attempt of a phase; the data of its job. */
export interface PhaseJob {
  readonly run: string;
  readonly phase: string;
  readonly attempt: number;
}

/** What a worker needs to run phases. */
export interface PhaseWorker {
  readonly pool: Pool;
  readonly now: () => number;
  /** Names this process, so that two cannot hold the same phase. */
  readonly owner: string;
  readonly newId: () => string;
  /** How long a phase stays held without a sign of life, in milliseconds. */
  readonly leaseMs: number;
  readonly log: Logger;
  readonly findStep: (uses: string) => Step | undefined;
  readonly planOf: (run: Deployment) => Promise<RunPlan>;
  /** Aborts when this process is closing. */
  readonly closing: AbortSignal;
  readonly valuesFor: (run: Deployment) => Values;
  /** How to find the earlier run that left a step as wanted. */
  readonly leftBefore: (run: Deployment) => FindLeft;
  readonly hostsOf: (environment: string) => Readonly<Record<string, Host>>;
  /** Notices when what runs is no longer what was approved; commits that before it returns. */
  readonly revise: (run: string) => Promise<void>;
  readonly handle: (run: string, command: Command, beside?: Beside) => Promise<Handled<Deployment, unknown>>;
  /** Calls back with the new state after each change of a run that this process makes; returns how to stop that. */
  readonly onChange: (run: string, listener: (state: Deployment) => void) => () => void;
}

/** How many steps of a `parallel` phase run at a time. */
const atOnce = 8;

/**
 * Runs one attempt of a phase from its first open step until all are done, one fails, or people or clocks are waited
 * for. `busy` when another worker still holds the phase, or this one lost it on the way: try again after the lease.
 */
export async function runPhase(job: PhaseJob, worker: PhaseWorker): Promise<'done' | 'busy'> {
  await worker.revise(job.run);
  const held = await holdPhase(job, worker);
  if (held === 'busy') return 'busy';
  if (held === undefined) return 'done';
  try {
    const { run, fence, signal } = held;
    const plan = await worker.planOf(run);
    const phase = plan.phases.find(({ id }) => id === job.phase);
    const outline = run.outline.find(({ id }) => id === job.phase);
    if (phase === undefined || outline === undefined)
      throw new RangeError(`${run.id} has no phase ${job.phase}`);
    const report = reporting(job, worker, held);
    const left = worker.leftBefore(run);
    await runSteps(run, phase, outline, (step) =>
      oneStep(job, worker, run, step, left, signal, report(step.id)),
    );
    // The queue must not take this for done: nobody else may have been given the phase yet.
    if (signal.reason === lost) return 'busy';
    await worker.handle(job.run, { type: 'End', phase: job.phase, fence });
    return 'done';
  } catch (error) {
    // Nothing may go on once the lease is given back.
    held.giveUp(lost);
    if (error === lost) return 'done';
    throw error;
  } finally {
    await held.release();
  }
}

async function runSteps(
  run: Deployment,
  phase: RunPhase,
  outline: OutlinePhase,
  one: (step: RunStep) => Promise<boolean>,
): Promise<void> {
  const open = phase.steps.filter(({ id }) => !isDone(phaseOf(run, phase.id).steps[id]));
  if (!outline.parallel) {
    for (const step of open) if (!(await one(step))) return;
    return;
  }
  const queue = [...open];
  const lane = async (): Promise<void> => {
    for (let step = queue.shift(); step !== undefined; step = queue.shift()) await one(step);
  };
  const lanes = await Promise.allSettled(Array.from({ length: atOnce }, lane));
  for (const ended of lanes) if (ended.status === 'rejected') throw ended.reason;
}

/** Runs a step; true when it is done and the next may follow. */
async function oneStep(
  job: PhaseJob,
  worker: PhaseWorker,
  run: Deployment,
  planned: RunStep,
  left: FindLeft,
  signal: AbortSignal,
  report: (report: Report, beside: Beside) => Promise<boolean>,
): Promise<boolean> {
  if (signal.aborted) return false;
  const step = worker.findStep(planned.uses) ?? missing(planned.uses);
  const values = worker.valuesFor(run);
  const redact = redacting(values);
  const { fence } = phaseOf(run, job.phase);
  let isOver = false;
  await runStep({
    step,
    planned,
    timeout: planned.timeout ?? milliseconds(step.timeout),
    state: phaseOf(run, job.phase).steps[planned.id],
    values,
    context: { now: worker.now, hosts: worker.hostsOf(run.environment) },
    output: (tries) => outputOf(job, worker, { step: planned.id, fence, try: tries }, redact),
    signal,
    redact,
    leftBy: () =>
      left(job.phase, planned).catch((error: unknown) => {
        worker.log.warn({ error, run: job.run, step: planned.id }, 'earlier runs not looked at');
        return undefined;
      }),
    remembered: await remembered(worker.pool, planned),
    report: async (what, kept) => {
      isOver = await report(what, kept === undefined ? {} : { evidence: [kept] });
    },
    sleep: pause,
  });
  return isOver;
}

/** A database that is away for longer than this, in milliseconds, costs some output and holds nothing else up. */
const outputPatience = 2_000;

function outputOf(
  job: PhaseJob,
  { pool, now, log }: PhaseWorker,
  about: Omit<AttemptKey, 'phase'>,
  redact: Redact,
): StepOutput {
  const key = { phase: job.phase, ...about };
  const write = (seq: number, text: string) =>
    persist(outputPatience, () => writeOutput(pool, job.run, key, { seq, text, at: now() }));
  return collectOutput({ key, redact, write, log });
}

/** Stands in for a step that this version of Slipway does not have, so that people are told instead of waiting. */
function missing(uses: string): Step {
  const tell = async (): Promise<never> => {
    const what = `This version of Slipway has no step ${uses}.`;
    throw new Failure('plan-invalid', `${what} Start the version that began this run, or skip the step.`);
  };
  return { uses, summary: 'Is not there.', with: z.unknown(), timeout: '1s', check: tell, undo: tell };
}

/** Commits what a worker says of a step; true when the step is done. */
function reporting(job: PhaseJob, worker: PhaseWorker, { fence, giveUp }: Held) {
  return (step: string) =>
    async (report: Report, beside: Beside): Promise<boolean> => {
      const command = { ...report, phase: job.phase, step, fence } as Command;
      const handled = await worker.handle(job.run, command, beside).catch((error: unknown) => {
        // What was done cannot be written down, which is no failure of the step: whoever takes over looks for itself.
        giveUp(lost);
        throw error;
      });
      if (!handled.ok) {
        const reason = handled.refusal.code === 'aborted' ? stopped : lost;
        giveUp(reason);
        throw reason;
      }
      return isDone(phaseOf(handled.state, job.phase).steps[step]);
    };
}

async function remembered(pool: Pool, { undoes }: RunStep): Promise<unknown> {
  if (undoes === undefined) return undefined;
  const kept = await evidenceOf(pool, undoes.run, undoes.evidence);
  // The first deed knew how it was before; a later one found what the first had left.
  return kept.map(({ body }) => (body as { remember?: unknown }).remember).find((one) => one !== undefined);
}
