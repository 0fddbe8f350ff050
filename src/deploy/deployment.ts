import type { ReasonCode } from '../errors.ts';
import type { Drift } from './drift.ts';
import type { Severity } from './plan.ts';
import type { Answer, Question } from './question.ts';

/** Milliseconds since 1970. */
export type Instant = number;

/** What a person may do in an environment, apart from approving and answering, which gates and questions say themselves. */
export type Right = 'deploy' | 'rollback' | 'lock';

/** Who acts, as looked up at the moment of the click: the Slack user id, the groups they are in, and their rights here. */
export interface Person {
  readonly id: string;
  readonly groups: readonly string[];
  readonly may: readonly Right[];
}

/** Who must approve before a phase: a count for each group, and how long the gate stays open in milliseconds. */
export interface Gate {
  readonly approvals: Readonly<Record<string, number>>;
  readonly expires: number;
}

/** The part of a phase that the rules need; titles and parameters stay in the plan. */
export interface OutlinePhase {
  readonly id: string;
  readonly needs: readonly string[];
  readonly critical: boolean;
  /** Whether the steps run side by side instead of in order. */
  readonly parallel: boolean;
  readonly gate?: Gate;
  readonly steps: readonly string[];
}

/** What a version was found to be, where the environment has a source: a commit id, and an image's digest (`sha256:…`). */
export interface Resolved {
  readonly commit?: string;
  readonly image?: string;
}

/** What will run: `digest` covers version, commit, image, plan and parameters; `planHash` finds the run's own copy of the plan. */
export interface WhatRuns extends Resolved {
  readonly version: string;
  readonly planHash: string;
  readonly outline: readonly OutlinePhase[];
  readonly digest: string;
  /** A short keyed fingerprint of each variable and secret that the plan uses. */
  readonly fingerprints: Readonly<Record<string, string>>;
}

export interface Approval {
  readonly by: string;
  readonly groups: readonly string[];
  readonly digest: string;
  readonly at: Instant;
}

export interface GateState {
  readonly openedAt: Instant;
  readonly expiresAt: Instant;
  readonly approvals: readonly Approval[];
  readonly status: 'open' | 'approved' | 'rejected' | 'expired';
  /** Why earlier approvals no longer count. */
  readonly voided?: readonly string[];
}

export type StepStatus =
  | 'applying'
  | 'asking'
  | 'waiting'
  | 'in-doubt'
  | 'trying'
  | 'satisfied'
  | 'changed'
  | 'failed'
  | 'skipped';

export interface StepState {
  readonly status: StepStatus;
  readonly firstSeenAt: Instant;
  /** Failed attempts so far. */
  readonly tries: number;
  /** Hashes of the evidence of every attempt, oldest first. */
  readonly evidence: readonly string[];
  readonly code?: ReasonCode;
  readonly because?: string;
  readonly question?: Question;
  readonly answers: readonly Answer[];
  readonly until?: Instant;
  /** Set while an apply may have been cut off: only its check or a person can tell. */
  readonly doubt?: 'open' | 'done' | 'again';
  /** Set once an apply of this run has begun, whatever came of it, until the step is known to be changed. */
  readonly touched?: true;
  readonly by?: string;
  readonly reason?: string;
  /** How long the last attempt took, in milliseconds. */
  readonly ms?: number;
  /** Set when it was found changed since an earlier run. */
  readonly drift?: Drift;
}

export type PhaseStatus =
  | 'waiting'
  | 'gated'
  | 'queued'
  | 'running'
  | 'paused'
  | 'failed'
  | 'succeeded'
  | 'stopped';

export interface PhaseState {
  readonly status: PhaseStatus;
  /** How often the phase was queued; names its job. */
  readonly attempt: number;
  /** The token of the worker that holds the phase; an older token cannot write. */
  readonly fence: number;
  readonly gate?: GateState;
  readonly startedAt?: Instant;
  readonly endedAt?: Instant;
  readonly steps: Readonly<Record<string, StepState>>;
}

/** How a run ends; `partial` means that a non-critical phase failed or a step was skipped. */
export type Outcome = 'succeeded' | 'partial' | 'aborted' | 'rejected' | 'rolled-back';

/** Why a run is being stopped and by whom. */
export interface Stop {
  readonly outcome: 'aborted' | 'rejected' | 'rolled-back';
  readonly by: string;
  readonly reason: string;
  readonly at: Instant;
  /** The run that takes this one back. */
  readonly rollback?: string;
}

/** Alerts that opened in the environment during a run, for which no further phase begins until somebody says so. */
export interface Hold {
  readonly at: Instant;
  /** Ids of the alert groups, with their names. */
  readonly groups: Readonly<Record<string, string>>;
}

/** One run of a plan in an environment: a deployment, or the rollback of one. */
export interface Deployment extends WhatRuns {
  readonly id: string;
  readonly kind: 'deployment' | 'rollback';
  readonly environment: string;
  readonly plan: string;
  /** The version that was there before, as far as Slipway put it there. */
  readonly previous?: string;
  /** What that version was then, as far as it was looked up. */
  readonly previousCommit?: string;
  readonly previousImage?: string;
  readonly requestedBy: string;
  readonly requestedAt: Instant;
  readonly selfApproval: boolean;
  readonly status: 'preparing' | 'running' | 'stopping' | 'ended';
  readonly phases: Readonly<Record<string, PhaseState>>;
  readonly stop?: Stop;
  readonly hold?: Hold;
  /** The newest incident that is about the run: its stream, what people call it, and its channel. */
  readonly incident?: { readonly id: string; readonly number: number; readonly channel: string };
  readonly outcome?: Outcome;
  readonly endedAt?: Instant;
  /** For a rollback: the run it takes back, how bad it is, and why. */
  readonly of?: string;
  readonly severity?: Severity;
  readonly reason?: string;
}

/** The part of a run that says what its version is. */
export function resolvedOf({ commit, image }: Resolved): Resolved {
  return { ...(commit === undefined ? {} : { commit }), ...(image === undefined ? {} : { image }) };
}

/** What was there before a run, as far as Slipway put it there. */
export type Before = Pick<Deployment, 'previous' | 'previousCommit' | 'previousImage'>;

/** The part of a run that says what was there before it. */
export function beforeOf({ previous, previousCommit, previousImage }: Before): Before {
  return {
    ...(previous === undefined ? {} : { previous }),
    ...(previousCommit === undefined ? {} : { previousCommit }),
    ...(previousImage === undefined ? {} : { previousImage }),
  };
}

/** The state of a phase, which exists for every phase of the outline. */
export function phaseOf(run: Deployment, phase: string): PhaseState {
  const state = run.phases[phase];
  if (state === undefined) throw new RangeError(`${run.id} has no phase ${phase}`);
  return state;
}

/** Whether nothing of the step is left to do. */
export function isDone(step: StepState | undefined): boolean {
  return step?.status === 'satisfied' || step?.status === 'changed' || step?.status === 'skipped';
}
