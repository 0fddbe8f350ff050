import type { ReasonCode } from '../errors.ts';
import type { Before, Deployment, Instant, Outcome, Stop, WhatRuns } from './deployment.ts';
import type { Drift } from './drift.ts';
import type { Question } from './question.ts';

interface OnPhase {
  readonly phase: string;
}

interface OnStep extends OnPhase {
  readonly step: string;
}

interface Attempted extends OnStep {
  /** The hash under which this attempt's evidence is kept. */
  readonly evidence: string;
  /** How long the attempt took, in milliseconds. */
  readonly ms: number;
  readonly drift?: Drift;
}

interface ByPerson {
  readonly by: string;
  /** The groups that the person was in when it happened. */
  readonly groups: readonly string[];
}

type Happened =
  | ({ readonly type: 'RunRequested' } & ByPerson &
      WhatRuns &
      Pick<Deployment, 'id' | 'kind' | 'environment' | 'plan' | 'selfApproval'> &
      Before &
      Partial<Pick<Deployment, 'of' | 'severity' | 'reason'>>)
  | ({ readonly type: 'RunPrepared' } & WhatRuns)
  | ({ readonly type: 'RunRevised'; readonly by: string; readonly changes: readonly string[] } & WhatRuns)
  | ({ readonly type: 'GateOpened'; readonly expiresAt: Instant } & OnPhase)
  | ({ readonly type: 'Approved'; readonly digest: string } & OnPhase & ByPerson)
  | { readonly type: 'GatePassed'; readonly phase: string }
  | ({ readonly type: 'Rejected'; readonly reason: string } & OnPhase & ByPerson)
  | ({ readonly type: 'GateExpired' } & OnPhase)
  | ({ readonly type: 'GateReopened'; readonly expiresAt: Instant } & OnPhase & ByPerson)
  | ({ readonly type: 'PhaseQueued'; readonly attempt: number } & OnPhase)
  | ({ readonly type: 'PhaseBegun'; readonly fence: number; readonly worker: string } & OnPhase)
  | ({ readonly type: 'ApplyBegun' } & OnStep)
  | ({ readonly type: 'StepSatisfied' } & Attempted)
  | ({ readonly type: 'StepChanged' } & Attempted)
  | ({ readonly type: 'StepTried'; readonly code: ReasonCode; readonly because: string } & Attempted)
  | ({ readonly type: 'StepFailed'; readonly code: ReasonCode; readonly because: string } & Attempted)
  | ({ readonly type: 'StepDoubted'; readonly because: string } & Attempted)
  | ({ readonly type: 'StepAsked'; readonly question: Question } & OnStep)
  | ({ readonly type: 'StepWaiting'; readonly until: Instant } & OnStep)
  | ({ readonly type: 'Answered'; readonly group: string; readonly text: string } & OnStep & ByPerson)
  | ({ readonly type: 'DoubtSettled'; readonly verdict: 'done' | 'again'; readonly reason: string } & OnStep &
      ByPerson)
  | ({ readonly type: 'StepSkipped'; readonly reason: string } & OnStep & ByPerson)
  | ({ readonly type: 'RetryRequested' } & OnPhase & ByPerson)
  | ({ readonly type: 'PhaseSucceeded' } & OnPhase)
  | ({ readonly type: 'PhaseFailed' } & OnPhase)
  | ({ readonly type: 'PhasePaused' } & OnPhase)
  | ({ readonly type: 'PhaseStopped' } & OnPhase)
  | { readonly type: 'RunHeld'; readonly group: string; readonly name: string }
  | ({ readonly type: 'RunContinued'; readonly reason: string } & ByPerson)
  | ({ readonly type: 'IncidentLinked' } & NonNullable<Deployment['incident']>)
  | ({ readonly type: 'StopRequested' } & Pick<Stop, 'outcome' | 'reason' | 'rollback'> & ByPerson)
  | { readonly type: 'RunEnded'; readonly outcome: Outcome };

/** One thing that happened to a run; `at` is when, in milliseconds since 1970. */
export type Event = Happened & { readonly at: Instant };

/** An event as the rules write it before it is given its time. */
export type Untimed = Happened;
