import type { Press } from '../block.ts';

/** One thing that waits on a person: a line of mrkdwn, and the buttons with which they can do it here. */
export interface Waiting {
  readonly line: string;
  readonly press: readonly Press[];
}
