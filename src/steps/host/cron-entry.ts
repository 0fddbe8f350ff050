import { z } from 'zod';

interface Field {
  readonly name: string;
  readonly least: number;
  readonly greatest: number;
  /** Names in the order of their numbers, from the least on. */
  readonly words: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** The five fields, from crontab(5). */
const fields: readonly Field[] = [
  { name: 'minute', least: 0, greatest: 59, words: [] },
  { name: 'hour', least: 0, greatest: 23, words: [] },
  { name: 'day of the month', least: 1, greatest: 31, words: [] },
  { name: 'month', least: 1, greatest: 12, words: months },
  { name: 'day of the week', least: 0, greatest: 7, words: days },
];

const shorthands = [
  '@reboot',
  '@yearly',
  '@annually',
  '@monthly',
  '@weekly',
  '@daily',
  '@midnight',
  '@hourly',
];

/** A schedule as crontab(5) takes it: five fields, or one of the words such as `@daily`. */
export const CronSchedule = z
  .string()
  .superRefine((text, context) => {
    const fault = faultOf(text);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  })
  .meta({
    description:
      "five fields such as '0 2 * * *' (minute, hour, day, month, day of the week), or a word such as @daily",
  });

/** A command as one line, `%` as it is meant: cron would make line breaks of them, so they are escaped when it is written. */
export const CronCommand = z
  .string()
  .min(1)
  .max(900)
  .regex(/^[^\r\n\0]*$/, 'one line')
  .refine((text) => !text.includes('\\%'), 'plain % instead of \\%; the step escapes them');

/** A value that a line of crontab(5) can hold; the file is everybody's to read, so no secrets. */
export const CronValue = z
  .string()
  .regex(/^[^\r\n\0"]*$/, 'one line without double quotes')
  .meta({ description: 'not a secret: everybody on the host may read the file' });

/** What one file of /etc/cron.d says. */
interface CronEntry {
  readonly schedule: string;
  readonly user: string;
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The text of a file in /etc/cron.d; it ends with a line break, without which cron would not take the last line. */
export function cronFile({ schedule, user, command, env }: CronEntry): string {
  const values = Object.entries(env).map(([name, value]) => `${name}="${value}"\n`);
  return `${values.join('')}${schedule.trim().split(/\s+/).join(' ')} ${user} ${command.replaceAll('%', '\\%')}\n`;
}

function faultOf(text: string): string | undefined {
  if (text.startsWith('@')) {
    return shorthands.includes(text) ? undefined : `${text} is none of ${shorthands.join(', ')}`;
  }
  const parts = text.trim().split(/\s+/);
  if (parts.length !== fields.length) return `five fields, not ${parts.length}`;
  for (const [index, field] of fields.entries()) {
    const part = parts[index] ?? '';
    const isGood = part.split(',').every((item) => isRange(item, field));
    if (!isGood) return `${part} is no ${field.name} (${field.least}-${field.greatest}, ranges, lists, */n)`;
  }
  return undefined;
}

function isRange(item: string, { least, greatest, words }: Field): boolean {
  const [, from, to, step] = /^(\*|[A-Za-z0-9]+)(?:-([A-Za-z0-9]+))?(?:\/(\d+))?$/.exec(item) ?? [];
  if (from === undefined) return false;
  const numberOf = (text: string) => {
    const word = words.indexOf(text.toLowerCase());
    if (word >= 0) return word + least;
    return /^\d+$/.test(text) ? Number(text) : Number.NaN;
  };
  const isWithin = (number: number) => number >= least && number <= greatest;
  if (step !== undefined && (!isWithin(Math.max(Number(step), least)) || Number(step) < 1)) return false;
  if (from === '*') return to === undefined;
  const first = numberOf(from);
  if (!isWithin(first)) return false;
  // Without a range there is nothing to take steps through.
  if (to === undefined) return step === undefined;
  const last = numberOf(to);
  return isWithin(last) && first <= last;
}
