import type { ReasonCode } from '../errors.ts';
import type { Before, Deployment, Instant, Person, Resolved, WhatRuns } from './deployment.ts';
import type { Drift } from './drift.ts';
import type { Question } from './question.ts';

interface OnPhase {
  readonly phase: string;
}

interface OnStep extends OnPhase {
  readonly step: string;
}

/** What a worker says of the attempt that it holds; `fence` is the token it was given at `Begin`. */
interface ByWorker extends OnStep {
  readonly fence: number;
}

interface Attempted extends ByWorker {
  readonly evidence: string;
  readonly ms: number;
  readonly drift?: Drift;
}

interface ByPerson {
  readonly by: Person;
}

/** What is asked of a run, by people, workers and timers alike; `decide` turns each into events or a refusal. */
export type Command =
  | ({ readonly type: 'Request'; readonly members: Readonly<Record<string, readonly string[]>> } & ByPerson &
      WhatRuns &
      Before &
      Pick<Deployment, 'id' | 'environment' | 'plan' | 'selfApproval'>)
  | ({ readonly type: 'RequestRollback' } & ByPerson &
      Pick<Deployment, 'id' | 'environment' | 'plan' | 'version'> &
      Required<Pick<Deployment, 'of' | 'severity' | 'reason'>> &
      Resolved &
      Before)
  | ({ readonly type: 'Prepare' } & WhatRuns)
  | ({ readonly type: 'Revise'; readonly changes: readonly string[] } & Partial<ByPerson> & WhatRuns)
  | ({ readonly type: 'Approve'; readonly digest: string } & OnPhase & ByPerson)
  | ({ readonly type: 'Reject'; readonly digest: string; readonly reason: string } & OnPhase & ByPerson)
  | ({ readonly type: 'Expire'; readonly openedAt: Instant } & OnPhase)
  | ({ readonly type: 'Reopen' } & OnPhase & ByPerson)
  | ({ readonly type: 'Begin'; readonly attempt: number; readonly worker: string } & OnPhase)
  | ({ readonly type: 'BeginApply' } & ByWorker)
  | ({ readonly type: 'Satisfied' } & Attempted)
  | ({ readonly type: 'Changed' } & Attempted)
  | ({
      readonly type: 'Failed';
      readonly code: ReasonCode;
      readonly because: string;
      /** Whether the worker will try again by itself. */
      readonly again: boolean;
    } & Attempted)
  | ({ readonly type: 'Doubt'; readonly because: string } & Attempted)
  | ({ readonly type: 'Ask'; readonly question: Question } & ByWorker)
  | ({ readonly type: 'Wait'; readonly until: Instant } & ByWorker)
  | ({ readonly type: 'End'; readonly fence: number } & OnPhase)
  | ({ readonly type: 'Answer'; readonly text: string } & OnStep & ByPerson)
  | ({ readonly type: 'Settle'; readonly verdict: 'done' | 'again'; readonly reason: string } & OnStep &
      ByPerson)
  | ({ readonly type: 'Wake' } & OnPhase)
  | ({ readonly type: 'Retry' } & OnPhase & ByPerson)
  | ({ readonly type: 'Skip'; readonly reason: string } & OnStep & ByPerson)
  /** A critical alert opened in the environment; a plan that asks for it lets no further phase begin. */
  | { readonly type: 'Hold'; readonly group: string; readonly name: string }
  | ({ readonly type: 'Continue'; readonly reason: string } & ByPerson)
  /** An incident about this run has a channel; one that is declared later takes the place of an earlier one. */
  | {
      readonly type: 'LinkIncident';
      readonly incident: string;
      readonly number: number;
      readonly channel: string;
    }
  | ({ readonly type: 'Abort'; readonly reason: string } & ByPerson)
  | ({ readonly type: 'RollBack'; readonly reason: string; readonly rollback: string } & ByPerson);
