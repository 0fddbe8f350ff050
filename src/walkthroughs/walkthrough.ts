import type { Labels } from '../alerts/alert.ts';
import type { ReasonCode } from '../errors.ts';

/** Milliseconds since 1970. */
export type Instant = number;

/** A runbook that somebody opened in Slack and goes through: its own copy, what was ticked, and what was run. */
export interface Walkthrough {
  /** `walk-` and 16 hexadecimal digits of the hash of what it was opened for, so that opening it twice is opening it once. */
  readonly id: string;
  readonly runbook: {
    readonly name: string;
    readonly title: string;
    /** The hash under which the copy of the runbook is kept beside the stream. */
    readonly hash: string;
    readonly owner?: string;
  };
  /** The ids of its task items. */
  readonly tasks: readonly string[];
  readonly steps: Readonly<Record<string, Runnable>>;
  /** Where it is shown: in a thread, or as a message of its own. */
  readonly place: { readonly channel: string; readonly thread?: string };
  /** The opening of an alert group that it was opened for. */
  readonly alert?: { readonly group: string; readonly round: number };
  /** The incident in whose channel it was opened. */
  readonly incident?: string;
  /** Whose values and hosts its steps use; without one nothing can be run. */
  readonly environment?: string;
  /** What the runbook's `{{ labels.… }}` stand for. */
  readonly labels: Labels;
  readonly openedBy: string;
  readonly openedAt: Instant;
  /** Whether somebody asked for more than Meaning and the first checks. */
  readonly isWhole: boolean;
  readonly ticks: Readonly<Record<string, Tick>>;
  readonly runs: Readonly<Record<string, StepRun>>;
  /** What was said to be wrong, the newest last, at most twenty. */
  readonly remarks: readonly Remark[];
  readonly remarksSoFar: number;
}

/** What running a step of the runbook means here: whether it may change something, or why it cannot be run. */
export interface Runnable {
  readonly changes: boolean;
  readonly cannot?: string;
}

/** A task that somebody did; `finding` is what they, or later `findingBy`, saw: at most 1000 characters. */
export interface Tick {
  readonly by: string;
  readonly at: Instant;
  readonly finding?: string;
  readonly findingBy?: string;
}

/** The newest run of a step. `number` counts the runs of this step from 1; `attempt` the workers that took it up, from 0. */
export interface StepRun {
  readonly number: number;
  readonly attempt: number;
  /**
   * `asked`: it changes something and waits for a second person; `queued` and `running`: at work; `applying`: it may have changed
   * something; `in-doubt`: a worker died while it was applying and looking cannot tell; `declined`: the second person said no.
   */
  readonly status:
    | 'asked'
    | 'queued'
    | 'running'
    | 'applying'
    | 'satisfied'
    | 'changed'
    | 'failed'
    | 'in-doubt'
    | 'declined';
  readonly by: string;
  readonly at: Instant;
  /** Who approved or declined it, and when. */
  readonly decidedBy?: string;
  readonly decidedAt?: Instant;
  readonly endedAt?: Instant;
  readonly code?: ReasonCode;
  readonly because?: string;
  /** The hash under which the evidence is kept beside the stream. */
  readonly evidence?: string;
}

/** "This step was wrong": about a task, a step or the whole (`part` is absent), for the runbook's owner. */
export interface Remark {
  readonly number: number;
  readonly part?: string;
  readonly text: string;
  readonly by: string;
  readonly at: Instant;
}
