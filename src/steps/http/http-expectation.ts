import { z } from 'zod';
import { Duration } from '../../duration.ts';
import { atPath } from './json-path.ts';

const Pattern = z.string().refine((text) => {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}, 'a regular expression');

const JsonValue = z.strictObject({
  equals: z.union([z.string(), z.number(), z.boolean(), z.null()]).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  matches: Pattern.optional(),
  exists: z.boolean().optional(),
  length: z.int().min(0).optional(),
});

/** What an HTTP answer must be; header values are exact texts or patterns, JSON values are named by dotted paths. */
export const HttpExpectation = z.strictObject({
  status: z.union([z.int().min(100).max(599), z.array(z.int().min(100).max(599)).min(1)]).default(200),
  headers: z.record(z.string(), z.union([z.string(), z.strictObject({ matches: Pattern })])).default({}),
  json: z.record(z.string(), JsonValue).default({}),
  body: z.strictObject({ contains: z.string() }).optional(),
  latency: Duration.optional(),
});
export type HttpExpectation = z.output<typeof HttpExpectation>;

/** An answer as far as it is looked at; `latency` in milliseconds until the whole body was there. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly latency: number;
}

/** Every way in which the answer is not as expected, each the end of a sentence; empty when all is well. */
export function mismatches(expected: HttpExpectation, answer: HttpAnswer): readonly string[] {
  const found: string[] = [];
  const statuses = [expected.status].flat();
  if (!statuses.includes(answer.status))
    found.push(`status ${answer.status} instead of ${statuses.join(' or ')}`);
  for (const [name, wanted] of Object.entries(expected.headers)) {
    const value = answer.headers[name.toLowerCase()];
    if (value === undefined) found.push(`no header ${name}`);
    else if (typeof wanted === 'string' ? value !== wanted : !new RegExp(wanted.matches).test(value)) {
      found.push(
        `header ${name} "${short(value)}" instead of ${typeof wanted === 'string' ? `"${wanted}"` : `a match of /${wanted.matches}/`}`,
      );
    }
  }
  if (expected.body && !answer.body.includes(expected.body.contains)) {
    found.push(`a body without "${short(expected.body.contains)}"`);
  }
  if (expected.latency !== undefined && answer.latency > expected.latency) {
    found.push(`${answer.latency} ms instead of at most ${expected.latency} ms`);
  }
  return [...found, ...jsonMismatches(expected.json, answer.body)];
}

function jsonMismatches(expected: HttpExpectation['json'], body: string): readonly string[] {
  if (Object.keys(expected).length === 0) return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return ['a body that is not JSON'];
  }
  return Object.entries(expected).flatMap(([path, wanted]) => {
    const value = atPath(parsed, path);
    const wrong = valueMismatch(wanted, value);
    return wrong === undefined
      ? []
      : [`${path} ${short(JSON.stringify(value) ?? 'missing')} instead of ${wrong}`];
  });
}

function valueMismatch(wanted: z.output<typeof JsonValue>, value: unknown): string | undefined {
  const { equals, min, max, matches, length } = wanted;
  const exists = wanted.exists ?? true;
  if ((value !== undefined) !== exists) return exists ? 'any value' : 'none';
  if (equals !== undefined && value !== equals) return JSON.stringify(equals);
  if (min !== undefined && !(typeof value === 'number' && value >= min)) return `at least ${min}`;
  if (max !== undefined && !(typeof value === 'number' && value <= max)) return `at most ${max}`;
  if (matches !== undefined && !(typeof value === 'string' && new RegExp(matches).test(value))) {
    return `a match of /${matches}/`;
  }
  if (length !== undefined && !(Array.isArray(value) && value.length === length))
    return `a list of ${length}`;
  return undefined;
}

function short(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
