import type { Rules } from '../store/handle.ts';
import type { WalkthroughCommand } from '../walkthroughs/commands.ts';
import { decideWalkthrough } from '../walkthroughs/decide.ts';
import type { WalkthroughEvent } from '../walkthroughs/events.ts';
import { evolveWalkthrough } from '../walkthroughs/evolve.ts';
import { isAtWork, reactWalkthrough } from '../walkthroughs/jobs.ts';
import type { Walkthrough } from '../walkthroughs/walkthrough.ts';

/** The rules of opened runbooks, as streams are kept. One in which nothing runs and nobody is asked is at rest. */
export const walkthroughRules: Rules<Walkthrough, WalkthroughCommand, WalkthroughEvent> = {
  kind: 'walkthrough',
  decide: decideWalkthrough,
  evolve: evolveWalkthrough,
  react: reactWalkthrough,
  hasEnded: ({ runs }) => !Object.values(runs).some((run) => isAtWork(run) || run.status === 'asked'),
  holds: () => null,
  drawDelay: () => 0,
};
