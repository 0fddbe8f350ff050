import type { Labels } from '../../../alerts/alert.ts';
import { filledText } from '../../../runbooks/fill-in.ts';
import { displayWidth, padded } from './display-width.ts';
import type { Run, RunLine } from './markdown-runs.ts';
import { plainOf } from './markdown-runs.ts';

/** A table as its source has it: the first row is its head, each cell the lines that stand in it. */
export interface Table {
  readonly rows: readonly (readonly (readonly RunLine[])[])[];
  readonly aligns: readonly ('left' | 'right' | 'center')[];
}

/** The columns that a table may take to be drawn as one; a line of code wraps after about so many. */
const widest = 72;

/**
 * A table as aligned text for a block of code, or undefined for one that is better read row by row: wider than 72 columns, or with
 * links, which code cannot have.
 */
export function alignedTable({ rows, aligns }: Table, labels: Labels): string | undefined {
  if (rows.some((row) => row.some((cell) => cell.some(hasLink)))) return undefined;
  const texts = rows.map((row) =>
    row.map((cell) => filledText(cell.map(plainOf).join(' ').replace(/\s+/gu, ' ').trim(), labels)),
  );
  const count = texts.reduce((most, row) => Math.max(most, row.length), 0);
  const widths = Array.from({ length: count }, (_, column) =>
    texts.reduce((most, row) => Math.max(most, displayWidth(row[column] ?? '')), 1),
  );
  if (widths.reduce((sum, width) => sum + width + 2, 0) > widest) return undefined;
  const lines = texts.map((row) =>
    widths
      .map((width, column) => padded(row[column] ?? '', width, aligns[column] ?? 'left'))
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [lines[0] ?? '', rule, ...lines.slice(1)].join('\n');
}

/** A table row by row: a line for each cell, what stands above its column before it, and the first in bold. */
export function foldedTable({ rows: [head = [], ...rows] }: Table): readonly (readonly RunLine[])[] {
  const names = head.map((cell) => cell.flatMap((line) => [...line]));
  if (rows.length === 0) return [names.filter((name) => !isBlank(name))];
  // The name of a column in which nothing stands is still to be read.
  const isEmpty = names.map((_, column) => rows.every((row) => isBlank(row[column]?.flat() ?? [])));
  return rows.map((row) =>
    row.flatMap((cell, column) => {
      const [first = [], ...others] = cell;
      const name = names[column] ?? [];
      const isNeeded = !isBlank(name) && isEmpty[column] === true;
      if (isBlank(cell.flat()) && column > 0 && !isNeeded) return [];
      const label = isBlank(name) ? [] : [...name, plain(': ')];
      return [column === 0 ? [...label, ...bold(first)] : [plain('• '), ...label, ...first], ...others];
    }),
  );
}

function isBlank(line: RunLine): boolean {
  return plainOf(line).trim() === '';
}

function bold(line: RunLine): RunLine {
  return line.map((run) => ({ ...run, isBold: true }));
}

function plain(text: string): Run {
  return { text, isCode: false, isBold: false, isItalic: false, isStruck: false };
}

function hasLink(line: RunLine): boolean {
  return line.some(({ link, text, isCode }) => link !== undefined || (!isCode && /https?:\/\//i.test(text)));
}
