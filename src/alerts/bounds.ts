import { createHash } from 'node:crypto';
import type { Labels } from './alert.ts';

/** The most that is kept of what comes from outside: how many labels, and characters of a name, a value, an address and a group key. */
export const bounds = { labels: 100, name: 200, value: 2_000, address: 4_000, key: 2_000 } as const;

/** Labels and annotations that Slipway or its readers look for, which are kept when there are too many. */
const wanted: ReadonlySet<string> = new Set([
  ...['alertname', 'severity', 'job', 'instance', 'namespace', 'cluster', 'environment', 'service', 'team'],
  ...['summary', 'description', 'message', 'runbook_url', 'dashboard_url', 'dashboard', 'value'],
]);

const unwelcome = /(?![\t\n\r])[\p{Cc}\p{Bidi_Control}]/gu;

/** Text that PostgreSQL can keep and that does nothing to a terminal: control marks, marks that turn the reading order and halves of characters are replaced. */
export function cleaned(text: string): string {
  return text.toWellFormed().replace(unwelcome, '\ufffd');
}

/** Clean text of at most `limit` characters; what was longer ends with how much is left out. */
export function clipped(text: string, limit: number): string {
  const clean = cleaned(text);
  if (clean.length <= limit) return clean;
  const room = limit - ` … +${clean.length} characters`.length;
  // No half of a character at the cut.
  const kept = clean.slice(0, room).replace(/[\ud800-\udbff]$/, '');
  return `${kept} … +${clean.length - kept.length} characters`;
}

/** An address of at most `bounds.address` characters; one that is longer is of no use when cut, so none. */
export function boundedAddress(text: string): string {
  return text.length > bounds.address ? '' : cleaned(text);
}

/** A group key of at most `bounds.key` characters that still differs from every other: what is left out is told by its hash. */
export function boundedKey(text: string): string {
  const clean = cleaned(text);
  if (clean.length <= bounds.key) return clean;
  const hash = createHash('sha256').update(clean).digest('hex');
  return `${clean.slice(0, bounds.key - 65).toWellFormed()}#${hash}`;
}

/** At most `bounds.labels` labels with bounded names and values; of too many those that readers look for are kept first. */
export function boundedLabels(all: readonly (readonly [string, string])[]): Labels {
  const kept =
    all.length <= bounds.labels
      ? all
      : all.toSorted(([a], [b]) => Number(wanted.has(b)) - Number(wanted.has(a))).slice(0, bounds.labels);
  // Not by assignment: a label may be called __proto__.
  return Object.fromEntries(
    kept.map(([name, value]) => [clipped(name, bounds.name), clipped(value, bounds.value)]),
  );
}
