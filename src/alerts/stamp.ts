import type { Stamp } from './alert.ts';
import type { Instant } from './group.ts';

const rfc3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,30}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

const first = '0001-01-01T00:00:00.000000000Z';
const last = '9999-12-31T23:59:59.999999999Z';

/**
 * Reads a time of RFC 3339 with any offset and any fraction of a second (beyond nanoseconds it is cut), or gives undefined when
 * the text is none. A time that its offset carries out of the years 1 to 9999 becomes the first or the last nanosecond of them.
 */
export function readStamp(text: string): Stamp | undefined {
  const found = rfc3339.exec(text);
  if (found === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', sign = '+', ahead = '0', andMinutes = '0'] =
    found;
  const at = new Date(0);
  // Date.UTC takes the years 0 to 99 for those of the last century.
  at.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const isDay = at.getUTCMonth() === Number(month) - 1 && at.getUTCDate() === Number(day);
  // A leap second is the 60th.
  const isTime = Number(hour) <= 23 && Number(minute) <= 59 && Number(second) <= 60;
  if (!isDay || !isTime || Number(ahead) > 23 || Number(andMinutes) > 59) return undefined;
  const offset = (Number(ahead) * 60 + Number(andMinutes)) * (sign === '-' ? -1 : 1);
  at.setUTCHours(Number(hour), Number(minute) - offset, Number(second));
  if (at.getUTCFullYear() < 1) return first;
  if (at.getUTCFullYear() > 9999) return last;
  return `${at.toISOString().slice(0, 19)}.${fraction.slice(0, 9).padEnd(9, '0')}Z`;
}

/** The zero time of Go, by which Alertmanager says that there is none (https://pkg.go.dev/time#Time.IsZero). */
export function isZero(stamp: Stamp): boolean {
  return stamp === first;
}

/** An instant as a stamp. */
export function stampOf(instant: Instant): Stamp {
  return `${new Date(instant).toISOString().slice(0, 23)}000000Z`;
}

/** A stamp in milliseconds since 1970; what is finer is cut. */
export function instantOf(stamp: Stamp): Instant {
  return Date.parse(`${stamp.slice(0, 23)}Z`);
}
