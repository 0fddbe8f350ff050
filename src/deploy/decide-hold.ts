import type { Command } from './commands.ts';
import { endedBy } from './decide-gate.ts';
import type { Decision } from './decision.ts';
import { accept, refuse } from './decision.ts';
import type { Deployment } from './deployment.ts';
import type { Untimed } from './events.ts';

type Holding = Extract<Command, { type: 'Hold' | 'Continue' }>;

/** Rules for alerts during a run: phases at work go on, no further one begins until somebody who may deploy says so. */
export function decideHold(run: Deployment, command: Holding): Decision<Untimed> {
  if (command.type === 'Hold') {
    const { group, name } = command;
    const isOver = run.status !== 'running' || run.kind === 'rollback';
    return isOver || run.hold?.groups[group] !== undefined
      ? accept()
      : accept({ type: 'RunHeld', group, name });
  }
  const { by, reason } = command;
  if (run.status !== 'running') return refuse('run-finished', endedBy(run));
  if (run.hold === undefined) return refuse('nothing-waiting', 'This deployment goes on already.');
  if (!by.may.includes('deploy')) return refuse('not-allowed', 'Going on needs the right to deploy.');
  if (reason.trim() === '') return refuse('reason-required', 'Write why; it is kept in the record.');
  return accept({ type: 'RunContinued', by: by.id, groups: by.groups, reason: reason.trim() });
}
