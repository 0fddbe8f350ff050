import type { Outcome } from './commands.ts';
import type { Instant, Walkthrough } from './walkthrough.ts';

type Happened =
  | ({ readonly type: 'RunbookOpened'; readonly by: string } & Pick<
      Walkthrough,
      'id' | 'runbook' | 'tasks' | 'steps' | 'place' | 'alert' | 'incident' | 'environment' | 'labels'
    >)
  | { readonly type: 'WholeShown'; readonly by: string }
  | { readonly type: 'Ticked'; readonly task: string; readonly finding?: string; readonly by: string }
  | { readonly type: 'Unticked'; readonly task: string; readonly by: string }
  | {
      readonly type: 'Remarked';
      readonly number: number;
      readonly part?: string;
      readonly text: string;
      readonly by: string;
    }
  | {
      readonly type: 'StepAsked';
      readonly step: string;
      readonly number: number;
      readonly by: string;
      /** Whether a second person must agree first. */
      readonly waits: boolean;
    }
  | { readonly type: 'StepApproved'; readonly step: string; readonly number: number; readonly by: string }
  | { readonly type: 'StepDeclined'; readonly step: string; readonly number: number; readonly by: string }
  | {
      readonly type: 'StepBegun';
      readonly step: string;
      readonly number: number;
      readonly attempt: number;
    }
  | ({ readonly type: 'StepReported'; readonly step: string; readonly number: number } & Outcome);

/** One thing that happened to an opened runbook; `at` is when, in milliseconds since 1970. */
export type WalkthroughEvent = Happened & { readonly at: Instant };

/** An event as the rules write it before it is given its time. */
export type UntimedWalkthroughEvent = Happened;
