import type { Command } from './commands.ts';
import { endedBy } from './decide-gate.ts';
import type { Decision } from './decision.ts';
import { accept, refuse } from './decision.ts';
import type { Deployment } from './deployment.ts';
import type { Untimed } from './events.ts';

type Stopping = Extract<Command, { type: 'Abort' | 'RollBack' }>;

/** Rules for stopping a run: steps in flight are told to stop, and the run ends when none is left. */
export function decideStop(run: Deployment, command: Stopping): Decision<Untimed> {
  const { by, reason } = command;
  const right = command.type === 'Abort' ? 'deploy' : 'rollback';
  if (run.kind === 'rollback' && command.type === 'RollBack') {
    return refuse(
      'nothing-waiting',
      'This run is a rollback itself; abort it, or deploy the version you want.',
    );
  }
  if (run.status === 'ended') {
    return run.outcome === 'rolled-back' || command.type === 'Abort'
      ? refuse('run-finished', endedBy(run))
      : accept();
  }
  if (run.status === 'stopping') return refuse('already-decided', endedBy(run));
  if (!by.may.includes(right))
    return refuse(
      'not-allowed',
      right === 'deploy'
        ? 'Aborting needs the right to deploy.'
        : 'Rolling back here needs the right to roll back.',
    );
  if (reason.trim() === '') return refuse('reason-required', 'Write why; it is kept in the record.');
  const who = { by: by.id, groups: by.groups, reason: reason.trim() };
  return command.type === 'Abort'
    ? accept({ type: 'StopRequested', outcome: 'aborted', ...who })
    : accept({ type: 'StopRequested', outcome: 'rolled-back', rollback: command.rollback, ...who });
}
