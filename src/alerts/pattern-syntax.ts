import {
  any,
  exactly,
  folding,
  not,
  notNewline,
  perlClass,
  posixClass,
  type Test,
  unicodeClass,
} from './pattern-characters.ts';

/** A regular expression as a tree. */
export type Pattern =
  | { readonly is: 'character'; readonly test: Test }
  | { readonly is: 'place'; readonly place: Place }
  | { readonly is: 'sequence' | 'choice'; readonly parts: readonly Pattern[] }
  | { readonly is: 'repeat'; readonly part: Pattern; readonly least: number; readonly most: number };

/** Something about where it stands that is no character. */
export type Place = 'start' | 'end' | 'line-start' | 'line-end' | 'word-edge' | 'no-word-edge';

interface Flags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
}

/** Where reading stands. */
interface Reader {
  readonly points: readonly string[];
  at: number;
  depth: number;
}

/** As in RE2 and Go. */
const mostRepeats = 1_000;
const deepest = 100;

const empty: Pattern = { is: 'sequence', parts: [] };

/**
 * Reads RE2's syntax, which is Go's and so Alertmanager's (https://github.com/google/re2/wiki/Syntax): no back-references and no
 * look-around, and greedy or not makes no difference for a match of the whole text. Throws a SyntaxError that says what is wrong.
 */
export function parsePattern(text: string): Pattern {
  const reader: Reader = { points: [...text], at: 0, depth: 0 };
  const pattern = choice(reader, { i: false, m: false, s: false });
  if (reader.at < reader.points.length) throw new SyntaxError('a ) has no ( before it');
  return pattern;
}

// Flags that are set within a group hold until its end.
function choice(reader: Reader, outer: Flags): Pattern {
  const parts: Pattern[] = [];
  let flags = outer;
  do {
    const sequence: Pattern[] = [];
    for (let next = peek(reader); next !== undefined && next !== '|' && next !== ')'; next = peek(reader)) {
      const set = flagsAt(reader, flags);
      if (set !== undefined) flags = set;
      else if (take(reader, '\\Q')) {
        const letters = quoted(reader, flags);
        const last = letters.at(-1);
        sequence.push(...letters.slice(0, -1), ...(last === undefined ? [] : [repeated(reader, last)]));
      } else sequence.push(repeated(reader, one(reader, flags)));
    }
    parts.push({ is: 'sequence', parts: sequence });
  } while (take(reader, '|'));
  const [only = empty] = parts;
  return parts.length === 1 ? only : { is: 'choice', parts };
}

function one(reader: Reader, flags: Flags): Pattern {
  const next = reader.points[reader.at++] ?? '';
  switch (next) {
    case '(':
      return group(reader, flags);
    case '[':
      return character(bracket(reader, flags));
    case '.':
      return character(flags.s ? any : notNewline);
    case '^':
      return { is: 'place', place: flags.m ? 'line-start' : 'start' };
    case '$':
      return { is: 'place', place: flags.m ? 'line-end' : 'end' };
    case '\\':
      return escaped(reader, flags);
    case '*':
    case '+':
    case '?':
    case '{':
      if (next === '{' && !isRepeat(reader)) return character(exactly(pointOf(next), flags.i));
      throw new SyntaxError(`nothing stands before ${next} that could be repeated`);
    default:
      return character(exactly(pointOf(next), flags.i));
  }
}

function group(reader: Reader, flags: Flags): Pattern {
  if (take(reader, '?')) {
    const [head] = /^(:|P?<[A-Za-z_]\w*>|[imsU-]+:)/.exec(ahead(reader, 80)) ?? [];
    if (head === undefined) throw new SyntaxError(`RE2 has no (?${ahead(reader, 2)}`);
    reader.at += head.length;
    if (/^[imsU-]/.test(head)) return inside(reader, changed(flags, head.slice(0, -1)));
  }
  return inside(reader, flags);
}

