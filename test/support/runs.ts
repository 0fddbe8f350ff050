import type { Command } from '../../src/deploy/commands.ts';
import { decide } from '../../src/deploy/decide.ts';
import type { Decision } from '../../src/deploy/decision.ts';
import type { Deployment, Instant, OutlinePhase, Person, WhatRuns } from '../../src/deploy/deployment.ts';
import type { Event } from '../../src/deploy/events.ts';
import { evolve } from '../../src/deploy/evolve.ts';

/** The time at which everything happens in tests that do not care about time. */
export const noon: Instant = Date.UTC(2030, 0, 1, 12);

export const hour = 3_600_000;

/** The people of the tables; alice asks for the deployment, and eve has nothing to say. */
export const alice: Person = { id: 'alice', groups: ['ops'], may: ['deploy', 'rollback'] };
export const bob: Person = { id: 'bob', groups: ['ops'], may: ['deploy'] };
export const carol: Person = { id: 'carol', groups: ['ops', 'qa'], may: [] };
export const dave: Person = { id: 'dave', groups: ['qa'], may: ['rollback'] };
export const eve: Person = { id: 'eve', groups: ['guests'], may: [] };

/** A critical phase without needs or gate and with one step, `one`, unless it is said otherwise. */
export function phase(id: string, more: Partial<OutlinePhase> = {}): OutlinePhase {
  return { id, needs: [], critical: true, parallel: false, steps: ['one'], ...more };
}

/** A phase behind a gate for so many of each group, open for an hour. */
export function gated(
  id: string,
  approvals: Readonly<Record<string, number>>,
  more: Partial<OutlinePhase> = {},
) {
  return phase(id, { gate: { approvals, expires: hour }, ...more });
}

export function whatRuns(outline: readonly OutlinePhase[], more: Partial<WhatRuns> = {}): WhatRuns {
  return { version: 'v1', planHash: 'plan-1', outline, digest: 'digest-1', fingerprints: {}, ...more };
}

/** The command with which alice asks for a deployment in an environment whose groups are those of the people above. */
export function request(
  outline: readonly OutlinePhase[],
  more: Partial<Extract<Command, { type: 'Request' }>> = {},
): Command {
  return {
    type: 'Request',
    id: 'deployment-1',
    environment: 'production',
    plan: 'softfactory',
    selfApproval: false,
    by: alice,
    members: { ops: ['alice', 'bob', 'carol'], qa: ['carol', 'dave'] },
    ...whatRuns(outline),
    ...more,
  };
}

/** The run after alice has asked for it. */
export function requested(...outline: readonly OutlinePhase[]): Deployment {
  return played(undefined, request(outline));
}

/** The state after commands of which none may be refused; throws with the refusal otherwise. */
export function played(run: undefined, ...commands: readonly [Command, ...Command[]]): Deployment;
export function played(run: Deployment, ...commands: readonly Command[]): Deployment;
export function played(run: Deployment | undefined, ...commands: readonly Command[]): Deployment {
  const end = commands.reduce<Deployment | undefined>((state, command) => {
    const decision = decide(state, command, noon);
    if (!decision.ok) throw new Error(`${command.type}: ${decision.refusal.code} ${decision.refusal.detail}`);
    return decision.events.reduce<Deployment | undefined>(evolve, state);
  }, run);
  if (end === undefined) throw new Error('nothing happened');
  return end;
}

/** A decision as a table can show it: `refused: code`, or a short text for each event. */
export function told(decision: Decision<Event>): string | string[] {
  return decision.ok ? decision.events.map(brief) : `refused: ${decision.refusal.code}`;
}

/** An event as its type, where it happened, and its one number or word. */
export function brief(event: Event): string {
  const where =
    'step' in event ? [event.phase, event.step].join('.') : 'phase' in event ? event.phase : undefined;
  return [event.type, where, detail(event)].filter((part) => part !== undefined).join(' ');
}

function detail(event: Event): string | undefined {
  switch (event.type) {
    case 'PhaseQueued':
      return `#${event.attempt}`;
    case 'PhaseBegun':
      return `fence ${event.fence}`;
    case 'RunEnded':
    case 'StopRequested':
      return event.outcome;
    case 'Answered':
      return `for ${event.group}`;
    case 'DoubtSettled':
      return event.verdict;
    default:
      return undefined;
  }
}

/** A worker's commands on one attempt of a phase; every report carries the same evidence hash. */
export function worker(phase: string, fence = 1, attempt = 1) {
  const on = (step: string) => ({ phase, step, fence }) as const;
  const tried = { evidence: 'hash', ms: 5 } as const;
  return {
    begin: { type: 'Begin', phase, attempt, worker: `worker-${fence}` },
    beginApply: (step = 'one') => ({ type: 'BeginApply', ...on(step) }),
    satisfied: (step = 'one') => ({ type: 'Satisfied', ...on(step), ...tried }),
    changed: (step = 'one') => ({ type: 'Changed', ...on(step), ...tried }),
    failed: (step = 'one', again = false) => ({
      type: 'Failed',
      ...on(step),
      ...tried,
      code: 'timed-out',
      because: 'No answer in 5 s.',
      again,
    }),
    doubt: (step = 'one') => ({ type: 'Doubt', ...on(step), ...tried, because: 'The check cannot tell.' }),
    confirm: (step = 'one', groups: readonly string[] = ['ops']) => ({
      type: 'Ask',
      ...on(step),
      question: { kind: 'confirm', prompt: 'Is it up?', groups },
    }),
    signOff: (step = 'one', groups: readonly string[] = ['ops', 'qa']) => ({
      type: 'Ask',
      ...on(step),
      question: { kind: 'sign-off', prompt: 'Is it good?', groups },
    }),
    wait: (until: Instant, step = 'one') => ({ type: 'Wait', ...on(step), until }),
    end: { type: 'End', phase, fence },
  } as const satisfies Record<string, Command | ((...args: never[]) => Command)>;
}

/** What people do, as commands. */
export const approve = (phase: string, by: Person, digest = 'digest-1'): Command => ({
  type: 'Approve',
  phase,
  by,
  digest,
});
export const reject = (phase: string, by: Person, reason = 'not today'): Command => ({
  type: 'Reject',
  phase,
  by,
  reason,
  digest: 'digest-1',
});
export const answer = (phase: string, by: Person, step = 'one', text = 'seen'): Command => ({
  type: 'Answer',
  phase,
  step,
  by,
  text,
});
export const skip = (phase: string, by: Person, step = 'one', reason = 'known fault'): Command => ({
  type: 'Skip',
  phase,
  step,
  by,
  reason,
});
export const settle = (
  phase: string,
  by: Person,
  verdict: 'done' | 'again' = 'done',
  reason = 'I looked',
  step = 'one',
): Command => ({
  type: 'Settle',
  phase,
  step,
  by,
  verdict,
  reason,
});
export const retry = (phase: string, by: Person): Command => ({ type: 'Retry', phase, by });
export const abort = (by: Person, reason = 'wrong day'): Command => ({ type: 'Abort', by, reason });
export const rollBack = (by: Person, reason = 'it burns'): Command => ({
  type: 'RollBack',
  by,
  reason,
  rollback: 'rollback-1',
});
export const revise = (
  outline: readonly OutlinePhase[],
  more: Partial<WhatRuns> = {},
  by: Person = alice,
): Command => ({
  type: 'Revise',
  by,
  changes: ['parameter PORT changed'],
  ...whatRuns(outline, { digest: 'digest-2', ...more }),
});
