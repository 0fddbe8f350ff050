import { sha256 } from '../canonical.ts';
import type { Command } from '../deploy/commands.ts';
import type { StepState } from '../deploy/deployment.ts';
import type { Drift } from '../deploy/drift.ts';
import type { Values } from '../deploy/interpolate.ts';
import type { RunStep } from '../deploy/run-plan.ts';
import { readable } from '../duration.ts';
import { Failure, type ReasonCode, reasons } from '../errors.ts';
import { type Check, canApply, type Evidence, type Step, type StepContext } from '../steps/step.ts';
import type { Kept } from '../store/streams.ts';
import { bounded, storable } from '../text.ts';
import { filledIn } from './parameters.ts';
import { keepable, type Redact } from './redact.ts';
import type { StepOutput } from './step-output.ts';
import { within } from './within.ts';

type Without<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;

/** What a worker says of a step, before it is given its phase, step and token. */
export type Report = Without<
  Extract<Command, { type: 'BeginApply' | 'Satisfied' | 'Changed' | 'Failed' | 'Doubt' | 'Ask' | 'Wait' }>,
  'phase' | 'step' | 'fence'
>;

/** What running a step needs. */
export interface StepRun {
  readonly step: Step;
  readonly planned: RunStep;
  readonly timeout: number;
  readonly state: StepState | undefined;
  readonly values: Values;
  readonly context: Omit<StepContext, 'signal' | 'firstSeenAt' | 'answers' | 'log'>;
  /** Takes what the attempt of this number says while it runs. */
  readonly output: (tries: number) => StepOutput;
  /** Aborts when the run is stopped or the phase is taken over; nothing is reported after that. */
  readonly signal: AbortSignal;
  readonly redact: Redact;
  /** The id of an earlier run that left the step as wanted, if only the world has changed since. */
  readonly leftBy?: () => Promise<string | undefined>;
  /** What an apply of an earlier run remembered, for a step that is to be undone. */
  readonly remembered?: unknown;
  /** Commits what it is told before it returns; aborts `signal` and throws when this worker no longer holds the phase. */
  readonly report: (report: Report, kept?: Kept) => Promise<void>;
  readonly sleep: (span: number, signal: AbortSignal) => Promise<void>;
}

/** The state is loaded for every command, so a client's long complaint is cut; evidence has more of it. */
const longestSentence = 2_000;

/** Of drift people are told in one line among others. */
const longestDrift = 300;

/** One look, or one look, deed and second look; and again as the plan's `retry` says. Ends with one final report. */
export async function runStep(run: StepRun): Promise<void> {
  const { retry } = run.planned;
  const attempts = retry?.attempts ?? 1;
  for (let tries = (run.state?.tries ?? 0) + 1; ; tries += 1) {
    const again = tries < attempts;
    const output = run.output(tries);
    const isDone = await attempt({ ...run, says: output }, again).finally(output.end);
    if (isDone || run.signal.aborted) return;
    await run.sleep((retry?.backoff ?? 0) * 2 ** (tries - 1), run.signal);
  }
}

/** One attempt of a step, with a place for what it says. */
interface Trial extends StepRun {
  readonly says: StepOutput;
}

/** One attempt; false when it failed and is to be tried again. */
async function attempt(run: Trial, mayTryAgain: boolean): Promise<boolean> {
  const { now } = run.context;
  const startedAt = now();
  const evidence: Evidence[] = [];
  const memory: Memory = {};
  const keep: Keep = async (outcome) => {
    const ms = now() - startedAt;
    const shown = keepable(evidence, run.redact);
    // Written before the report, so that the record never points at output that is not there.
    const output = await run.says.end();
    const body = {
      step: run.planned.id,
      uses: run.step.uses,
      at: startedAt,
      ms,
      ...outcome,
      ...memory,
      ...(output === undefined ? {} : { output }),
      evidence: shown,
    };
    const hash = sha256(body);
    const { drift } = memory;
    return { kept: { hash, body }, evidence: hash, ms, ...(drift === undefined ? {} : { drift }) };
  };
  const tell = async (
    type: 'Satisfied' | 'Changed',
    outcome: Readonly<Record<string, unknown>>,
  ): Promise<true> => {
    const { kept, ...rest } = await keep({ outcome: type.toLowerCase(), ...outcome });
    await run.report({ type, ...rest }, kept);
    return true;
  };
  try {
    return await (run.planned.undoes === undefined
      ? look(run, evidence, memory, keep, tell)
      : takeBack(run, evidence, tell));
  } catch (error) {
    if (run.signal.aborted) return true;
    const failure = foreseen(error, run);
    const because = sentence(failure.message, run);
    const again = mayTryAgain && reasons[failure.code].retry;
    const { kept, ...rest } = await keep({ outcome: 'failed', code: failure.code, because });
    await run.report({ type: 'Failed', code: failure.code, because, again, ...rest }, kept);
    return !again;
  }
}

