import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What a stand-in program ends with; what is left out is empty, or 0. */
export interface Ending {
  readonly code?: number;
  readonly out?: string;
  readonly error?: string;
}

/** The words of a program that are options, each with its value where it has one, and the other words. */
export interface Words {
  readonly has: (option: string) => boolean;
  readonly value: (option: string) => string | undefined;
  readonly values: (option: string) => readonly string[];
  readonly others: readonly string[];
}

/** Thrown for an invocation that the stand-in does not know; the real program might do anything with it. */
export class NotPlayed extends Error {
  override readonly name = 'NotPlayed';
}

/** sysexits.h: the command was used incorrectly. */
const usage = 64;

/** The folder that plays the host's own places, as the launcher of each program says. */
export function rootOfHost(): string {
  const root = process.env.PLAYED_ROOT;
  if (root === undefined) throw new Error('this program is started by its launcher on a played host only');
  return root;
}

/** Runs a stand-in with the words of its command line; an invocation that it does not know is refused with exit code 64. */
export async function runProgram(
  name: string,
  answer: (words: readonly string[]) => Ending | Promise<Ending>,
): Promise<void> {
  const words = process.argv.slice(2);
  const { code = 0, out = '', error = '' } = await attempt(name, words, answer);
  process.stdout.write(out);
  if (error !== '') process.stderr.write(`${error}\n`);
  process.exitCode = code;
}

async function attempt(
  name: string,
  words: readonly string[],
  answer: (words: readonly string[]) => Ending | Promise<Ending>,
): Promise<Ending> {
  try {
    return await answer(words);
  } catch (error) {
    if (!(error instanceof NotPlayed)) throw error;
    const said = [name, ...words].join(' ');
    return {
      code: usage,
      error: `${name}: this host is played and does not know “${said}”: ${error.message}`,
    };
  }
}

/**
 * Sorts the words of a command line: flags stand alone, the others of `options` take the next word or what follows `=`. Throws
 * NotPlayed for any other word that begins with a hyphen.
 */
export function wordsOf(
  words: readonly string[],
  { flags = [], options = [] }: { readonly flags?: readonly string[]; readonly options?: readonly string[] },
): Words {
  const found: [string, string][] = [];
  const others: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const [name = '', ...rest] = word.split('=');
    if (word === '--') {
      others.push(...words.slice(at + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') others.push(word);
    else if (flags.includes(word)) found.push([word, '']);
    else if (options.includes(name) && word.includes('=')) found.push([name, rest.join('=')]);
    else if (options.includes(word) && at + 1 < words.length) {
      at += 1;
      found.push([word, words[at] ?? '']);
    } else throw new NotPlayed(`the option ${word}`);
  }
  const values = (option: string) => found.filter(([name]) => name === option).map(([, value]) => value);
  return {
    has: (option) => values(option).length > 0,
    value: (option) => values(option)[0],
    values,
    others,
  };
}

/** What a file of the host holds, as lines of words; nothing where there is no such file. */
export function readLines(file: string): readonly (readonly string[])[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => line.split(' '));
}

/** Writes a file of the host, whole or not at all. */
export function writeWhole(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.${process.pid}`, text);
  renameSync(`${file}.${process.pid}`, file);
}

/** Writes lines of words, as `readLines` reads them. */
export function writeLines(file: string, lines: readonly (readonly (string | number)[])[]): void {
  writeWhole(file, lines.map((words) => `${words.join(' ')}\n`).join(''));
}
