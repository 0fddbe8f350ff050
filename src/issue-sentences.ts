import { z } from 'zod';
import { suggestion } from './nearest.ts';
import { Secret } from './secret.ts';

/** One fault of a value: where in it (`key` when the key itself is at fault) and one sentence that says what was found and what was expected. */
export interface Fault {
  readonly path: readonly PropertyKey[];
  readonly on: 'key' | 'value';
  readonly message: string;
}

/** Whether the value at a path must not be quoted in a message. */
export type Hidden = (path: readonly PropertyKey[]) => boolean;

/** Parses a value and tells every fault as a sentence; a schema's own messages are read as what was expected, or as a whole sentence when they begin with a capital. */
export function parseTelling<S extends z.ZodType>(
  schema: S,
  value: unknown,
  hidden: Hidden = () => false,
): { readonly value: z.output<S> } | { readonly faults: readonly Fault[] } {
  const parsed = schema.safeParse(value, { reportInput: true, error: unknownKeys });
  if (parsed.success) return { value: parsed.data };
  return { faults: parsed.error.issues.flatMap((issue) => faultsOf(issue, [], hidden)) };
}

// Only here can the keys be seen that would have been right. An empty message marks one that no schema wrote.
function unknownKeys(issue: z.core.$ZodRawIssue): string {
  if (issue.code !== 'unrecognized_keys') return '';
  const known = keysOf(issue.inst);
  return issue.keys.map((key) => `unknown key "${key}"; ${suggestion(key, known)}`).join('\n');
}

function keysOf(schema: unknown): string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  const keys: unknown = schema instanceof z.ZodRecord ? schema.keyType : undefined;
  return keys instanceof z.ZodEnum ? keys.options.map(String) : [];
}

function faultsOf(issue: z.core.$ZodIssue, above: readonly PropertyKey[], hidden: Hidden): Fault[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const messages = issue.message.split('\n');
    return issue.keys.map((key, index) => ({
      path: [...path, key],
      on: 'key',
      message: messages[index] ?? '',
    }));
  }
  if (issue.code === 'invalid_key') {
    return issue.issues.flatMap((inner) => faultsOf({ ...inner, path: [] }, path, () => false)).map(onKey);
  }
  if (issue.code === 'invalid_union' && issue.message === '') {
    const closest = closestBranch(issue.errors);
    if (closest !== undefined) return closest.flatMap((inner) => faultsOf(inner, path, hidden));
  }
  const found = hidden(path) ? 'a value that is not shown' : described(issue.input);
  return [{ path, on: 'value', message: sentence(issue, found) }];
}

function onKey(fault: Fault): Fault {
  return { ...fault, on: 'key', message: `as a key ${fault.message}` };
}

// The branch that was meant is the one whose faults lie inside the value rather than in its kind.
function closestBranch(branches: readonly z.core.$ZodIssue[][]): z.core.$ZodIssue[] | undefined {
  return branches
    .filter((issues) => issues.every((issue) => issue.path.length > 0 || issue.code !== 'invalid_type'))
    .sort((a, b) => faultCount(a) - faultCount(b))[0];
}

// All keys that a branch does not know come as one issue.
function faultCount(issues: readonly z.core.$ZodIssue[]): number {
  return issues.reduce(
    (count, issue) => count + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1),
    0,
  );
}

function sentence(issue: z.core.$ZodIssue, found: string): string {
  const own = issue.message;
  if (/^[A-Z]/.test(own)) return own;
  if (issue.input === undefined) return `is missing; expected ${own || expected(issue)}`;
  if (issue.input instanceof Secret && issue.code === 'invalid_type') {
    return `takes ${expected(issue)}, not a secret: what stands here is not kept secret; use a variable instead of ${issue.input.name}`;
  }
  return `found ${found}, expected ${own || expected(issue)}`;
}

function expected(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return kinds[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return oneOf(issue.values, issue.input);
    case 'too_small':
      return bounded('at least', issue.minimum, issue.origin, issue.inclusive !== false);
    case 'too_big':
      return bounded('at most', issue.maximum, issue.origin, issue.inclusive !== false);
    case 'invalid_format':
      return formats[issue.format] ?? (issue.pattern ? `text like ${issue.pattern}` : `a ${issue.format}`);
    case 'invalid_union':
      return unionOf(issue);
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    default:
      return 'something else';
  }
}

const kinds: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  null: 'nothing',
  Secret: 'a secret',
};

const formats: Record<string, string> = { url: 'a URL', email: 'an e-mail address', ipv4: 'an IPv4 address' };

function oneOf(values: readonly z.core.util.Primitive[], input: unknown): string {
  const known = values.map(String);
  const list = known.length === 1 ? `${known[0]}` : `one of ${known.join(', ')}`;
  const meant = typeof input === 'string' ? suggestion(input, known) : '';
  return meant.startsWith('did') ? `${list}; ${meant}` : list;
}

function bounded(word: string, limit: number | bigint, origin: string, inclusive: boolean): string {
  const unit = { string: 'character', array: 'item', set: 'item', object: 'key' }[origin];
  if (unit === undefined)
    return inclusive ? `${word} ${limit}` : `${word === 'at least' ? 'more' : 'less'} than ${limit}`;
  return `${word} ${limit} ${unit}${Number(limit) === 1 ? '' : 's'}`;
}

function unionOf(issue: z.core.$ZodIssueInvalidUnion): string {
  if (issue.errors.length === 0 && 'options' in issue && issue.options !== undefined) {
    return oneOf(issue.options, undefined);
  }
  const words = issue.errors.flatMap((branch) =>
    branch.slice(0, 1).map((inner) => inner.message || expected(inner)),
  );
  return [...new Set(words)].join(' or ') || 'something else';
}

function described(value: unknown): string {
  if (value instanceof Secret) return `the secret ${value.name}`;
  if (Array.isArray(value)) return 'a list';
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'object') return 'a mapping';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text;
}
