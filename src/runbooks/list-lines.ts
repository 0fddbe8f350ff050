/** Lines of a container in Markdown, free of the indentation that it gives them; `column` is where their first character stood. */
export interface Lines {
  readonly lines: readonly string[];
  readonly column: number;
  /** The line of the body that the first one is, from 0. */
  readonly first: number;
}

const marker = /^( *)([-*+]|\d{1,9}[.)])(?=[ \t]|$)/;

/** The lines from one line of the body up to another. */
export function linesBetween({ lines, column, first }: Lines, from: number, to: number): Lines {
  return { lines: lines.slice(from - first, to - first), column, first: from };
}

/**
 * What stands in a list item, free of its marker and indentation, by CommonMark's rules
 * (https://spec.commonmark.org/0.31.2/#list-items); undefined when its first line has no marker. Within code tabs are kept.
 */
export function insideItem(item: Lines, isCode: (line: number) => boolean): Lines | undefined {
  const [head = '', ...rest] = item.lines;
  const found = marker.exec(head);
  if (found === null) return undefined;
  const width = found[0].length;
  const after = head.slice(width);
  const gap = indentOf(after, item.column + width);
  // Where nothing or code follows the marker, one space belongs to it and the rest to what follows.
  const inner = after.trim() === '' || gap > 4 ? 1 : gap;
  const column = item.column + width + inner;
  const lines = [
    outdented(after, item.column + width, inner, false),
    ...rest.map((line, index) => outdented(line, item.column, width + inner, isCode(item.first + index + 1))),
  ];
  return { lines, column, first: item.first };
}

/** How many columns the white space at the beginning of a line takes that begins at a column. */
function indentOf(line: string, column: number): number {
  let at = column;
  for (const character of line) {
    if (character === '\t') at += 4 - (at % 4);
    else if (character === ' ') at += 1;
    else break;
  }
  return at - column;
}

function outdented(line: string, column: number, columns: number, keepsTabs: boolean): string {
  let at = column;
  let index = 0;
  while (at < column + columns && (line[index] === ' ' || line[index] === '\t')) {
    at += line[index] === '\t' ? 4 - (at % 4) : 1;
    index += 1;
  }
  const surplus = ' '.repeat(Math.max(0, at - column - columns));
  const rest = line.slice(index);
  if (keepsTabs) return surplus + rest;
  // Further tabs would stand at other columns than they did.
  const text = rest.trimStart();
  return surplus + ' '.repeat(text === '' ? 0 : indentOf(rest, at)) + text;
}
