import type { Rules } from '../store/handle.ts';
import type { WalkthroughCommand } from '../walkthroughs/commands.ts';
import { decideWalkthrough } from '../walkthroughs/decide.ts';
import type { WalkthroughEvent } from '../walkthroughs/events.ts';
import { evolveWalkthrough } from '../walkthroughs/evolve.ts';
import { reactWalkthrough, walkthroughJobs } from '../walkthroughs/jobs.ts';
import type { Walkthrough } from '../walkthroughs/walkthrough.ts';

/** The rules of opened runbooks, as streams are kept. One that waits for nothing is refilled from nothing. */
export const walkthroughRules: Rules<Walkthrough, WalkthroughCommand, WalkthroughEvent> = {
  kind: 'walkthrough',
  decide: decideWalkthrough,
  evolve: evolveWalkthrough,
  react: reactWalkthrough,
  hasEnded: (walkthrough) => walkthroughJobs(walkthrough).length === 0,
  holds: () => null,
  drawDelay: () => 0,
};
