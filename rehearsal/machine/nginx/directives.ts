import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathIn } from '../played-root.ts';

/** One directive of nginx with its words, and with those within its braces where it has them. */
export interface Directive {
  readonly words: readonly string[];
  readonly block: readonly Directive[] | undefined;
  /** `FILE:LINE`, as nginx tells it. */
  readonly place: string;
}

/** A file of the configuration, with its text as it is on the disk. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** Thrown where nginx would write `[emerg]` and refuse to run; the message is the rest of that line. */
export class Emergency extends Error {
  override readonly name = 'Emergency';
}

interface Token {
  readonly text: string;
  readonly line: number;
  readonly isQuoted: boolean;
}

/** The directives of a file and of all that it includes, in order, and these files. Throws Emergency. */
export function readDirectives(
  root: string,
  path: string,
): { readonly directives: readonly Directive[]; readonly sources: readonly Source[] } {
  if (!existsSync(path)) throw new Emergency(`open() "${path}" failed (2: No such file or directory)`);
  const sources: Source[] = [];
  return { directives: included(root, path, sources), sources };
}

function included(root: string, path: string, sources: Source[]): readonly Directive[] {
  const text = readFileSync(path, 'utf8');
  sources.push({ path, text });
  const tokens = tokensOf(text);
  const [directives, end] = blockFrom(tokens, 0, path);
  const left = tokens[end];
  if (left) throw new Emergency(`unexpected "${left.text}" in ${path}:${left.line}`);
  return expanded(root, directives, sources);
}

function expanded(root: string, directives: readonly Directive[], sources: Source[]): readonly Directive[] {
  return directives.flatMap((one) => {
    const [name, pattern = ''] = one.words;
    if (name === 'include')
      return filesOf(pathIn(root, pattern)).flatMap((file) => included(root, file, sources));
    return [{ ...one, block: one.block && expanded(root, one.block, sources) }];
  });
}

/** An asterisk stands for all names that do not begin with a dot, in order (glob(7)). */
function filesOf(pattern: string): readonly string[] {
  if (basename(pattern) !== '*') return [pattern];
  const folder = dirname(pattern);
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
  return names.sort().map((name) => join(folder, name));
}

function blockFrom(
  tokens: readonly Token[],
  from: number,
  path: string,
): readonly [readonly Directive[], number] {
  const directives: Directive[] = [];
  let words: string[] = [];
  let at = from;
  for (; at < tokens.length; at += 1) {
    const { text = '', line = 0, isQuoted = false } = tokens[at] ?? {};
    const place = `${path}:${line}`;
    if (isQuoted || !['{', '}', ';'].includes(text)) words.push(text);
    else if (text === ';') {
      if (words.length === 0) throw new Emergency(`unexpected ";" in ${place}`);
      directives.push({ words, block: undefined, place });
      words = [];
    } else if (text === '{') {
      const [block, end] = blockFrom(tokens, at + 1, path);
      if (tokens[end]?.text !== '}') throw new Emergency(`unexpected end of file, expecting "}" in ${place}`);
      directives.push({ words, block, place });
      words = [];
      at = end;
    } else if (words.length > 0) throw new Emergency(`unexpected "}" in ${place}`);
    else break;
  }
  if (words.length > 0) {
    const last = tokens.at(-1)?.line ?? 0;
    throw new Emergency(`unexpected end of file, expecting ";" or "}" in ${path}:${last}`);
  }
  return [directives, at];
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  text.split('\n').forEach((line, index) => {
    for (const [word] of line.matchAll(/"[^"]*"|'[^']*'|#.*|[{};]|[^\s{};]+/g)) {
      if (word.startsWith('#')) break;
      const isQuoted = /^["']/.test(word);
      tokens.push({ text: isQuoted ? word.slice(1, -1) : word, line: index + 1, isQuoted });
    }
  });
  return tokens;
}
