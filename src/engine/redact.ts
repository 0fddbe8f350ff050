import { Secret } from '../secret.ts';
import type { Evidence } from '../steps/step.ts';
import { bounded, storable } from '../text.ts';

/** The most that is kept of one answer, and of all of an attempt, in characters. */
const perEntry = 8_000;
const perAttempt = 64_000;

/** Shorter values are too common in ordinary text to be told from it. */
const shortest = 4;

/** Removes the value of every secret from a text, as it is and as URLs, JSON and Base64 write it. */
export type Redact = (text: string) => string;

/** Makes the redaction for an environment's secrets; the longest are removed first, since one may contain another. */
export function redacting(values: Readonly<Record<string, string | Secret>>): Redact {
  const hidden = Object.values(values)
    .filter((value) => value instanceof Secret)
    .filter((secret) => secret.reveal().length >= shortest)
    .flatMap((secret) =>
      spellings(secret.reveal()).map((spelling) => ({ spelling, name: secret.toString() })),
    )
    .sort((a, b) => b.spelling.length - a.spelling.length);
  return (text) => hidden.reduce((left, { spelling, name }) => left.replaceAll(spelling, name), text);
}

function spellings(value: string): readonly string[] {
  const base64 = Buffer.from(value).toString('base64');
  return [...new Set([value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1), base64])];
}

/** Evidence as it may be kept: without secrets, bounded, and in characters that PostgreSQL takes. */
export function keepable(evidence: readonly Evidence[], redact: Redact): readonly Evidence[] {
  let left = perAttempt;
  return evidence.map(({ asked, of, answered }) => {
    const clean = (text: string) => bounded(storable(redact(text)), Math.max(0, Math.min(perEntry, left)));
    const kept = { asked: clean(asked), of: clean(of), answered: clean(answered) };
    left -= kept.asked.length + kept.of.length + kept.answered.length;
    return kept;
  });
}
