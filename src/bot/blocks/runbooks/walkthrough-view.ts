import type { Runbook } from '../../../runbooks/runbook.ts';
import type { Instant, Walkthrough } from '../../../walkthroughs/walkthrough.ts';

/** An opened runbook with what its messages show besides its state. */
export interface WalkthroughView {
  readonly walkthrough: Walkthrough;
  /** The copy of the runbook that was opened. */
  readonly runbook: Runbook;
  readonly now: Instant;
  /** What came back from runs, by its hash, as text that was redacted before; what is missing is left to **Output**. */
  readonly evidence: Readonly<Record<string, string>>;
}
