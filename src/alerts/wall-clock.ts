import type { Instant } from './group.ts';

/** What a clock on the wall of a time zone shows; `weekday` counts from 1, Monday, to 7, `minutes` from midnight. */
export interface WallClock {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly minutes: number;
}

const minute = 60_000;
const written = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})$/;

// Making one costs a hundred times more than using it.
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(timeZone, made);
  return made;
}

/** Whether this is a time zone of the IANA database that this Node knows, such as Europe/Berlin. */
export function isTimeZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Local wall clock `2026-11-02T09:00` as the milliseconds that UTC would have with the same face; undefined for what no calendar has. */
export function faceOf(local: string): number | undefined {
  const [, ...parts] = written.exec(local) ?? [];
  const [year = 0, month = 0, day = 0, hour = 0, minutes = 0] = parts.map(Number);
  const face = Date.UTC(year, month - 1, day, hour, minutes);
  const same = parts.length > 0 && new Date(face).toISOString().slice(0, 16) === local;
  return same ? face : undefined;
}

/** What the wall clock shows at an instant, as the milliseconds that UTC would have with the same face. */
export function faceAt(timeZone: string, at: Instant): number {
  const part: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(at)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute: minutes = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minutes, second) + (((at % 1_000) + 1_000) % 1_000);
}

/** What a clock in the zone shows at an instant. */
export function wallClock(timeZone: string, at: Instant): WallClock {
  const face = new Date(faceAt(timeZone, at));
  return {
    year: face.getUTCFullYear(),
    month: face.getUTCMonth() + 1,
    day: face.getUTCDate(),
    weekday: face.getUTCDay() === 0 ? 7 : face.getUTCDay(),
    minutes: face.getUTCHours() * 60 + face.getUTCMinutes(),
  };
}

/**
 * When a wall clock shows a face. A time that comes twice, when clocks go back, is the first of the two; one that is left out,
 * when they go forward, is the moment at which they do: so a later face is never an earlier instant.
 */
export function instantOf(timeZone: string, face: number): Instant {
  const offsetAt = (at: Instant) => faceAt(timeZone, at) - at;
  // No zone is further from UTC than 14 hours, nor changes its clocks twice within these days.
  const [early, late] = [face - 36 * 60 * minute, face + 36 * 60 * minute];
  const candidates = [offsetAt(early), offsetAt(late)].map((offset) => face - offset);
  const found = candidates.filter((at) => faceAt(timeZone, at) === face).sort((a, b) => a - b)[0];
  if (found !== undefined) return found;
  let [before, after] = [early, late];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (faceAt(timeZone, middle) < face) before = middle;
    else after = middle;
  }
  return after;
}
