import type { Instant } from './group.ts';
import { wallClock } from './wall-clock.ts';

/** One thing that happened to a group, as far as counting needs it. */
export interface Happening {
  readonly group: string;
  /** What people call the alert. */
  readonly name: string;
  readonly at: Instant;
  readonly what: 'opened' | 'acknowledged' | 'closed' | 'paged';
}

/** How long something took: how often it was seen, its mean and its 95th percentile in milliseconds. */
export interface Took {
  readonly count: number;
  readonly mean: number;
  readonly p95: number;
}

/** What alerts cost within a span of time. */
export interface AlertStats {
  readonly opened: number;
  /** From an opening to its first acknowledgement; openings that nobody acknowledged are not in it. */
  readonly toAcknowledge?: Took;
  readonly toResolve?: Took;
  /** Openings that closed by themselves before anybody acknowledged them. */
  readonly unattended: number;
  readonly pages: number;
  readonly pagesAtNight: number;
  /** The alerts that opened most often, at most ten, with the longest run of openings within an hour. */
  readonly noisiest: readonly { readonly name: string; readonly opened: number; readonly inAnHour: number }[];
}

const hour = 3_600_000;

/** Whether the clock on the wall shows between ten in the evening and seven in the morning. */
export function isNight(timeZone: string, at: Instant): boolean {
  const { minutes } = wallClock(timeZone, at);
  return minutes >= 22 * 60 || minutes < 7 * 60;
}

/** Counts what happened; the happenings of a group must be in their order. */
export function alertStats(happenings: readonly Happening[], timeZone: string): AlertStats {
  const toAcknowledge: number[] = [];
  const toResolve: number[] = [];
  const openings = new Map<string, Instant[]>();
  const open = new Map<string, { readonly at: Instant; isAttended: boolean }>();
  let unattended = 0;
  for (const { group, name, at, what } of happenings) {
    const round = open.get(group);
    if (what === 'opened') {
      open.set(group, { at, isAttended: false });
      openings.set(name, [...(openings.get(name) ?? []), at]);
    } else if (what === 'acknowledged' && round !== undefined && !round.isAttended) {
      round.isAttended = true;
      toAcknowledge.push(at - round.at);
    } else if (what === 'closed' && round !== undefined) {
      toResolve.push(at - round.at);
      if (!round.isAttended) unattended += 1;
      open.delete(group);
    }
  }
  const pages = happenings.filter(({ what }) => what === 'paged');
  return {
    opened: happenings.filter(({ what }) => what === 'opened').length,
    ...(toAcknowledge.length > 0 && { toAcknowledge: took(toAcknowledge) }),
    ...(toResolve.length > 0 && { toResolve: took(toResolve) }),
    unattended,
    pages: pages.length,
    pagesAtNight: pages.filter(({ at }) => isNight(timeZone, at)).length,
    noisiest: [...openings]
      .map(([name, times]) => ({ name, opened: times.length, inAnHour: mostInAnHour(times) }))
      .sort((a, b) => b.opened - a.opened || (a.name < b.name ? -1 : 1))
      .slice(0, 10),
  };
}

function took(spans: readonly number[]): Took {
  const sorted = [...spans].sort((a, b) => a - b);
  const mean = sorted.reduce((sum, span) => sum + span, 0) / sorted.length;
  return { count: sorted.length, mean, p95: sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0 };
}

function mostInAnHour(times: readonly Instant[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return Math.max(...sorted.map((from) => sorted.filter((at) => at >= from && at < from + hour).length));
}
