import { codeText } from '../escape.ts';
import { chunks } from './mrkdwn-lines.ts';

const fences = '```\n\n```'.length;

/**
 * Code from outside as blocks of code with fences, the first of at most `first` characters and the others of at most `rest`, both
 * over 500: parted between lines, a line that is too long within it. Nothing is left out but blank lines at both ends.
 */
export function codeParts(text: string, first: number, rest: number): readonly string[] {
  const lines = trimmedLines(codeText(text)).length === 0 ? [] : trimmedLines(text);
  const parts: string[] = [];
  let part: string[] = [];
  let length = 0;
  const end = (): void => {
    if (part.length > 0) parts.push(`\`\`\`\n${part.join('\n')}\n\`\`\``);
    part = [];
    length = 0;
  };
  const least = Math.min(first, rest) - fences;
  for (const line of lines) {
    const room = (parts.length === 0 ? first : rest) - fences;
    // An escaped character takes up to five.
    const pieces = codeText(line).length <= least ? [line] : chunks(line, Math.floor(least / 5));
    for (const piece of pieces) {
      const shown = codeText(piece);
      if (length > 0 && length + 1 + shown.length > room) end();
      part.push(shown);
      length += shown.length + 1;
    }
  }
  end();
  return parts;
}

function trimmedLines(text: string): readonly string[] {
  const lines = text.split(/\r\n?|\n/);
  const first = lines.findIndex((line) => line.trim() !== '');
  const last = lines.findLastIndex((line) => line.trim() !== '');
  return first < 0 ? [] : lines.slice(first, last + 1).map((line) => line.trimEnd());
}
