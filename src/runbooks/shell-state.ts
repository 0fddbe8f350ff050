/**
 * How a POSIX shell reads what is put into a text at a place: as the beginning of a word, within one, or in quotes. `quoted` is
 * also what nobody can tell without being a shell, and where the command gives its words to another one.
 */
export type ShellState = 'word-start' | 'within-word' | 'quoted';

// Commands and options that read their arguments as a program, an expression or a command line once more.
const readsAgain =
  /(?:^|[\s;|&(/])(?:ssh|eval|watch|su|xargs|parallel|let|declare|typeset|local|readonly|awk|gawk|trap|env|at|-[a-z]*[ce]|--(?:command|eval|execute|expression))(?=[\s=])/;

/** The most characters of a command that are looked through for such words. */
const longestLine = 2_000;

const withinWord = /[A-Za-z0-9_=/:.,@%+-]/;

/** Answers for places of a text from left to right, in a time in proportion to its length. */
export function shellReader(text: string): (place: number) => ShellState {
  let at = 0;
  let quote: "'" | '"' | undefined;
  let isComment = false;
  let isTangled = false;
  let lineStart = 0;

  // Only what every shell reads alike is followed; the rest of the text is given up after anything else.
  const step = (): void => {
    const character = text[at] ?? '';
    const next = text[at + 1] ?? '';
    if (quote === "'") {
      if (character === "'") quote = undefined;
    } else if (quote === '"') {
      if (character === '"') quote = undefined;
      else if (character === '`' || (character === '$' && '({['.includes(next))) isTangled = true;
      else if (character === '\\') at += 1;
    } else if (character === '\n') {
      isComment = false;
      lineStart = at + 1;
    } else if (character === "'" || character === '"') {
      // Where comments are off, as in zsh at a prompt, an apostrophe in one begins a quotation.
      if (isComment) isTangled = true;
      quote = character;
    } else if (character === '\\') {
      at += 1;
    } else if (character === '`') {
      isTangled = true;
    } else if (character === '$') {
      if (`'"{[`.includes(next) && next !== '') isTangled = true;
    } else if ((character === '(' || character === '[' || character === '<') && next === character) {
      isTangled = true;
    } else if (character === '#' && /^\s?$/.test(text[at - 1] ?? '')) {
      isComment = true;
    }
    at += 1;
  };

  return (place) => {
    while (at < place && !isTangled) step();
    if (isTangled || at !== place || quote !== undefined) return 'quoted';
    if (place - lineStart > longestLine || readsAgain.test(text.slice(lineStart, place))) return 'quoted';
    return withinWord.test(text[place - 1] ?? '') ? 'within-word' : 'word-start';
  };
}
