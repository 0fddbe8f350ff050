// Controls, marks that turn the reading order or are drawn as nothing, lone surrogates.
const unseen = /[\p{Cf}\p{Cs}\u115f\u1160\u3164\uffa0]|\u034f|\u17b4|\u17b5/gu;

/** Text from outside as one line of at most `limit` UTF-16 units: no control, hidden or direction mark, spaces folded into one. */
export function oneLine(text: string, limit: number): string {
  const line = text
    .slice(0, limit * 4)
    .replace(/\p{Cc}/gu, ' ')
    .replace(unseen, '')
    .replace(/\s+/gu, ' ')
    .trim();
  if (line.length <= limit) return line;
  // A surrogate pair that the cut splits leaves half a character, which is no text.
  return `${line.slice(0, limit - 1).replace(/[\ud800-\udbff]$/u, '')}…`;
}
