import type { Runs } from '../engine/runs.ts';
import type { Runbook } from '../runbooks/runbook.ts';
import type { Handled } from '../store/handle.ts';
import { handle } from '../store/handle.ts';
import { load } from '../store/streams.ts';
import type { WalkthroughCommand } from '../walkthroughs/commands.ts';
import type { WalkthroughEvent } from '../walkthroughs/events.ts';
import type { Walkthrough } from '../walkthroughs/walkthrough.ts';
import { walkthroughRules } from './walkthrough-rules.ts';

/** What a runbook is opened for: equal ones are one walkthrough. */
export interface Opening
  extends Pick<Walkthrough, 'place' | 'alert' | 'incident' | 'environment' | 'labels'> {
  readonly runbook: Runbook;
  readonly by: string;
  /** Tells apart what may be opened twice, such as the id of the command that was typed. */
  readonly key: string;
}

/** Opened runbooks as everything else in the process sees them: commands in, states out. */
export interface Walkthroughs {
  readonly open: (opening: Opening) => Promise<Handled<Walkthrough, WalkthroughEvent>>;
  /** Brings a command to one and commits before it returns. */
  readonly handle: (
    walkthrough: string,
    command: WalkthroughCommand,
  ) => Promise<Handled<Walkthrough, WalkthroughEvent>>;
  readonly find: (walkthrough: string) => Promise<Walkthrough | undefined>;
  /** Its own copy of the runbook. */
  readonly runbookOf: (walkthrough: Walkthrough) => Promise<Runbook>;
}

/** Binds the rules of opened runbooks to the store; steps run with the values and hosts of an environment of `runs`. */
export function openWalkthroughs({ parts }: Runs): Walkthroughs {
  const { pool, now, nudge } = parts;
  const handleOne: Walkthroughs['handle'] = async (walkthrough, command) => {
    const handled = await handle(pool, walkthroughRules, walkthrough, command, now());
    if (handled.ok && handled.events.length > 0) nudge(handled.due ?? now());
    return handled;
  };
  return {
    open: async () => {
      throw new RangeError('a runbook cannot be opened yet');
    },
    handle: handleOne,
    find: async (walkthrough) => (await load<Walkthrough>(pool, walkthrough))?.state,
    runbookOf: async () => {
      throw new RangeError('a runbook cannot be opened yet');
    },
  };
}
