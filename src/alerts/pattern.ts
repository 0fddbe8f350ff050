/** A regular expression that is ready for use, or what is wrong with it. */
export type Compiled =
  | { readonly ok: true; readonly test: (value: string) => boolean }
  | { readonly ok: false; readonly because: string };

const known = new Map<string, Compiled>();
const most = 1_000;

/** A regular expression of RE2's syntax that must match a whole value, made ready once; what would take too long on some value is refused. */
export function compile(pattern: string): Compiled {
  const before = known.get(pattern);
  if (before !== undefined) return before;
  const compiled = compiledAnew(pattern);
  if (known.size >= most) known.clear();
  known.set(pattern, compiled);
  return compiled;
}

function compiledAnew(pattern: string): Compiled {
  try {
    const ready = new RegExp(`^(?:${pattern})$`, 'u');
    return { ok: true, test: (value) => ready.test(value) };
  } catch (error) {
    return { ok: false, because: error instanceof Error ? error.message : String(error) };
  }
}
