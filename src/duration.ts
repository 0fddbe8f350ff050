import { z } from 'zod';

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

const written = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** A span of time written as in CI files (`500ms`, `30s`, `10m`, `2h`, `7d`), parsed to milliseconds. */
export const Duration = z
  .string()
  .regex(written, 'a duration such as 30s, 10m, 2h or 7d')
  .transform((text) => milliseconds(text));

/** Milliseconds of a written duration; throws a RangeError for anything that `Duration` would refuse. */
export function milliseconds(text: string): number {
  const [, amount, unit] = written.exec(text) ?? [];
  if (amount === undefined || unit === undefined) throw new RangeError(`not a duration: ${text}`);
  return Math.round(Number(amount) * units[unit as keyof typeof units]);
}

/** A span in milliseconds as people read it: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`, `6 d 4 h`. */
export function readable(span: number): string {
  if (span < 10_000) return `${(Math.round(span / 100) / 10).toString()} s`;
  const seconds = Math.round(span / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return pair(minutes, 'min', seconds % 60, 's');
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return pair(hours, 'h', minutes % 60, 'min');
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function pair(major: number, majorUnit: string, minor: number, minorUnit: string): string {
  return minor === 0 ? `${major} ${majorUnit}` : `${major} ${majorUnit} ${minor} ${minorUnit}`;
}