function inside(reader: Reader, flags: Flags): Pattern {
  reader.depth += 1;
  if (reader.depth > deepest) throw new SyntaxError('its groups stand too deep in each other');
  const pattern = choice(reader, flags);
  if (!take(reader, ')')) throw new SyntaxError('a ( has no ) after it');
  reader.depth -= 1;
  return pattern;
}

/** `(?i)`: flags from here to the end of the group. */
function flagsAt(reader: Reader, flags: Flags): Flags | undefined {
  const [all, letters] = /^\(\?([imsU-]+)\)/.exec(ahead(reader, 20)) ?? [];
  if (all === undefined || letters === undefined) return undefined;
  reader.at += all.length;
  return changed(flags, letters);
}

function changed(flags: Flags, letters: string): Flags {
  const [on = '', off = '', ...more] = letters.split('-');
  if (more.length > 0 || (letters.includes('-') && off === '')) {
    throw new SyntaxError(`(?${letters} are no flags`);
  }
  const is = (letter: 'i' | 'm' | 's') => (on.includes(letter) || flags[letter]) && !off.includes(letter);
  return { i: is('i'), m: is('m'), s: is('s') };
}

function repeated(reader: Reader, part: Pattern): Pattern {
  const bounds = repeatAt(reader);
  if (bounds === undefined) return part;
  take(reader, '?');
  if (repeatAt(reader) !== undefined) throw new SyntaxError('one repetition stands right after another');
  const [least, most] = bounds;
  if (least > mostRepeats || (most !== Number.POSITIVE_INFINITY && most > mostRepeats) || least > most) {
    throw new SyntaxError(`it cannot be repeated {${least},${most}} times; at most ${mostRepeats}`);
  }
  return { is: 'repeat', part, least, most };
}

/** After `{`: whether it is that of a repetition. */
function isRepeat(reader: Reader): boolean {
  return repeatAt({ ...reader, at: reader.at - 1 }) !== undefined;
}

function repeatAt(reader: Reader): readonly [least: number, most: number] | undefined {
  if (take(reader, '*')) return [0, Number.POSITIVE_INFINITY];
  if (take(reader, '+')) return [1, Number.POSITIVE_INFINITY];
  if (take(reader, '?')) return [0, 1];
  const [all, least, comma, most] = /^\{(\d{1,5})(,?)(\d{0,5})\}/.exec(ahead(reader, 14)) ?? [];
  // Anything else in braces is what it looks like.
  if (all === undefined || (comma === '' && most !== '')) return undefined;
  reader.at += all.length;
  if (comma === '') return [Number(least), Number(least)];
  return [Number(least), most === '' ? Number.POSITIVE_INFINITY : Number(most)];
}

// Where there is no \E, Alertmanager's own ending of the pattern would be quoted, too.
function quoted(reader: Reader, flags: Flags): readonly Pattern[] {
  const parts: Pattern[] = [];
  while (!take(reader, '\\E')) {
    const next = reader.points[reader.at++];
    if (next === undefined) throw new SyntaxError('a \\Q has no \\E after it');
    parts.push(character(exactly(pointOf(next), flags.i)));
  }
  return parts;
}

function escaped(reader: Reader, flags: Flags): Pattern {
  const places = { A: 'start', z: 'end', b: 'word-edge', B: 'no-word-edge' } as const;
  for (const [letter, place] of Object.entries(places)) {
    if (take(reader, letter)) return { is: 'place', place };
  }
  const test = escapedClass(reader, flags);
  return character(test ?? exactly(escapedPoint(reader), flags.i));
}

