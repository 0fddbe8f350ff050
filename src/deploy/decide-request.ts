import type { Command } from './commands.ts';
import type { Decision } from './decision.ts';
import { accept, refuse } from './decision.ts';
import type { Deployment } from './deployment.ts';
import type { Untimed } from './events.ts';
import { canBeMet } from './gate.ts';

type Requesting = Extract<Command, { type: 'Request' | 'RequestRollback' | 'Prepare' | 'Revise' }>;

/** Rules for what runs at all: who may ask for it, whether its gates can be met, and when it may still change. */
export function decideRequest(run: Deployment | undefined, command: Requesting): Decision<Untimed> {
  switch (command.type) {
    case 'Request':
      return run === undefined ? request(command) : accept();
    case 'RequestRollback':
      return run === undefined ? requestRollback(command) : accept();
    case 'Prepare': {
      if (run?.status !== 'preparing') return accept();
      const { type: _, ...what } = command;
      return accept({ type: 'RunPrepared', ...what });
    }
    case 'Revise':
      return run === undefined ? refuse('run-not-found') : revise(run, command);
  }
}

function request(command: Extract<Command, { type: 'Request' }>): Decision<Untimed> {
  const { type: _, by, members, ...rest } = command;
  if (!by.may.includes('deploy')) return refuse('not-allowed', 'Deploying here needs the right to deploy.');
  const without = command.selfApproval ? undefined : by.id;
  const unmet = command.outline.find((phase) => phase.gate && !canBeMet(phase.gate, members, without));
  if (unmet?.gate !== undefined) return refuse('gate-cannot-be-met', shortOf(unmet.id, unmet.gate.approvals));
  return accept({ type: 'RunRequested', kind: 'deployment', by: by.id, groups: by.groups, ...rest });
}

function shortOf(phase: string, approvals: Readonly<Record<string, number>>): string {
  const wanted = Object.entries(approvals).map(([group, count]) => `${count} of ${group}`);
  return `Phase ${phase} needs ${wanted.join(' and ')}, by different people and not by the one who asks. Add people to the groups, or let somebody else ask.`;
}

function requestRollback(command: Extract<Command, { type: 'RequestRollback' }>): Decision<Untimed> {
  const { type: _, by, ...rest } = command;
  if (!by.may.includes('rollback'))
    return refuse('not-allowed', 'Rolling back here needs the right to roll back.');
  if (command.reason.trim() === '') return refuse('reason-required', 'Write why; it is kept in the record.');
  const nothingYet = { planHash: '', outline: [], digest: '', fingerprints: {}, selfApproval: false };
  return accept({
    type: 'RunRequested',
    kind: 'rollback',
    by: by.id,
    groups: by.groups,
    ...nothingYet,
    ...rest,
  });
}

function revise(run: Deployment, command: Extract<Command, { type: 'Revise' }>): Decision<Untimed> {
  if (run.status !== 'running' || command.digest === run.digest) return accept();
  const { type: _, by, changes, ...what } = command;
  if (by !== undefined && !by.may.includes('deploy')) return refuse('not-allowed');
  const hasBegun = Object.values(run.phases).some((phase) => phase.fence > 0);
  const isOther = (['planHash', 'version', 'commit', 'image'] as const).some(
    (part) => command[part] !== run[part],
  );
  if (isOther && hasBegun) {
    return refuse('already-begun', 'Abort this deployment and ask for a new one.');
  }
  return accept({ type: 'RunRevised', by: by?.id ?? 'slipway', changes, ...what });
}
