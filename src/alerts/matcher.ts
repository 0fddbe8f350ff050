import type { Labels } from './alert.ts';
import type { Matcher } from './group.ts';
import { compile } from './pattern.ts';

/** One matcher that was read, or a sentence that says what is wrong with it. */
export type ReadMatcher =
  | { readonly ok: true; readonly matcher: Matcher }
  | { readonly ok: false; readonly because: string };

/** Matchers that were read, or a sentence that says what is wrong with them. */
export type ReadMatchers =
  | { readonly ok: true; readonly matchers: readonly Matcher[] }
  | { readonly ok: false; readonly because: string };

const longest = 4_096;
const bareName = /^[A-Za-z_:][A-Za-z0-9_:]*$/;

// A name or value is quoted, or free of all that means something here; the operator stands between them.
const token = /(?:"((?:[^"\\]|\\.)*)"|([^\s{}!=~,\\'"`]+))/su.source;
const one = new RegExp(`\\s*${token}\\s*(=~|!~|!=|=)\\s*(?:${token})?\\s*(,|$)`, 'suy');

const example = 'such as severity="critical" or service=~"web|api"';

/**
 * Reads one or more matchers as Alertmanager does: `name="value"`, `!=`, `=~` and `!~`, with commas between them, with or
 * without braces around. In quotes `\"`, `\\` and `\n` are escapes and any other backslash is one, so that `"web\.\d+"` is the
 * regular expression that it looks like. Source: https://prometheus.io/docs/alerting/latest/configuration/#matcher
 */
export function parseMatchers(text: string): ReadMatchers {
  if (text.length > longest) return wrong(`is longer than ${longest} characters`);
  const [inside] = /(?<=^\s*\{).*(?=\}\s*$)/su.exec(text) ?? [text];
  if (inside.trim() === '') return inside === text ? wrong(`is empty; write one ${example}`) : all([]);
  const matchers: Matcher[] = [];
  one.lastIndex = 0;
  for (let at = 0; at < inside.length; at = one.lastIndex) {
    // A comma after the last one is allowed.
    if (matchers.length > 0 && inside.slice(at).trim() === '') break;
    one.lastIndex = at;
    const found = one.exec(inside);
    if (found === null) return wrong(`${quoted(inside.slice(at))} is no matcher; write one ${example}`);
    const [, quotedName, name = unescaped(quotedName ?? ''), operator = '', quotedValue, bare] = found;
    const value = bare ?? (quotedValue === undefined ? undefined : unescaped(quotedValue));
    if (name === '') return wrong('a label has no name; a name stands before the operator');
    if (value === undefined)
      return wrong(`${name} has no value; write ${name}${operator}"" where a label that is missing is meant`);
    const matcher = { name, value, isRegex: operator.endsWith('~'), isEqual: !operator.startsWith('!') };
    const pattern = matcher.isRegex ? compile(value) : undefined;
    if (pattern?.ok === false)
      return wrong(`the regular expression ${quoted(value)} cannot be used: ${pattern.because}`);
    matchers.push(matcher);
    if (found[6] === '') break;
  }
  return all(matchers);
}

/** Reads exactly one matcher, as `parseMatchers` does. */
export function parseMatcher(text: string): ReadMatcher {
  const read = parseMatchers(text);
  if (!read.ok) return read;
  const [matcher, ...rest] = read.matchers;
  if (matcher === undefined || rest.length > 0) return wrong(`is not one matcher ${example}`);
  return { ok: true, matcher };
}

/** Whether all matchers hold; a label that is missing is the empty text, and a regular expression must match the whole value. */
export function matches(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every(({ name, value, isRegex, isEqual }) => {
    const own = Object.hasOwn(labels, name) ? (labels[name] ?? '') : '';
    return (isRegex ? matchesPattern(value, own) : own === value) === isEqual;
  });
}

/** A matcher as `parseMatcher` reads it and Alertmanager shows it; the name is quoted only where it must be. */
export function formatMatcher({ name, value, isRegex, isEqual }: Matcher): string {
  const operator = isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!=';
  return `${bareName.test(name) ? name : escaped(name)}${operator}${escaped(value)}`;
}

// What is no pattern was refused when it was read; whatever came from elsewhere matches nothing.
function matchesPattern(pattern: string, value: string): boolean {
  const compiled = compile(pattern);
  return compiled.ok && compiled.test(value);
}

function unescaped(text: string): string {
  return text.replace(/\\(["\\n])/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));
}

function escaped(text: string): string {
  const inner = text.replace(/["\\\n]/g, (letter) => (letter === '\n' ? '\\n' : `\\${letter}`));
  return `"${inner}"`;
}

function quoted(text: string): string {
  const one = text.trim();
  return `«${one.length > 60 ? `${one.slice(0, 60)}…` : one}»`;
}

function all(matchers: readonly Matcher[]): ReadMatchers {
  return { ok: true, matchers };
}

function wrong(because: string): { readonly ok: false; readonly because: string } {
  return { ok: false, because };
}
