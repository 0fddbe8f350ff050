import type { Command } from './commands.ts';
import type { Decision } from './decision.ts';
import { accept, refuse } from './decision.ts';
import type { Deployment, Gate, GateState, Instant, Person } from './deployment.ts';
import type { Untimed } from './events.ts';
import { filled, wanted } from './gate.ts';

type OnGate = Extract<Command, { type: 'Approve' | 'Reject' | 'Expire' | 'Reopen' }>;

/** Rules for approvals: the right people, distinct, never the requester, in time, and for what will really run. */
export function decideGate(run: Deployment, command: OnGate, now: Instant): Decision<Untimed> {
  const gate = run.outline.find((phase) => phase.id === command.phase)?.gate;
  const phase = run.phases[command.phase];
  const state = phase?.gate;
  // A gate that was voided keeps its state until it opens anew, which may have to wait for the phase's needs.
  const isClosed = run.status === 'running' && phase?.status === 'waiting';
  if (isClosed) return refuse('nothing-waiting', 'The gate opens when the phases before it are done.');
  if (gate === undefined || state === undefined) return refuse('nothing-waiting', 'No gate is open there.');
  switch (command.type) {
    case 'Approve':
      return refusalFor(run, gate, state, command, now) ?? approve(run, gate, state, command);
    case 'Reject':
      return refusalFor(run, gate, state, command, now) ?? reject(command);
    case 'Expire':
      return run.status === 'running' && state.status === 'open' && state.openedAt === command.openedAt
        ? accept({ type: 'GateExpired', phase: command.phase })
        : accept();
    case 'Reopen':
      return reopen(run, gate, state, command, now);
  }
}

type Judging = Extract<Command, { type: 'Approve' | 'Reject' }>;

function refusalFor(
  run: Deployment,
  gate: Gate,
  state: GateState,
  command: Judging,
  now: Instant,
): Decision<Untimed> | undefined {
  // Who was first is what somebody who comes late wants to know, even when the run is over by then.
  if (state.status === 'approved') {
    return refuse('already-decided', `Approved by ${mentions(state.approvals.map(({ by }) => by))}.`);
  }
  if (state.status === 'rejected') {
    return refuse('already-decided', `Rejected by ${mentions(run.stop === undefined ? [] : [run.stop.by])}.`);
  }
  if (run.status !== 'running') return refuse('run-finished', endedBy(run));
  if (state.status === 'expired' || now >= state.expiresAt) {
    return refuse('gate-expired', 'Use *Ask again* on the card to open it anew.');
  }
  const groups = Object.keys(gate.approvals);
  if (!isIn(command.by, groups)) return refuse('not-allowed', `This gate is for ${groups.join(', ')}.`);
  if (command.digest !== run.digest) return refuse('approval-void', 'Look at the new card and decide there.');
  return undefined;
}

function approve(
  run: Deployment,
  gate: Gate,
  state: GateState,
  { by, phase, digest }: Extract<Command, { type: 'Approve' }>,
): Decision<Untimed> {
  if (by.id === run.requestedBy && !run.selfApproval) return refuse('own-request');
  if (state.approvals.some((approval) => approval.by === by.id)) return refuse('already-approved-by-you');
  const people = [...state.approvals, { by: by.id, groups: by.groups }];
  if (filled(gate, people) <= filled(gate, state.approvals)) {
    return refuse(
      'already-decided',
      `Your group's part is done by ${mentions(state.approvals.map((one) => one.by))}.`,
    );
  }
  const approved: Untimed = { type: 'Approved', phase, digest, by: by.id, groups: by.groups };
  if (filled(gate, people) < wanted(gate)) return accept(approved);
  return accept(approved, { type: 'GatePassed', phase });
}

function reject(command: Extract<Command, { type: 'Reject' }>): Decision<Untimed> {
  const { by, phase, reason } = command;
  if (reason.trim() === '') return refuse('reason-required');
  const who = { by: by.id, groups: by.groups };
  return accept(
    { type: 'Rejected', phase, reason, ...who },
    { type: 'StopRequested', outcome: 'rejected', reason, ...who },
  );
}

function reopen(
  run: Deployment,
  gate: Gate,
  state: GateState,
  { by, phase }: Extract<Command, { type: 'Reopen' }>,
  now: Instant,
): Decision<Untimed> {
  if (run.status !== 'running') return refuse('run-finished', endedBy(run));
  if (state.status !== 'expired') return refuse('nothing-waiting', 'The gate is not expired.');
  if (!by.may.includes('deploy')) return refuse('not-allowed', 'Asking again needs the right to deploy.');
  return accept({ type: 'GateReopened', phase, expiresAt: now + gate.expires, by: by.id, groups: by.groups });
}

function isIn(person: Person, groups: readonly string[]): boolean {
  return groups.some((group) => person.groups.includes(group));
}

/** Users as Slack mentions, for texts that are shown in Slack. */
export function mentions(ids: readonly string[]): string {
  return ids.length === 0 ? 'nobody' : ids.map((id) => `<@${id}>`).join(', ');
}

/** Who stopped a run, as a sentence for somebody who comes too late. */
export function endedBy(run: Deployment): string {
  return run.stop === undefined ? 'It ran to its end.' : `It was stopped by ${mentions([run.stop.by])}.`;
}
