import { canonical } from '../canonical.ts';
import { runRules } from '../engine/run-rules.ts';
import { incidentRules } from '../response/incident-rules.ts';
import { reportRules } from '../response/report-rules.ts';
import { walkthroughRules } from '../response/walkthrough-rules.ts';
import type { Link } from '../store/chain.ts';

/** The kinds of streams whose records are proven. */
export const provenKinds = ['run', 'walkthrough', 'incident', 'report'] as const;

/** What makes a state of the events of each of them. */
const replays: Readonly<Record<string, (state: unknown, event: unknown) => unknown>> = Object.fromEntries(
  [runRules, walkthroughRules, incidentRules, reportRules].map(({ kind, evolve }) => [
    kind,
    // Only Slipway writes events, and the chain proves that these are they.
    evolve as (state: unknown, event: unknown) => unknown,
  ]),
);

/** Whether a state is what the events of its stream make of it. */
export function isReplayed(kind: string, events: readonly Link[], state: unknown): boolean {
  const evolve = replays[kind];
  if (evolve === undefined) throw new RangeError(`records of the kind ${kind} are not replayed`);
  const replayed = events.reduce<unknown>(
    (before, { type, at, data }) => evolve(before, { ...data, type, at }),
    undefined,
  );
  return canonical(replayed) === canonical(state);
}
