import type { Labels } from '../alerts/alert.ts';
import { oneLine } from '../alerts/one-line.ts';
import type { Part, Runbook } from './runbook.ts';
import { shellReader } from './shell-state.ts';

/** The most characters of a label's value that are filled in. */
const longest = 1_000;

/** The most characters that filling in adds to one text. */
const mostAdded = 100_000;

// `{{ labels.NAME }}`, and `{{ $labels.NAME }}` as rules of Prometheus have it.
const placeholder = /\{\{[ \t]{0,20}\$?labels\.([A-Za-z_][A-Za-z0-9_]{0,199})[ \t]{0,20}\}\}/g;

const harmless = /^[A-Za-z0-9_.:/@%+,-]+$/;

// Controls, line breaks, marks that turn the reading order or are drawn as nothing.
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

const shells: ReadonlySet<string> = new Set(['', 'sh', 'shell', 'bash', 'zsh', 'console', 'shell-session']);

/** Text with its `{{ labels.NAME }}` filled in, each value on one line; it is still text from outside and not escaped. */
export function filledText(text: string, labels: Labels): string {
  return replaced(text, (name) => {
    const value = labelOf(labels, name);
    return value === undefined ? undefined : oneLine(value, longest);
  });
}

/**
 * Code with its `{{ labels.NAME }}` filled in so that a person may paste it into a POSIX shell: what is filled in is the value
 * exactly, as one word or within one, and nothing of it is run. A value that is more than letters, digits and `_ . : / @ % + , -`
 * is put into single quotes. Where that would not hold, `<NAME>` stands instead: within quotes and wherever the shell's quoting is
 * not plain, since what reads it there may have rules of its own (SQL, another shell), in code of another `language`, for a value
 * that begins like an option, is longer than 1000 characters or holds a control, a line break or a hidden mark.
 */
export function filledCode(text: string, labels: Labels, language = ''): string {
  const isShell = shells.has(language.trim().toLowerCase());
  const stateAt = shellReader(text);
  return replaced(text, (name, at) => {
    const value = labelOf(labels, name);
    const state = isShell ? stateAt(at) : 'quoted';
    if (value === undefined || value.length > longest || unseen.test(value)) return undefined;
    if (value.startsWith('-') && state !== 'within-word') return undefined;
    if (harmless.test(value)) return value;
    return state === 'quoted' ? undefined : `'${value.replaceAll("'", `'\\''`)}'`;
  });
}

/**
 * A JSON value with `{{ labels.NAME }}` filled in in all its texts, keys apart, as the labels have it. Whoever gives it to a
 * program passes only labels that may stand there.
 */
export function filledValue(value: unknown, labels: Labels): unknown {
  if (typeof value === 'string') return replaced(value, (name) => labelOf(labels, name));
  if (Array.isArray(value)) return value.map((inner) => filledValue(inner, labels));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filledValue(inner, labels)]));
}

/** The names of the labels that a text takes, sorted, each once. */
export function labelsIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(placeholder)].map(([, name = '']) => name))].sort();
}

/** The names of the labels that a runbook takes and that are not there, sorted, each once. */
export function missingLabels({ title, sections }: Runbook, labels: Labels): readonly string[] {
  const texts = sections.flatMap(({ heading, parts }) => [heading, ...parts.flatMap(textsOf)]);
  const text = [title, ...texts].join('\n');
  return labelsIn(text).filter((name) => labelOf(labels, name) === undefined);
}

function textsOf(part: Part): readonly string[] {
  if (part.kind === 'task') return [part.markdown, part.more];
  return part.kind === 'text' ? [part.markdown] : [part.title ?? '', JSON.stringify(part.with)];
}

function replaced(text: string, valueFor: (name: string, at: number) => string | undefined): string {
  let added = 0;
  return text.replace(placeholder, (_match, name: string, at: number) => {
    const value = valueFor(name, at);
    added += value?.length ?? 0;
    return value === undefined || added > mostAdded ? `<${name}>` : value;
  });
}

function labelOf(labels: Labels, name: string): string | undefined {
  return Object.hasOwn(labels, name) ? labels[name] : undefined;
}
