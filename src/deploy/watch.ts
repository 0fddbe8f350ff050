import type { Decision } from './decision.ts';
import { accept } from './decision.ts';
import type { Instant } from './deployment.ts';
import type { Job } from './jobs.ts';

/** What one look at a step found; `because` says what was wrong. */
export interface Seen {
  readonly step: string;
  readonly ok: boolean;
  readonly because: string;
  /** The hash under which the look's evidence is kept. */
  readonly evidence: string;
}

/** The days after a deployment: which checks are looked at again, until when, and what was found. */
export interface Watch {
  readonly id: string;
  readonly run: string;
  readonly environment: string;
  readonly version: string;
  readonly startedAt: Instant;
  readonly until: Instant;
  /** Milliseconds between two looks. */
  readonly every: number;
  readonly nextAt: Instant;
  readonly looks: number;
  /** Looks at which something was wrong. */
  readonly bad: number;
  readonly last: readonly Seen[];
  readonly status: 'watching' | 'ended';
  readonly endedBecause?: string;
}

export type WatchCommand =
  | ({ readonly type: 'Watch'; readonly for: number } & Pick<
      Watch,
      'id' | 'run' | 'environment' | 'version' | 'every'
    >)
  | { readonly type: 'Look'; readonly due: Instant; readonly seen: readonly Seen[] }
  | { readonly type: 'EndWatch'; readonly because: string };

export type WatchEvent = { readonly at: Instant } & (
  | ({ readonly type: 'WatchBegun'; readonly until: Instant } & Pick<
      Watch,
      'id' | 'run' | 'environment' | 'version' | 'every'
    >)
  | { readonly type: 'Looked'; readonly seen: readonly Seen[]; readonly nextAt: Instant }
  | { readonly type: 'WatchEnded'; readonly because: string }
);

/** Rules of watching: one look for each time that is due, in order, and an end by itself. */
export function decideWatch(
  watch: Watch | undefined,
  command: WatchCommand,
  now: Instant,
): Decision<WatchEvent> {
  if (command.type === 'Watch') {
    if (watch !== undefined) return accept();
    const { type: _, for: span, ...about } = command;
    return accept({ type: 'WatchBegun', at: now, until: now + span, ...about });
  }
  if (watch === undefined || watch.status === 'ended') return accept();
  if (command.type === 'EndWatch') return accept({ type: 'WatchEnded', at: now, because: command.because });
  if (command.due !== watch.nextAt) return accept();
  const nextAt = now + watch.every;
  const looked: WatchEvent = { type: 'Looked', at: now, seen: command.seen, nextAt };
  return nextAt >= watch.until
    ? accept(looked, { type: 'WatchEnded', at: now, because: 'the time to watch is over' })
    : accept(looked);
}

export function evolveWatch(watch: Watch | undefined, event: WatchEvent): Watch {
  if (event.type === 'WatchBegun') {
    const { type: _, at, ...about } = event;
    return {
      ...about,
      startedAt: at,
      nextAt: at + event.every,
      looks: 0,
      bad: 0,
      last: [],
      status: 'watching',
    };
  }
  if (watch === undefined) throw new RangeError(`${event.type} cannot be a watch's first event`);
  if (event.type === 'WatchEnded') return { ...watch, status: 'ended', endedBecause: event.because };
  const isBad = event.seen.some(({ ok }) => !ok);
  return {
    ...watch,
    looks: watch.looks + 1,
    bad: watch.bad + (isBad ? 1 : 0),
    last: event.seen,
    nextAt: event.nextAt,
  };
}

/** The next look, as a timer that names the time it was set for. */
export function watchJobs(watch: Watch): readonly Job[] {
  if (watch.status === 'ended') return [];
  const { id, nextAt } = watch;
  return [
    {
      id: `${id}.look.${nextAt}`,
      queue: 'timers',
      name: 'look',
      data: { watch: id, due: nextAt },
      at: nextAt,
    },
  ];
}
