import type { Pool } from 'pg';
import type { Episode } from '../alerts/alert.ts';
import type { Decision, Refusal } from '../deploy/decision.ts';
import type { Job } from '../deploy/jobs.ts';
import { chain } from './chain.ts';
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
  /** What is drawn when the state changes: a board that many streams stand on; the stream itself when absent. */
  draws?(state: State): string;
}

/**
 * What came of a command: the state after it (`events` is empty when nothing had to change), or why not. `due` is when the
 * first of the jobs that follow may be handed to the queue, in milliseconds since 1970.
 */
export type Handled<State, Event> =
  | { readonly ok: true; readonly state: State; readonly events: readonly Event[]; readonly due?: number }
  | { readonly ok: false; readonly refusal: Refusal; readonly state: State | undefined };

/** What is kept beside the stream in the same transaction. */
export interface Beside {
  readonly evidence?: readonly Kept[];
  readonly plans?: readonly Kept[];
  readonly alerts?: readonly Episode[];
}

/** A decision made on a loaded stream: the change to append, or the refusal. */
export function change<State, Command, Event extends { readonly type: string; readonly at: number }>(
  rules: Rules<State, Command, Event>,
  stream: string,
  loaded: Loaded<State> | undefined,
  command: Command,
  now: number,
  beside: Beside = {},
): {
  readonly handled: Handled<State, Event>;
  readonly change?: Change;
  /** The stream once the change is appended. */
  readonly after?: Loaded<State>;
} {
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
  const from = { version: loaded?.version ?? 0, hash: loaded?.hash ?? '' };
  const links = chain(stream, from, events);
  const jobs = rules.react(before, after);
  const drawAt = now + rules.drawDelay(events);
  return {
    handled: { ...handled, due: jobs.length > 0 ? now : drawAt },
    change: {
      stream,
      kind: rules.kind,
      from,
      state: after,
      links,
      ended: rules.hasEnded(after),
      holds: rules.holds(after),
      jobs,
      drawAt,
      evidence: beside.evidence ?? [],
      plans: beside.plans ?? [],
      alerts: beside.alerts ?? [],
      draws: rules.draws?.(after) ?? stream,
    },
    after: { state: after, version: from.version + links.length, hash: links.at(-1)?.hash ?? from.hash },
  };
}

/** Streams as this process last saw them. */
export type Recent<State> = Map<string, Loaded<State>>;

/** A process works on few streams at a time, but it may run for years. */
const recentStreams = 50;

/**
 * Brings one command to one stream: load, decide, append, and again when somebody else was faster. Commits before it
 * returns. `held` becomes the refusal `environment-busy`. With `recent` the stream is not loaded where this process wrote
 * to it last; what would change nothing is always decided on the stream as it is.
 */
export async function handle<State, Command, Event extends { readonly type: string; readonly at: number }>(
  pool: Pool,
  rules: Rules<State, Command, Event>,
  stream: string,
  command: Command,
  now: number,
  beside: Beside = {},
  recent: Recent<State> = new Map(),
): Promise<Handled<State, Event>> {
  for (;;) {
    const known = recent.get(stream);
    const loaded = known ?? (await load<State>(pool, stream));
    recent.delete(stream);
    const made = change(rules, stream, loaded, command, now, beside);
    if (made.change === undefined) {
      if (known === undefined) return made.handled;
      continue;
    }
    const appended = await append(pool, [made.change]);
    if (appended === 'appended') {
      if (recent.size >= recentStreams) recent.clear();
      if (made.after !== undefined) recent.set(stream, made.after);
      return made.handled;
    }
    if (appended === 'held') {
      return { ok: false, refusal: { code: 'environment-busy', detail: '' }, state: loaded?.state };
    }
  }
}
