import { mentions } from './decide-gate.ts';
import type { Decision } from './decision.ts';
import { accept, refuse } from './decision.ts';
import type { Instant, Person } from './deployment.ts';

/** Who keeps others from deploying, why, and until when; a lock after a rollback names the run. */
export interface Lock {
  readonly by: string;
  readonly reason: string;
  readonly at: Instant;
  readonly until?: Instant;
  readonly run?: string;
}

/** An environment's own state. */
export interface EnvironmentState {
  readonly environment: string;
  readonly lock?: Lock;
}

export type EnvironmentCommand =
  | {
      readonly type: 'Lock';
      readonly by: Person;
      readonly environment: string;
      readonly reason: string;
      readonly until?: Instant;
      readonly run?: string;
    }
  | { readonly type: 'Unlock'; readonly by: Person; readonly reason: string };

export type EnvironmentEvent = { readonly at: Instant; readonly by: string } & (
  | ({ readonly type: 'Locked'; readonly environment: string } & Omit<Lock, 'by' | 'at'>)
  | { readonly type: 'Unlocked'; readonly reason: string }
);

/** The lock that holds now, if any. */
export function lockAt(environment: EnvironmentState | undefined, now: Instant): Lock | undefined {
  const lock = environment?.lock;
  return lock !== undefined && (lock.until === undefined || now < lock.until) ? lock : undefined;
}

/** Rules for locks: a reason is always given, nobody takes a lock silently, and one left by a rollback asks for the cause. */
export function decideEnvironment(
  environment: EnvironmentState | undefined,
  command: EnvironmentCommand,
  now: Instant,
): Decision<EnvironmentEvent> {
  const lock = lockAt(environment, now);
  const { by } = command;
  if (command.type === 'Lock') {
    if (command.run === undefined) {
      if (!by.may.includes('lock')) return refuse('not-allowed', 'Locking needs the right to lock.');
      if (command.reason.trim() === '')
        return refuse('reason-required', 'Say why: `/deploy lock production <reason>`.');
      if (lock !== undefined && lock.by !== by.id) return refuse('environment-locked', heldBy(lock));
    }
    const { environment: name, reason, until, run } = command;
    const span = until === undefined ? {} : { until };
    const cause = run === undefined ? {} : { run };
    return accept({ type: 'Locked', environment: name, by: by.id, at: now, reason, ...span, ...cause });
  }
  if (lock === undefined) return refuse('not-locked');
  if (!by.may.includes('lock')) return refuse('not-allowed', 'Unlocking needs the right to lock.');
  if (lock.run !== undefined && command.reason.trim() === '') {
    return refuse(
      'reason-required',
      'It was rolled back: write the cause, `/deploy unlock production <cause>`.',
    );
  }
  return accept({ type: 'Unlocked', by: by.id, at: now, reason: command.reason });
}

/** A lock as a sentence. */
export function heldBy({ by, reason }: Lock): string {
  return `${mentions([by])} holds the lock: ${reason}`;
}

export function evolveEnvironment(
  environment: EnvironmentState | undefined,
  event: EnvironmentEvent,
): EnvironmentState {
  if (event.type === 'Locked') {
    const { type: _, environment: name, ...lock } = event;
    return { environment: name, lock };
  }
  return { environment: environment?.environment ?? '' };
}
