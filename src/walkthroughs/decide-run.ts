import { accept, type Decision, refuse } from '../deploy/decision.ts';
import type { WalkthroughCommand } from './commands.ts';
import type { UntimedWalkthroughEvent } from './events.ts';
import { isAtWork } from './jobs.ts';
import { mentionAndTime } from './sentences.ts';
import type { StepRun, Walkthrough } from './walkthrough.ts';

type Running = Extract<WalkthroughCommand, { type: 'Run' | 'Approve' | 'Decline' | 'Begin' | 'Report' }>;

/** Rules for running a step: only who may, what changes something not alone, and one worker at a time. */
export function decideRun(walkthrough: Walkthrough, command: Running): Decision<UntimedWalkthroughEvent> {
  const { steps, runs } = walkthrough;
  if (!Object.hasOwn(steps, command.step)) {
    return refuse('nothing-waiting', 'The runbook has no such step.');
  }
  const run = Object.hasOwn(runs, command.step) ? runs[command.step] : undefined;
  switch (command.type) {
    case 'Run':
      return ask(walkthrough, run, command);
    case 'Approve':
    case 'Decline':
      return settle(run, command);
    case 'Begin':
      if (run?.number !== command.number || !isAtWork(run)) {
        return refuse('nothing-waiting', 'This run is over.');
      }
      return accept({
        type: 'StepBegun',
        step: command.step,
        number: run.number,
        attempt: run.attempt + 1,
      });
    case 'Report':
      return report(walkthrough, run, command);
  }
}

function ask(
  { steps, environment }: Walkthrough,
  before: StepRun | undefined,
  { step, by }: Extract<Running, { type: 'Run' }>,
): Decision<UntimedWalkthroughEvent> {
  if (before?.status === 'asked') {
    const asked = mentionAndTime(before.by, before.at);
    return refuse('already-decided', `Asked for by ${asked}; a second person must agree.`);
  }
  if (before !== undefined && isAtWork(before)) {
    return refuse(
      'already-decided',
      `Started by ${mentionAndTime(before.by, before.at)}, and still at work.`,
    );
  }
  if (!by.mayRun) return refuse('not-allowed', 'Running steps of runbooks needs the right to run them.');
  if (environment === undefined) {
    return refuse(
      'step-not-runnable',
      'This runbook was opened for no environment, so it has no values and hosts.',
    );
  }
  const { changes = true, cannot } = steps[step] ?? {};
  if (cannot !== undefined) return refuse('step-not-runnable', cannot);
  const number = (before?.number ?? 0) + 1;
  return accept({ type: 'StepAsked', step, number, by: by.id, waits: changes });
}

function settle(
  run: StepRun | undefined,
  { type, step, number, by }: Extract<Running, { type: 'Approve' | 'Decline' }>,
): Decision<UntimedWalkthroughEvent> {
  if (run === undefined) return refuse('nothing-waiting', 'Nobody has asked to run it.');
  if (run.number !== number) return refuse('already-decided', 'It was asked for again since.');
  if (run.status !== 'asked') {
    if (run.decidedBy === undefined) return refuse('nothing-waiting', 'It needs nobody to agree.');
    const verdict = run.status === 'declined' ? 'Declined' : 'Approved';
    return refuse(
      'already-decided',
      `${verdict} by ${mentionAndTime(run.decidedBy, run.decidedAt ?? run.at)}.`,
    );
  }
  // Whoever asked may take it back, but not agree to it.
  const isOwn = run.by === by.id;
  if (isOwn && type === 'Approve') return refuse('own-step');
  if (!isOwn && !by.mayRun) {
    return refuse('not-allowed', 'Approving steps of runbooks needs the right to run them.');
  }
  const event = type === 'Approve' ? ('StepApproved' as const) : ('StepDeclined' as const);
  return accept({ type: event, step, number, by: by.id });
}

/** Only the newest attempt of the newest run writes; one that changes something without having been approved does not. */
function report(
  { steps }: Walkthrough,
  run: StepRun | undefined,
  command: Extract<Running, { type: 'Report' }>,
): Decision<UntimedWalkthroughEvent> {
  if (run?.number !== command.number || run.attempt !== command.attempt) return refuse('fenced');
  // The answer to a commit may have been lost, and is asked for again.
  if (!isAtWork(run)) return run.endedAt === undefined ? refuse('fenced') : accept();
  if (run.status === 'queued') return refuse('fenced');
  if (command.outcome === 'applying' && steps[command.step]?.changes !== true) {
    return refuse('not-allowed', 'This step was opened as one that only looks.');
  }
  const { type: _, attempt: __, ...said } = command;
  return accept({ type: 'StepReported', ...said });
}
