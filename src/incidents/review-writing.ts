import type { Entry } from './entries/entry.ts';
import type { IncidentRecord } from './record.ts';
import type { Clock } from './review-clock.ts';

/** What every part of a review is written from. */
export interface Writing {
  readonly record: IncidentRecord;
  readonly timeline: readonly Entry[];
  readonly clock: Clock;
  /** A person by name, escaped. */
  readonly person: (id: string) => string;
}

/** A section of a review under its heading. */
export function section(title: string, body: string): string {
  return `## ${title}\n\n${body}`;
}

/** Lines as a list, or what stands there when there are none. */
export function list(lines: readonly string[], otherwise = ''): string {
  return lines.length === 0 ? otherwise : lines.map((line) => `- ${line}`).join('\n');
}

/** What people are asked to fill in. */
export function prompt(question: string): string {
  return `_${question}_`;
}
