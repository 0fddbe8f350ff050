import { Failure } from '../errors.ts';
import { reveal, Secret } from '../secret.ts';

/** The variables and secrets that may stand in a plan, by name. */
export type Values = Readonly<Record<string, string | Secret>>;

/** The names that only a run in an environment with a source has: the commit and the image's digest of the version, and of what was there before. */
export const sourceNames = ['COMMIT', 'IMAGE_DIGEST', 'PREVIOUS_COMMIT', 'PREVIOUS_IMAGE_DIGEST'] as const;

/** The names that runs have without anybody setting them: what is deployed, what was there before, and where. */
export const runNames = ['VERSION', 'PREVIOUS_VERSION', 'ENVIRONMENT', ...sourceNames] as const;

/** What a variable or secret may be called. */
export const valueName = /^[A-Z][A-Z0-9_]{0,63}$/;

// `$${` is how a plan writes a `${` that is meant for somebody else, such as a shell.
const placeholder = /\$\$\{|\$\{([^{}]*)\}/g;
const whole = /^\$\{([^{}]*)\}$/;

/**
 * Replaces `${NAME}` in every string of a JSON value; a string of which any part was secret becomes a `Secret`. Keys come in
 * alphabetical order, however they are written. Throws a `Failure` with `plan-invalid` for a name without a value and with `secret-missing` for a secret that is empty.
 */
export function fill(value: unknown, values: Values): unknown {
  if (typeof value === 'string') return fillText(value, values);
  if (Array.isArray(value)) return value.map((item) => fill(item, values));
  if (!isMapping(value)) return value;
  return Object.fromEntries(inOrder(value).map(([key, inner]) => [key, fill(inner, values)]));
}

/** The names that a JSON value takes through `${NAME}`, sorted, each once. */
export function namesIn(value: unknown): string[] {
  if (typeof value === 'string') {
    const names = [...value.matchAll(placeholder)].flatMap(([, name]) => (name === undefined ? [] : [name]));
    return [...new Set(names)].sort();
  }
  if (!Array.isArray(value) && !isMapping(value)) return [];
  return [...new Set(Object.values(value).flatMap(namesIn))].sort();
}

/** The name when a text is one placeholder and nothing else, such as `${PORT}`. */
export function soleName(value: unknown): string | undefined {
  return typeof value === 'string' ? whole.exec(value)?.[1] : undefined;
}

function fillText(text: string, values: Values): string | Secret {
  const secret: string[] = [];
  const filled = text.replace(placeholder, (match, name: string | undefined) => {
    if (name === undefined) return match.slice(1);
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) {
      throw new Failure('plan-invalid', withoutValue(name));
    }
    if (value instanceof Secret) {
      if (value.reveal() === '') throw new Failure('secret-missing', `The secret ${name} is empty.`);
      secret.push(value.name);
    }
    return reveal(value);
  });
  return secret.length === 0 ? filled : new Secret([...new Set(secret)].join('+'), filled);
}

function withoutValue(name: string): string {
  if (name.startsWith('PREVIOUS_') && isRunName(name)) {
    return `\${${name}} has no value: no deployment that went well here before told it.`;
  }
  if (isRunName(name)) return `\${${name}} has no value: this environment has no source that tells it.`;
  return `\${${name}} has no value in this environment; set ${name} there.`;
}

function isRunName(name: string): boolean {
  const all: readonly string[] = runNames;
  return all.includes(name);
}

// A run's stored copy of its plan does not keep the order in which keys were written, and both must do the same.
function inOrder(value: Record<string, unknown>): [string, unknown][] {
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof Secret);
}
