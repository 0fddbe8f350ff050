import type { Instant } from './incident.ts';

/** Writes times to the second in UTC, and in a zone beside it. */
export interface Clock {
  readonly time: (at: Instant) => string;
}

/** A clock of a zone; throws a RangeError when the zone is none. Source of the names: https://www.iana.org/time-zones */
export function clockIn(zone: string): Clock {
  const local = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  return {
    time: (at) => {
      const date = new Date(at);
      if (Number.isNaN(date.getTime())) return 'an unknown time';
      const utc = date
        .toISOString()
        .replace(/\.\d+Z$/, '')
        .replace('T', ' ');
      const there = local.format(date);
      if (there === utc) return `${utc} UTC`;
      const isSameDay = there.slice(0, 10) === utc.slice(0, 10);
      return `${utc} UTC (${isSameDay ? there.slice(11) : there} ${zone})`;
    },
  };
}
