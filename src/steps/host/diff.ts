/** One line of a comparison: in both texts, only in the first, or only in the second. */
interface Line {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

/** Unchanged lines shown around each change. */
const around = 3;

/** What is shown at most, in lines and in characters of one line; evidence is bounded anyway, and long lines say little. */
const shownLines = 160;
const shownCharacters = 300;

/** Above this many cells the table of common lines would take seconds and memory, and the difference could not be read. */
const largestTable = 4_000_000;

/** The changes from one text to another in the unified format, with three lines of context; the empty text when they are equal. */
export function unifiedDiff(before: string, after: string): string {
  if (before === after) return '';
  const lines = compared(linesOf(before), linesOf(after));
  const out: string[] = [];
  for (const { from, to } of hunks(lines)) {
    const hunk = lines.slice(from, to);
    const start = (sign: '-' | '+') => {
      const earlier = lines.slice(0, from).filter((line) => line.sign !== other(sign)).length;
      const length = hunk.filter((line) => line.sign !== other(sign)).length;
      return `${sign}${length === 0 ? earlier : earlier + 1},${length}`;
    };
    out.push(`@@ ${start('-')} ${start('+')} @@`);
    for (const { sign, text } of hunk) out.push(sign + clipped(text));
  }
  if (out.length <= shownLines) return out.join('\n');
  return [...out.slice(0, shownLines), `… ${out.length - shownLines} lines more`].join('\n');
}

/** How many lines would go and how many would come to turn one text into another. */
export function changedLines(
  before: string,
  after: string,
): { readonly gone: number; readonly come: number } {
  const lines = compared(linesOf(before), linesOf(after));
  return {
    gone: lines.filter(({ sign }) => sign === '-').length,
    come: lines.filter(({ sign }) => sign === '+').length,
  };
}

/** A last line without its line break is another line than the same with one. */
function linesOf(text: string): readonly string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  return last === '' ? lines : [...lines, `${last}\n\\ No newline at end of file`];
}

function compared(before: readonly string[], after: readonly string[]): readonly Line[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const same = (lines: readonly string[]) => lines.map((text): Line => ({ sign: ' ', text }));
  return [
    ...same(before.slice(0, head)),
    ...between(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...same(before.slice(before.length - tail)),
  ];
}

/** Keeps the longest common subsequence; what is removed stands before what is added. */
function between(before: readonly string[], after: readonly string[]): readonly Line[] {
  const width = after.length + 1;
  const gone = (text: string): Line => ({ sign: '-', text });
  const come = (text: string): Line => ({ sign: '+', text });
  if ((before.length + 1) * width > largestTable) return [...before.map(gone), ...after.map(come)];
  const common = new Uint32Array((before.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      common[i * width + j] =
        before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: Line[] = [];
  for (let i = 0, j = 0; i < before.length || j < after.length; ) {
    const [old = '', fresh = ''] = [before[i], after[j]];
    if (i < before.length && j < after.length && old === fresh) {
      lines.push({ sign: ' ', text: old });
      i += 1;
      j += 1;
    } else if (j >= after.length || (i < before.length && at(i + 1, j) >= at(i, j + 1))) {
      lines.push(gone(old));
      i += 1;
    } else {
      lines.push(come(fresh));
      j += 1;
    }
  }
  return lines;
}

/** Stretches of lines that hold changes with their context; those that touch are one. */
function hunks(lines: readonly Line[]): readonly { readonly from: number; readonly to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (const [index, { sign }] of lines.entries()) {
    if (sign === ' ') continue;
    const [from, to] = [Math.max(0, index - around), Math.min(lines.length, index + around + 1)];
    const last = found.at(-1);
    if (last && from <= last.to) last.to = to;
    else found.push({ from, to });
  }
  return found;
}

function other(sign: '-' | '+'): '-' | '+' {
  return sign === '-' ? '+' : '-';
}

function clipped(text: string): string {
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
}
