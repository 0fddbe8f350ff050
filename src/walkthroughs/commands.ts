import type { ReasonCode } from '../errors.ts';
import type { Walkthrough } from './walkthrough.ts';

/** A Slack user as looked up at the moment of the click: whether they may run steps of runbooks. */
export interface Walker {
  readonly id: string;
  readonly mayRun: boolean;
}

/** What is asked of an opened runbook. */
export type WalkthroughCommand =
  | ({ readonly type: 'Open'; readonly by: string } & Pick<
      Walkthrough,
      'id' | 'runbook' | 'tasks' | 'steps' | 'place' | 'alert' | 'incident' | 'environment' | 'labels'
    >)
  | { readonly type: 'ShowWhole'; readonly by: string }
  | { readonly type: 'Tick'; readonly task: string; readonly finding?: string; readonly by: string }
  | { readonly type: 'Untick'; readonly task: string; readonly by: string }
  | { readonly type: 'Remark'; readonly part?: string; readonly text: string; readonly by: string }
  /** A read-only step runs at once; one that may change something waits for a second person. */
  | { readonly type: 'Run'; readonly step: string; readonly by: Walker }
  /** `number` is the run that the button showed. */
  | { readonly type: 'Approve'; readonly step: string; readonly number: number; readonly by: Walker }
  | { readonly type: 'Decline'; readonly step: string; readonly number: number; readonly by: Walker }
  /** A worker takes the run up; an earlier one that still writes has lost it. */
  | { readonly type: 'Begin'; readonly step: string; readonly number: number }
  | ({
      readonly type: 'Report';
      readonly step: string;
      readonly number: number;
      readonly attempt: number;
    } & Outcome);

/** What a worker says of a run. */
export type Outcome =
  | { readonly outcome: 'applying' }
  | { readonly outcome: 'satisfied' | 'changed'; readonly evidence: string }
  | {
      readonly outcome: 'failed';
      readonly code: ReasonCode;
      readonly because: string;
      readonly evidence?: string;
    }
  | { readonly outcome: 'in-doubt'; readonly because: string; readonly evidence: string };
