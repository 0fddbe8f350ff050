import type { z } from 'zod';
import { fill, soleName, type Values } from './deploy/interpolate.ts';
import { type Fault, parseTelling } from './issue-sentences.ts';

/**
 * A step's parameters with its variables and secrets put in, parsed by the step's schema. A variable is text; where the
 * schema wants a number or true/false and the whole value is one `${NAME}`, the text is read as such. Throws the
 * `Failure` of `fill` for a name without a value.
 */
export function parametersOf<With extends z.ZodType>(
  schema: With,
  written: unknown,
  values: Values,
): { readonly value: z.output<With> } | { readonly faults: readonly Fault[] } {
  const filled = fill(written, values);
  const parsed = parseTelling(schema, filled);
  if ('value' in parsed) return parsed;
  const read = readAt(
    written,
    filled,
    parsed.faults.map(({ path }) => path),
  );
  const again = parseTelling(schema, read);
  // What still fails is told about the text as the environment gives it.
  return 'value' in again ? again : parsed.faults.length <= again.faults.length ? parsed : again;
}

// Only values that the schema refused as text are read anew, so that a version such as 1.10 stays text where text is wanted.
function readAt(written: unknown, filled: unknown, paths: readonly (readonly PropertyKey[])[]): unknown {
  if (paths.some((path) => path.length === 0)) {
    return soleName(written) !== undefined && typeof filled === 'string' ? scalar(filled) : filled;
  }
  if (paths.length === 0 || typeof filled !== 'object' || filled === null) return filled;
  const inner = (key: PropertyKey) =>
    paths.filter(([first]) => String(first) === String(key)).map((path) => path.slice(1));
  const part = (key: string) =>
    typeof written === 'object' && written !== null ? Reflect.get(written, key) : undefined;
  if (Array.isArray(filled))
    return filled.map((item, index) => readAt(part(String(index)), item, inner(index)));
  return Object.fromEntries(
    Object.entries(filled).map(([key, item]) => [key, readAt(part(key), item, inner(key))]),
  );
}

function scalar(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) ? Number(text) : text;
}
