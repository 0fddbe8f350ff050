import type { Pool } from 'pg';
import type { Decision, Refusal } from '../deploy/decision.ts';
import type { Job } from '../deploy/jobs.ts';
import type { Change, Kept, Loaded } from './streams.ts';
import { append, load } from './streams.ts';

/** The rules of one kind of stream; all functions are pure. */
export interface Rules<State, Command, Event extends { readonly type: string; readonly at: number }> {
  readonly kind: string;
  decide(state: State | undefined, command: Command, now: number): Decision<Event>;
  evolve(state: State | undefined, event: Event): State;
  react(before: State | undefined, after: State): readonly Job[];
  hasEnded(state: State): boolean;
  /** What the stream alone may hold while it is in this state, or null. */
  holds(state: State): string | null;
  /** How long Slack may lag behind these events, in milliseconds, so that many become one redraw. */
  drawDelay(events: readonly Event[]): number;
}

/** What came of a command: the state after it (`events` is empty when nothing had to change), or why not. */
export type Handled<State, Event> =
  | { readonly ok: true; readonly state: State; readonly events: readonly Event[] }
  | { readonly ok: false; readonly refusal: Refusal; readonly state: State | undefined };

/** What is kept beside the stream in the same transaction. */
export interface Beside {
  readonly evidence?: readonly Kept[];
  readonly plans?: readonly Kept[];
}

/** A decision made on a loaded stream: the change to append, or the refusal. */
export function change<State, Command, Event extends { readonly type: string; readonly at: number }>(
  rules: Rules<State, Command, Event>,
  stream: string,
  loaded: Loaded<State> | undefined,
  command: Command,
  now: number,
  beside: Beside = {},
): { readonly handled: Handled<State, Event>; readonly change?: Change } {
  const before = loaded?.state;
  const decision = rules.decide(before, command, now);
  if (!decision.ok) return { handled: { ok: false, refusal: decision.refusal, state: before } };
  const { events } = decision;
  const after = events.reduce<State | undefined>((state, event) => rules.evolve(state, event), before);
  if (after === undefined) {
    return { handled: { ok: false, refusal: { code: 'run-not-found', detail: stream }, state: undefined } };
  }
  const handled = { ok: true as const, state: after, events };
  if (events.length === 0) return { handled };
  return {
    handled,
    change: {
      stream,
      kind: rules.kind,
      from: { version: loaded?.version ?? 0, hash: loaded?.hash ?? '' },
      state: after,
      events,
      ended: rules.hasEnded(after),
      holds: rules.holds(after),
      jobs: rules.react(before, after),
      drawAt: now + rules.drawDelay(events),
      evidence: beside.evidence ?? [],
      plans: beside.plans ?? [],
    },
  };
}

/**
 * Brings one command to one stream: load, decide, append, and again when somebody else was faster. Commits before it
 * returns. `held` becomes the refusal `environment-busy`.
 */
export async function handle<State, Command, Event extends { readonly type: string; readonly at: number }>(
  pool: Pool,
  rules: Rules<State, Command, Event>,
  stream: string,
  command: Command,
  now: number,
  beside: Beside = {},
): Promise<Handled<State, Event>> {
  for (;;) {
    const loaded = await load<State>(pool, stream);
    const made = change(rules, stream, loaded, command, now, beside);
    if (made.change === undefined) return made.handled;
    const appended = await append(pool, [made.change]);
    if (appended === 'appended') return made.handled;
    if (appended === 'held') {
      return { ok: false, refusal: { code: 'environment-busy', detail: '' }, state: loaded?.state };
    }
  }
}
