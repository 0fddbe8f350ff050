import type { Instant } from './group.ts';
import type { Rotation } from './settings.ts';
import { faceAt, faceOf, instantOf } from './wall-clock.ts';

/** Who is on call, from whom they hand over to, and when. */
export interface Turn {
  /** Absent before the schedule begins. */
  readonly now?: string;
  /** Who is on call from `until` on, or, with a gap before the start, after it; the same person when there is nobody else. */
  readonly next: string;
  readonly until: Instant;
}

interface Span {
  readonly person?: string;
  readonly until: Instant;
}

const dayMs = 86_400_000;

/**
 * Who is on call at an instant. Turns change at the time of day of `start` on the wall clock of the zone, every `days` days, also
 * across changes of the clocks; an override takes precedence over them, and of two the later in the list. Spans of the same
 * person in a row are one: `until` is when somebody else takes over. Throws a RangeError for a start or override that no calendar has.
 */
export function onCallAt(rotation: Rotation, at: Instant): Turn {
  const first = spanAt(rotation, at);
  let after = spanAt(rotation, first.until);
  let until = first.until;
  // Longer than this only one and the same person can be on call.
  let more = rotation.people.length + 2 * rotation.overrides.length + 2;
  for (; after.person === first.person; more -= 1) {
    if (more === 0) return turn(first.person, first.person ?? '', first.until);
    until = after.until;
    after = spanAt(rotation, until);
  }
  // Between an override and the start there may be nobody.
  const next = after.person ?? onCallAt(rotation, until).next;
  return turn(first.person, next, until);
}

function turn(now: string | undefined, next: string, until: Instant): Turn {
  return { ...(now !== undefined && { now }), next, until };
}

/** Who is on call at an instant, and until when that holds by the same turn or override. */
function spanAt(rotation: Rotation, at: Instant): Span {
  const { timeZone, overrides } = rotation;
  const spans = overrides.map(({ from, to, person }) => ({
    person,
    from: instantOf(timeZone, faceIn(from)),
    to: instantOf(timeZone, faceIn(to)),
  }));
  const over = spans.findLastIndex(({ from, to }) => from <= at && at < to);
  const mine = spans[over] ?? regularAt(rotation, at);
  // Whatever begins meanwhile and would win ends it.
  const begins = spans.slice(over + 1).filter(({ from, to }) => from > at && from < to);
  const until = Math.min(mine.to, ...begins.map(({ from }) => from));
  return { ...(mine.person !== undefined && { person: mine.person }), until };
}

function regularAt(
  { timeZone, start, days, people }: Rotation,
  at: Instant,
): { person?: string; to: Instant } {
  const face = faceIn(start);
  const begins = (number: number) => instantOf(timeZone, face + number * days * dayMs);
  if (at < begins(0)) return { to: begins(0) };
  let number = Math.max(0, Math.floor((faceAt(timeZone, at) - face) / (days * dayMs)));
  // When clocks go back, the face shows again what it showed before the turn began.
  while (at >= begins(number + 1)) number += 1;
  const person = people[number % people.length];
  return { ...(person !== undefined && { person }), to: begins(number + 1) };
}

function faceIn(local: string): number {
  const face = faceOf(local);
  if (face === undefined) throw new RangeError(`there is no ${local} in any calendar`);
  return face;
}
