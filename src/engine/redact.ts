import { Secret } from '../secret.ts';
import type { Evidence } from '../steps/step.ts';
import { bounded, storable } from '../text.ts';

/** The most that is kept of one answer, and of all of an attempt, in characters. */
const perEntry = 8_000;
const perAttempt = 64_000;

/** With less room than this an entry says nothing. */
const shortestEntry = 200;

/** Of a secret with several lines each is hidden by itself too, where it is no shorter than this, since output comes line by line. */
const shortestLine = 8;

/** Shorter values are too common in ordinary text to be told from it. */
const shortest = 4;

/** Removes the value of every secret from a text, as it is and as URLs, forms, JSON, hex digits and Base64 write it. */
export type Redact = (text: string) => string;

/** Makes the redaction for an environment's secrets; the longest are removed first, since one may contain another. */
export function redacting(values: Readonly<Record<string, string | Secret>>): Redact {
  const hidden = Object.values(values)
    .filter((value) => value instanceof Secret)
    .filter((secret) => secret.reveal().length >= shortest)
    .flatMap((secret) =>
      [secret.reveal(), ...linesOf(secret.reveal())]
        .flatMap(spellings)
        .map((spelling) => ({ spelling, name: secret.toString() })),
    )
    .sort((a, b) => b.spelling.length - a.spelling.length);
  return (text) => hidden.reduce((left, { spelling, name }) => left.replaceAll(spelling, name), text);
}

function linesOf(value: string): readonly string[] {
  const lines = value.split('\n').map((line) => line.trim());
  return lines.length < 2 ? [] : lines.filter(({ length }) => length >= shortestLine);
}

function spellings(value: string): readonly string[] {
  const url = encodeURIComponent(value);
  const form = new URLSearchParams({ '': value }).toString().slice(1);
  const lowerCase = (text: string) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  const texts = [value, url, lowerCase(url), form, lowerCase(form), JSON.stringify(value).slice(1, -1)];
  return [...new Set([...texts, Buffer.from(value).toString('hex'), ...inBase64(value)])];
}

/** What every Base64 text that holds a value has in common: the first and last digits depend on what stands beside it. */
function inBase64(value: string): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)]);
    const whole = Math.floor((bytes.length * 8) / 6);
    const digits = bytes.toString('base64').slice(Math.ceil((before * 8) / 6), whole);
    return [digits, digits.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** Evidence as it may be kept: without secrets, bounded, and in characters that PostgreSQL takes. */
export function keepable(evidence: readonly Evidence[], redact: Redact): readonly Evidence[] {
  let left = perAttempt;
  const kept: Evidence[] = [];
  for (const [index, entry] of evidence.entries()) {
    if (left < shortestEntry) {
      return [...kept, { asked: `… ${evidence.length - index} more, left out …`, of: '', answered: '' }];
    }
    const limit = Math.min(perEntry, left);
    const clean = (text: string) => bounded(storable(redact(text)), limit);
    const clipped = { asked: clean(entry.asked), of: clean(entry.of), answered: clean(entry.answered) };
    left -= clipped.asked.length + clipped.of.length + clipped.answered.length;
    kept.push(clipped);
  }
  return kept;
}
