import { queued } from './advance.ts';
import type { Command } from './commands.ts';
import { endedBy, mentions } from './decide-gate.ts';
import { canGoOn, isAnswered } from './decide-work.ts';
import type { Decision } from './decision.ts';
import { accept, refuse } from './decision.ts';
import type { Deployment, Instant, PhaseState, StepState } from './deployment.ts';
import type { Untimed } from './events.ts';
import { evolve } from './evolve.ts';

type Helping = Extract<Command, { type: 'Answer' | 'Settle' | 'Wake' | 'Retry' | 'Skip' }>;

/** Rules for people (and clocks) who help a phase on: answers, doubts settled, retries and skips. */
export function decideHelp(run: Deployment, command: Helping, now: Instant): Decision<Untimed> {
  const phase = run.phases[command.phase];
  if (phase === undefined) return refuse('nothing-waiting', 'The plan has no such phase.');
  if (command.type === 'Wake') {
    return run.status === 'running' && goesOn(phase, now) ? accept(queued(command.phase, phase)) : accept();
  }
  const step = command.type === 'Retry' ? undefined : phase.steps[command.step];
  // Who was first is what somebody who comes late wants to know, even when the run is over by then.
  const isLate = command.type === 'Answer' && step !== undefined && isAnswered(step);
  if (run.status !== 'running' && !isLate) return refuse('run-finished', endedBy(run));
  if (command.type === 'Retry') return retry(phase, command);
  if (step === undefined) return refuse('nothing-waiting');
  if (command.type === 'Skip') return skip(run, phase, step, command, now);
  const decision = command.type === 'Answer' ? respond(step, command) : settle(step, command);
  return decision.ok ? thenGoOn(run, command.phase, decision.events, now) : decision;
}

function respond(step: StepState, command: Extract<Command, { type: 'Answer' }>): Decision<Untimed> {
  const { by, text, phase, step: id } = command;
  if (step.status !== 'asking' || step.question === undefined || isAnswered(step)) {
    return refuse('already-decided', `Answered by ${mentions(step.answers.map((answer) => answer.by))}.`);
  }
  if (text.trim() === '') return refuse('reason-required', 'Write what you saw; it is kept in the record.');
  const { kind, groups } = step.question;
  const mine = groups.filter((group) => by.groups.includes(group));
  if (mine.length === 0) return refuse('not-allowed', `This is for ${groups.join(', ')}.`);
  if (kind === 'sign-off' && step.answers.some((answer) => answer.by === by.id)) {
    return refuse('already-approved-by-you', 'Each group must be signed for by somebody else.');
  }
  const group = mine.find((one) => !step.answers.some((answer) => answer.group === one));
  if (group === undefined) return refuse('already-decided', `${mine.join(', ')} has already signed.`);
  return accept({
    type: 'Answered',
    phase,
    step: id,
    group,
    text: text.trim(),
    by: by.id,
    groups: by.groups,
  });
}

function settle(step: StepState, command: Extract<Command, { type: 'Settle' }>): Decision<Untimed> {
  const { by, phase, step: id, verdict, reason } = command;
  if (step.status !== 'in-doubt') return refuse('already-decided', 'Nothing is in doubt any more.');
  if (step.doubt !== 'open') return refuse('already-decided', `Settled by ${mentions([step.by ?? ''])}.`);
  if (!by.may.includes('deploy')) return refuse('not-allowed', 'Settling a doubt needs the right to deploy.');
  if (reason.trim() === '') return refuse('reason-required', 'Write how you found out.');
  return accept({ type: 'DoubtSettled', phase, step: id, verdict, reason, by: by.id, groups: by.groups });
}

function retry(phase: PhaseState, command: Extract<Command, { type: 'Retry' }>): Decision<Untimed> {
  const { by } = command;
  if (phase.status !== 'failed') return refuse('nothing-waiting', 'The phase is not failed any more.');
  if (!by.may.includes('deploy')) return refuse('not-allowed', 'Retrying needs the right to deploy.');
  return accept(
    { type: 'RetryRequested', phase: command.phase, by: by.id, groups: by.groups },
    queued(command.phase, phase),
  );
}

function skip(
  run: Deployment,
  phase: PhaseState,
  step: StepState,
  command: Extract<Command, { type: 'Skip' }>,
  now: Instant,
): Decision<Untimed> {
  const { by, reason, step: id } = command;
  if (step.status === 'skipped') return refuse('already-decided', `Skipped by ${mentions([step.by ?? ''])}.`);
  const stands = phase.status === 'failed' || phase.status === 'paused';
  if (!stands || !['failed', 'asking', 'in-doubt', 'waiting'].includes(step.status)) {
    return refuse('nothing-waiting', 'The step is not standing any more.');
  }
  if (!by.may.includes('deploy')) return refuse('not-allowed', 'Skipping needs the right to deploy.');
  if (reason.trim() === '') return refuse('reason-required', 'Write why it may be left out.');
  const skipped: Untimed = {
    type: 'StepSkipped',
    phase: command.phase,
    step: id,
    reason: reason.trim(),
    by: by.id,
    groups: by.groups,
  };
  return thenGoOn(run, command.phase, [skipped], now);
}

/** Queues the phase when it stands still and the events leave a worker something to do, or nothing to wait for. */
function thenGoOn(run: Deployment, id: string, events: readonly Untimed[], now: Instant): Decision<Untimed> {
  const after = events.reduce<Deployment>((state, event) => evolve(state, { ...event, at: now }), run);
  const phase = after.phases[id];
  return phase !== undefined && goesOn(phase, now) ? accept(...events, queued(id, phase)) : accept(...events);
}

function goesOn(phase: PhaseState, now: Instant): boolean {
  const steps = Object.values(phase.steps);
  const hasFailed = steps.some(({ status }) => status === 'failed');
  if (phase.status === 'failed') return !hasFailed;
  if (phase.status !== 'paused' || hasFailed) return false;
  const stuck = steps.some((step) => isHeldUp(step) && !canGoOn(step, now));
  return !stuck || steps.some((step) => isHeldUp(step) && canGoOn(step, now));
}

function isHeldUp({ status }: StepState): boolean {
  return status === 'asking' || status === 'waiting' || status === 'in-doubt';
}
