import { z } from 'zod';
import { oneLine } from '../alerts/one-line.ts';
import { checkYaml } from '../yaml-file.ts';
import type { Runbook } from './runbook.ts';
import { runbookSeverities } from './runbook.ts';
import { readSmallYaml, type TextFault } from './small-yaml.ts';

const Line = (limit: number) =>
  z
    .string()
    .min(1)
    .max(limit)
    .refine((text) => oneLine(text, limit) === text, 'one line of visible text without spaces around it');

const Day = z.string().refine(isDay, 'a day of the calendar such as 2026-11-22');

const FrontMatter = z.strictObject({
  title: Line(150),
  alerts: z.array(Line(200)).max(100).default([]),
  severity: z.enum(runbookSeverities).optional(),
  owner: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'a group of slipway.yaml')
    .optional(),
  reviewed: Day.optional(),
  tags: z.array(Line(50)).max(50).default([]),
});

/** What stands between the `---` lines of a runbook. */
export type FrontMatter = Pick<Runbook, 'title' | 'alerts' | 'severity' | 'owner' | 'reviewed' | 'tags'>;

/** A file in two: its front matter, and the lines of its body with how many lines stand above them. */
export interface Parted {
  readonly front: FrontMatter;
  readonly body: readonly string[];
  readonly above: number;
}

/** Takes the front matter off the lines of a runbook. */
export function partedFile(
  lines: readonly string[],
): { readonly parted: Parted } | { readonly faults: readonly TextFault[] } {
  if (lines[0]?.trimEnd() !== '---') {
    return fault(1, 'begins without front matter; the first line must be ---, then title: and another ---');
  }
  const end = lines.findIndex((line, index) => index > 0 && /^(?:---|\.\.\.)\s*$/.test(line));
  if (end < 0) return fault(1, 'its front matter does not end; put --- on a line of its own below it');
  const yaml = readSmallYaml(lines.slice(1, end).join('\n'), 1);
  if ('faults' in yaml) return yaml;
  const checked = checkYaml(yaml.read, FrontMatter);
  if ('problems' in checked) {
    const faults = checked.problems.map(({ line, path, message }) => ({
      line,
      message: path === '' ? `its front matter: ${message}` : `${path}: ${message}`,
    }));
    return { faults };
  }
  const { title, alerts, severity, owner, reviewed, tags } = checked.value;
  const front = {
    ...{ title, alerts, tags },
    ...(severity !== undefined && { severity }),
    ...(owner !== undefined && { owner }),
    ...(reviewed !== undefined && { reviewed }),
  };
  return { parted: { front, body: lines.slice(end + 1), above: end + 1 } };
}

function fault(line: number, message: string): { readonly faults: readonly TextFault[] } {
  return { faults: [{ line, message }] };
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
