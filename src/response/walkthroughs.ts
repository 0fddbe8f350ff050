import { z } from 'zod';
import { sha256 } from '../canonical.ts';
import type { Runs } from '../engine/runs.ts';
import type { Runbook } from '../runbooks/runbook.ts';
import type { Beside, Handled } from '../store/handle.ts';
import { handle } from '../store/handle.ts';
import { evidenceOf } from '../store/record.ts';
import type { Kept } from '../store/streams.ts';
import { load } from '../store/streams.ts';
import { storable } from '../text.ts';
import type { WalkthroughCommand } from '../walkthroughs/commands.ts';
import type { WalkthroughEvent } from '../walkthroughs/events.ts';
import type { Walkthrough } from '../walkthroughs/walkthrough.ts';
import { runnables } from './runnables.ts';
import { walkValues } from './walk-values.ts';
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
  /** Opens a runbook, or gives the walkthrough that was opened for the same before, with no events. Throws `environment-unknown`. */
  readonly open: (opening: Opening) => Promise<Handled<Walkthrough, WalkthroughEvent>>;
  /** Brings a command to one and commits before it returns. */
  readonly handle: (
    walkthrough: string,
    command: WalkthroughCommand,
    beside?: Beside,
  ) => Promise<Handled<Walkthrough, WalkthroughEvent>>;
  readonly find: (walkthrough: string) => Promise<Walkthrough | undefined>;
  /** Its own copy of the runbook. */
  readonly runbookOf: (walkthrough: Walkthrough) => Promise<Runbook>;
}

/** Just enough of a stored copy is checked to know that it is one: only Slipway writes it. */
const StoredRunbook = z.custom<Runbook>(
  (value) =>
    z.object({ name: z.string(), title: z.string(), sections: z.array(z.unknown()) }).safeParse(value)
      .success,
);

/** A process sees few opened runbooks at a time, but it may run for years. */
const keptCopies = 50;

/** Binds the rules of opened runbooks to the store; steps run with the values and hosts of an environment of `runs`. */
export function openWalkthroughs(runs: Runs): Walkthroughs {
  const { pool, now, nudge, findStep } = runs.parts;
  const copies = new Map<string, Runbook>();
  const handleOne: Walkthroughs['handle'] = async (walkthrough, command, beside) => {
    const handled = await handle(pool, walkthroughRules, walkthrough, command, now(), beside);
    if (handled.ok && handled.events.length > 0) nudge(handled.due ?? now());
    return handled;
  };
  return {
    open: async ({ runbook, key, environment, labels, ...opening }) => {
      const id = walkthroughId(key, runbook);
      const { name, title, owner } = runbook;
      const copy = copyOf(runbook);
      const values = environment === undefined ? undefined : await walkValues(runs, environment);
      const command: WalkthroughCommand = {
        type: 'Open',
        id,
        runbook: { name, title, hash: copy.hash, ...(owner !== undefined && { owner }) },
        tasks: tasksOf(runbook),
        steps: runnables(runbook, { labels, values, findStep }),
        labels,
        ...(environment !== undefined && { environment }),
        ...opening,
      };
      return handleOne(id, command, { evidence: [copy] });
    },
    handle: handleOne,
    find: async (walkthrough) => (await load<Walkthrough>(pool, walkthrough))?.state,
    runbookOf: async ({ id, runbook: { hash } }) => {
      const known = copies.get(hash);
      if (known !== undefined) return known;
      const [kept] = await evidenceOf(pool, id, [hash]);
      const runbook = StoredRunbook.parse(kept?.body);
      if (copies.size >= keptCopies) copies.clear();
      copies.set(hash, runbook);
      return runbook;
    },
  };
}

/** The id of what a runbook is opened for. */
function walkthroughId(key: string, { name }: Runbook): string {
  return `walk-${sha256({ key, runbook: name }).slice(0, 16)}`;
}

/** A runbook as the record keeps it: what its YAML escapes wrote may be nothing that PostgreSQL takes. */
function copyOf(runbook: Runbook): Kept {
  const body: unknown = JSON.parse(JSON.stringify(runbook), (_key, value: unknown) => {
    if (typeof value === 'string') return storable(value);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [storable(key), inner]));
  });
  return { hash: sha256(body), body };
}

function tasksOf({ sections }: Runbook): readonly string[] {
  return sections.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === 'task' ? [part.id] : [])));
}