/** After a backslash: `d`, `pL`, `P{Greek}` and the like. */
function escapedClass(reader: Reader, flags: Flags): Test | undefined {
  const perl = perlClass(peek(reader) ?? '');
  if (perl !== undefined) {
    reader.at += 1;
    return perl;
  }
  const [all, letter, caret, long, short] =
    /^([pP])(?:\{(\^?)(\w{1,40})\}|([A-Z]))/.exec(ahead(reader, 50)) ?? [];
  if (all === undefined) return undefined;
  const test = unicodeClass(long ?? short ?? '');
  if (test === undefined) throw new SyntaxError(`\\${all} names no characters`);
  reader.at += all.length;
  const folded = flags.i ? folding(test) : test;
  return (letter === 'P') !== (caret === '^') ? not(folded) : folded;
}

/** After a backslash: one character. */
function escapedPoint(reader: Reader): number {
  const controls: Readonly<Record<string, number>> = { a: 7, t: 9, n: 10, v: 11, f: 12, r: 13 };
  const text = ahead(reader, 12);
  const [all = '', braced, hex, octal] =
    /^(?:x\{([\dA-Fa-f]{1,6})\}|x([\dA-Fa-f]{2})|(0[0-7]{0,2}|[1-7][0-7]{1,2}))/.exec(text) ?? [];
  reader.at += all === '' ? 1 : all.length;
  if (all !== '') {
    const point = octal === undefined ? Number.parseInt(braced ?? hex ?? '', 16) : Number.parseInt(octal, 8);
    if (point > 0x10ffff) throw new SyntaxError(`\\${all} is no character`);
    return point;
  }
  const [letter = ''] = text;
  const control = Object.hasOwn(controls, letter) ? controls[letter] : undefined;
  if (control !== undefined) return control;
  if (letter === '') throw new SyntaxError('it ends with a \\');
  if (/^[\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]$/.test(letter)) return pointOf(letter);
  throw new SyntaxError(/\d/.test(letter) ? `RE2 has no \\${letter}` : `\\${letter} is not known`);
}

/** After `[`. */
function bracket(reader: Reader, flags: Flags): Test {
  const isNegated = take(reader, '^');
  const tests: Test[] = [];
  for (let first = true; first || peek(reader) !== ']'; first = false) {
    if (peek(reader) === undefined) throw new SyntaxError('a [ has no ] after it');
    tests.push(member(reader, flags));
  }
  reader.at += 1;
  const test: Test = (point) => tests.some((one) => one(point));
  const folded = flags.i ? folding(test) : test;
  return isNegated ? not(folded) : folded;
}

function member(reader: Reader, flags: Flags): Test {
  const [all, word] = /^\[:(\^?\w{1,20}):\]/.exec(ahead(reader, 30)) ?? [];
  if (all !== undefined) {
    const named = posixClass(word ?? '');
    if (named === undefined) throw new SyntaxError(`${all} names no characters`);
    reader.at += all.length;
    return named;
  }
  const from = memberPoint(reader, flags);
  if (typeof from !== 'number') return from;
  if (peek(reader) !== '-' || reader.points[reader.at + 1] === ']') return (point) => point === from;
  reader.at += 1;
  const to = memberPoint(reader, flags);
  if (typeof to !== 'number' || to < from) throw new SyntaxError('a range in [ ] ends before it begins');
  return (point) => point >= from && point <= to;
}

function memberPoint(reader: Reader, flags: Flags): number | Test {
  if (take(reader, '\\')) return escapedClass(reader, flags) ?? escapedPoint(reader);
  const next = reader.points[reader.at++];
  if (next === undefined) throw new SyntaxError('a [ has no ] after it');
  return pointOf(next);
}

function character(test: Test): Pattern {
  return { is: 'character', test };
}

function pointOf(text: string): number {
  return text.codePointAt(0) ?? 0;
}

function peek({ points, at }: Reader): string | undefined {
  return points[at];
}

function ahead({ points, at }: Reader, count: number): string {
  return points.slice(at, at + count).join('');
}

function take(reader: Reader, text: string): boolean {
  if (ahead(reader, text.length) !== text) return false;
  reader.at += text.length;
  return true;
}
