import { queued } from './advance.ts';
import type { Command } from './commands.ts';
import type { Decision } from './decision.ts';
import { accept, refuse } from './decision.ts';
import type { Deployment, Instant, OutlinePhase, PhaseState, StepState } from './deployment.ts';
import { isDone } from './deployment.ts';
import type { Untimed } from './events.ts';

type Working = Extract<
  Command,
  { type: 'Begin' | 'End' | 'BeginApply' | 'Satisfied' | 'Changed' | 'Failed' | 'Doubt' | 'Ask' | 'Wait' }
>;

/** Rules for workers: only the holder of the newest token writes, and only to steps that are not done. */
export function decideWork(run: Deployment, command: Working, now: Instant): Decision<Untimed> {
  const outline = run.outline.find(({ id }) => id === command.phase);
  const phase = run.phases[command.phase];
  if (outline === undefined || phase === undefined)
    return refuse('nothing-waiting', 'The plan has no such phase.');
  if (command.type === 'Begin') return begin(run, phase, command);
  if (phase.fence !== command.fence || phase.status !== 'running') return refuse('fenced');
  if (command.type === 'End') return end(run, outline, phase, now);
  if (!outline.steps.includes(command.step)) return refuse('nothing-waiting', 'The phase has no such step.');
  // Whoever stopped the run must not see one more thing begin.
  if (command.type === 'BeginApply' && run.status === 'stopping') return refuse('aborted');
  if (isDone(phase.steps[command.step])) return accept();
  return isNext(outline, phase, command.step)
    ? report(command, phase.steps[command.step])
    : refuse('nothing-waiting', 'The step before it is not done.');
}

/** Whether a step may be worked on: at any time in a phase whose steps run side by side, else when all before it are done. */
function isNext({ parallel, steps }: OutlinePhase, phase: PhaseState, step: string): boolean {
  return parallel || steps.slice(0, steps.indexOf(step)).every((before) => isDone(phase.steps[before]));
}

function begin(
  run: Deployment,
  phase: PhaseState,
  command: Extract<Command, { type: 'Begin' }>,
): Decision<Untimed> {
  const isMine =
    phase.attempt === command.attempt && (phase.status === 'queued' || phase.status === 'running');
  if (!isMine || run.status === 'ended') return refuse('nothing-waiting', 'This attempt is over.');
  if (run.status === 'stopping') return accept({ type: 'PhaseStopped', phase: command.phase });
  return accept({
    type: 'PhaseBegun',
    phase: command.phase,
    fence: phase.fence + 1,
    worker: command.worker,
  });
}

function report(
  command: Exclude<Working, { type: 'Begin' | 'End' }>,
  before: StepState | undefined,
): Decision<Untimed> {
  const { phase, step } = command;
  switch (command.type) {
    case 'BeginApply':
      return accept({ type: 'ApplyBegun', phase, step });
    case 'Ask':
      return accept({ type: 'StepAsked', phase, step, question: command.question });
    case 'Wait':
      return accept({ type: 'StepWaiting', phase, step, until: command.until });
  }
  const { evidence, ms } = command;
  const drift = command.drift === undefined ? {} : { drift: command.drift };
  switch (command.type) {
    case 'Satisfied': {
      // An apply that failed may have done its work all the same.
      const type = before?.touched ? 'StepChanged' : 'StepSatisfied';
      return accept({ type, phase, step, evidence, ms });
    }
    case 'Changed':
      return accept({ type: 'StepChanged', phase, step, evidence, ms, ...drift });
    case 'Doubt':
      return accept({ type: 'StepDoubted', phase, step, because: command.because, evidence, ms });
    case 'Failed': {
      const { code, because } = command;
      const type = command.again ? 'StepTried' : 'StepFailed';
      return accept({ type, phase, step, code, because, evidence, ms, ...drift });
    }
  }
}

function end(run: Deployment, outline: OutlinePhase, phase: PhaseState, now: Instant): Decision<Untimed> {
  const { id } = outline;
  if (run.status === 'stopping') return accept({ type: 'PhaseStopped', phase: id });
  const steps = outline.steps.map((step) => phase.steps[step]);
  if (steps.every(isDone)) return accept({ type: 'PhaseSucceeded', phase: id });
  if (steps.some((step) => step?.status === 'failed')) return accept({ type: 'PhaseFailed', phase: id });
  const paused: Untimed = { type: 'PhasePaused', phase: id };
  const left = steps.filter((step) => !isDone(step)).slice(0, outline.parallel ? undefined : 1);
  return left.some((step) => canGoOn(step, now)) ? accept(paused, queued(id, phase)) : accept(paused);
}

/** Whether a worker could do something about a step now: it has not been tried, its answers are there, its time has come. */
export function canGoOn(step: StepState | undefined, now: Instant): boolean {
  if (step === undefined) return true;
  if (step.status === 'in-doubt') return step.doubt !== 'open';
  if (step.status === 'asking') return isAnswered(step);
  if (step.status === 'waiting') return (step.until ?? 0) <= now;
  return !isDone(step) && step.status !== 'failed';
}

/** Whether a question has all the answers it wants: one for a confirm, one from each group for a sign-off. */
export function isAnswered({ question, answers }: StepState): boolean {
  if (question === undefined) return false;
  if (question.kind === 'confirm') return answers.length > 0;
  return question.groups.every((group) => answers.some((answer) => answer.group === group));
}
