import type { Instant } from './group.ts';
import type { QuietHours } from './settings.ts';
import { wallClock } from './wall-clock.ts';

/**
 * Whether an instant lies in quiet hours. They begin at `from` on each of their days and last until the clock next shows `to`,
 * on the same day or on the next: `days` are the days on which they begin. The clock is that of the zone, so hours are shorter
 * or longer in the night in which the clocks change.
 */
export function isQuiet({ timeZone, days, from, to }: QuietHours, at: Instant): boolean {
  const { weekday, minutes } = wallClock(timeZone, at);
  if (from < to) return days.includes(weekday) && minutes >= from && minutes < to;
  const yesterday = weekday === 1 ? 7 : weekday - 1;
  return (days.includes(weekday) && minutes >= from) || (days.includes(yesterday) && minutes < to);
}
