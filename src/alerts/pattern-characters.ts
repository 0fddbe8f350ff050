/** Whether a character, by its code point, is meant. */
export type Test = (point: number) => boolean;

const newline = 10;

export const any: Test = () => true;
export const notNewline: Test = (point) => point !== newline;

/** A character itself, or in either case. */
export function exactly(wanted: number, foldCase: boolean): Test {
  return foldCase ? folding((point) => point === wanted) : (point) => point === wanted;
}

/** A test that also holds for the same character in the other case. */
export function folding(test: Test): Test {
  return (point) => {
    if (test(point)) return true;
    const one = String.fromCodePoint(point);
    return [one.toLowerCase(), one.toUpperCase()].some((other) => {
      const folded = other.codePointAt(0) ?? point;
      return folded !== point && String.fromCodePoint(folded) === other && test(folded);
    });
  };
}

/** A character that counts as part of a word, in ASCII as everywhere in RE2. */
export function isWord(point: number): boolean {
  return isDigit(point) || isUpper(point) || isLower(point) || point === 95;
}

const isDigit = between('0', '9');
const isUpper = between('A', 'Z');
const isLower = between('a', 'z');
const isSpace: Test = (point) => point === 32 || point === 9 || point === 10 || point === 12 || point === 13;
const isGraph = between('!', '~');
const isAlnum: Test = (point) => isDigit(point) || isUpper(point) || isLower(point);

function between(first: string, last: string): Test {
  const [from, to] = [first.codePointAt(0) ?? 0, last.codePointAt(0) ?? 0];
  return (point) => point >= from && point <= to;
}

const perl: Readonly<Record<string, Test>> = { d: isDigit, s: isSpace, w: isWord };

const posix: Readonly<Record<string, Test>> = {
  alnum: isAlnum,
  alpha: (point) => isUpper(point) || isLower(point),
  ascii: (point) => point < 128,
  blank: (point) => point === 9 || point === 32,
  cntrl: (point) => point < 32 || point === 127,
  digit: isDigit,
  graph: isGraph,
  lower: isLower,
  print: (point) => point === 32 || isGraph(point),
  punct: (point) => isGraph(point) && !isAlnum(point),
  space: (point) => isSpace(point) || point === 11,
  upper: isUpper,
  word: isWord,
  xdigit: (point) => isDigit(point) || between('A', 'F')(point) || between('a', 'f')(point),
};

export function not(test: Test): Test {
  return (point) => !test(point);
}

/** `\d`, `\s`, `\w` and their negations by their letter, or undefined. */
export function perlClass(letter: string): Test | undefined {
  const lower = letter.toLowerCase();
  const test = Object.hasOwn(perl, lower) ? perl[lower] : undefined;
  return test !== undefined && lower !== letter ? not(test) : test;
}

/** `[:alpha:]` and `[:^alpha:]` by the word between the colons, or undefined. */
export function posixClass(word: string): Test | undefined {
  const name = word.replace('^', '');
  const test = Object.hasOwn(posix, name) ? posix[name] : undefined;
  return test !== undefined && word.startsWith('^') ? not(test) : test;
}

/** A general category or script of Unicode by its name, such as `L`, `Lu` or `Greek`, or undefined. */
export function unicodeClass(name: string): Test | undefined {
  if (!/^[A-Za-z_]+$/.test(name)) return undefined;
  if (name === 'Any') return any;
  for (const property of [name, `Script=${name}`]) {
    try {
      const known = new RegExp(`^\\p{${property}}$`, 'u');
      return (point) => known.test(String.fromCodePoint(point));
    } catch {
      // The next may be known.
    }
  }
  return undefined;
}