/** What is kept with an attempt whatever comes of it: what an apply wants to be taken back with, and drift that was found. */
interface Memory {
  remember?: unknown;
  drift?: Drift;
}

type Tell = (type: 'Satisfied' | 'Changed', outcome: Readonly<Record<string, unknown>>) => Promise<true>;
type Keep = (
  outcome: Readonly<Record<string, unknown>>,
) => Promise<{ kept: Kept; evidence: string; ms: number; drift?: Drift }>;

async function look(
  run: Trial,
  evidence: Evidence[],
  memory: Memory,
  keep: Keep,
  tell: Tell,
): Promise<boolean> {
  const { state, step } = run;
  if (state?.doubt === 'done') {
    evidence.push({ asked: 'Was it done?', of: state.by ?? '', answered: state.reason ?? '' });
    return tell('Changed', { settledBy: state.by });
  }
  const found = await check(run, evidence);
  switch (found.is) {
    case 'asking':
      await run.report({ type: 'Ask', question: found.question });
      return true;
    case 'waiting':
      await run.report({ type: 'Wait', until: found.until });
      return true;
    case 'satisfied':
      return tell(state?.doubt === undefined ? 'Satisfied' : 'Changed', {});
    case 'unknown':
      if (state?.doubt === 'open') {
        const because = sentence(found.because, run);
        const { kept, ...rest } = await keep({ outcome: 'in doubt', because });
        await run.report({ type: 'Doubt', because, ...rest }, kept);
        return true;
      }
  }
  const since = found.is === 'unsatisfied' ? await run.leftBy?.() : undefined;
  if (since !== undefined)
    memory.drift = { since, because: bounded(sentence(found.because, run), longestDrift) };
  if (!canApply(step, filledIn(step, run.planned, run.values))) {
    throw new Failure('not-satisfied', found.because);
  }
  return apply(run, evidence, memory, tell);
}

async function apply(run: Trial, evidence: Evidence[], memory: Memory, tell: Tell): Promise<true> {
  await run.report({ type: 'BeginApply' });
  const applied = await limited(run, async (context) =>
    run.step.apply?.(filledIn(run.step, run.planned, run.values), context),
  );
  evidence.push(...(applied?.evidence ?? []));
  // Kept also when the second look fails: what was done must be taken back.
  if (applied?.remember !== undefined) memory.remember = applied.remember;
  const found = await check(run, evidence);
  if (found.is === 'unsatisfied') throw new Failure('still-not-satisfied', found.because);
  return tell('Changed', {});
}

async function takeBack(run: Trial, evidence: Evidence[], tell: Tell): Promise<true> {
  const { step, planned, values, remembered } = run;
  if (step.undo === undefined) {
    throw new Failure(
      'not-undone',
      `This version of Slipway cannot undo ${step.uses} any more; undo it by hand.`,
    );
  }
  await run.report({ type: 'BeginApply' });
  const undone = await limited(run, async (context) =>
    step.undo?.(filledIn(step, planned, values), context, remembered),
  );
  evidence.push(...(undone ?? []));
  return tell('Changed', {});
}

async function check(run: Trial, evidence: Evidence[]): Promise<Check> {
  const found = await limited(run, (context) =>
    run.step.check(filledIn(run.step, run.planned, run.values), context),
  );
  if ('evidence' in found) evidence.push(...found.evidence);
  return found;
}

function limited<T>(run: Trial, work: (context: StepContext) => Promise<T>): Promise<T> {
  const { state, context, timeout } = run;
  const tooLate = () =>
    new Failure('timed-out', `${run.step.uses} was stopped after its time limit of ${readable(timeout)}.`);
  return within(timeout, run.signal, tooLate, (signal) =>
    work({
      ...context,
      signal,
      log: run.says.log,
      firstSeenAt: state?.firstSeenAt ?? context.now(),
      answers: state?.answers ?? [],
    }),
  );
}

/** Why something is so, as it may be kept in the state. */
function sentence(text: string, { redact }: StepRun): string {
  return bounded(storable(redact(text)), longestSentence);
}

function foreseen(error: unknown, run: StepRun): { readonly code: ReasonCode; readonly message: string } {
  if (error instanceof Failure) return error;
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'step-failed', message: `${run.step.uses}: ${message}` };
}
