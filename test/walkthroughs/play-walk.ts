import type { Decision } from '../../src/deploy/decision.ts';
import type { Walker, WalkthroughCommand } from '../../src/walkthroughs/commands.ts';
import { decideWalkthrough } from '../../src/walkthroughs/decide.ts';
import type { WalkthroughEvent } from '../../src/walkthroughs/events.ts';
import { evolveWalkthrough } from '../../src/walkthroughs/evolve.ts';
import type { Walkthrough } from '../../src/walkthroughs/walkthrough.ts';

/** 12:00 UTC on a Sunday. */
export const noon = Date.UTC(2026, 10, 22, 12);

export const minute = 60_000;

/** Two who may run steps, and one who may not. */
export const carol: Walker = { id: 'U0CAROL', mayRun: true };
export const bob: Walker = { id: 'U0BOB', mayRun: true };
export const alice: Walker = { id: 'U0ALICE', mayRun: false };

/** Opens a runbook with two tasks, a step that looks, one that changes something, and one that cannot be run. */
export const opening = {
  type: 'Open',
  id: 'walk-0123456789abcdef',
  runbook: { name: 'disk-full', title: 'Disk full', hash: 'f'.repeat(64), owner: 'platform' },
  tasks: ['t1', 't2'],
  steps: {
    s1: { changes: false },
    s2: { changes: true },
    s3: { changes: true, cannot: 'There is no step host/magic.' },
  },
  place: { channel: 'C0ALERTS', thread: '1.2' },
  alert: { group: 'group-0123456789abcdef', round: 1 },
  environment: 'production',
  labels: { alertname: 'DiskWillFill' },
  by: 'U0ALICE',
} as const satisfies WalkthroughCommand;

/** What a command does to a walkthrough a number of minutes after noon. */
export function decided(
  before: Walkthrough | undefined,
  command: WalkthroughCommand,
  minutes = 0,
): Decision<WalkthroughEvent> {
  return decideWalkthrough(before, command, noon + minutes * minute);
}

/** The walkthrough after commands that come a minute apart from noon; refused ones change nothing. */
export function walkAfter(...commands: readonly WalkthroughCommand[]): Walkthrough {
  const end = [opening, ...commands].reduce<Walkthrough | undefined>(
    (state, command, index) => applied(state, decided(state, command, index)),
    undefined,
  );
  if (end === undefined) throw new Error('it was not opened');
  return end;
}

/** The state after a decision. */
export function applied(
  before: Walkthrough | undefined,
  decision: Decision<WalkthroughEvent>,
): Walkthrough | undefined {
  return decision.ok ? decision.events.reduce<Walkthrough | undefined>(evolveWalkthrough, before) : before;
}

/** A person asks to run a step. */
export function run(step: string, by: Walker = carol): WalkthroughCommand {
  return { type: 'Run', step, by };
}
