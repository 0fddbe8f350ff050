/** Text that PostgreSQL's jsonb accepts: no NUL, no lone surrogate. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\uFFFD');
}

/** Keeps the beginning and the end of a text that is longer than `limit` characters and says what is left out between. */
export function bounded(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const note = `\n… ${text.length - limit} characters left out …\n`;
  const half = Math.max(0, Math.floor((limit - note.length) / 2));
  return storable(`${text.slice(0, half)}${note}${text.slice(text.length - half)}`);
}

/** The last line of what a program said, where the reason of a failure stands; empty when it said nothing. */
export function lastLine(said: string): string {
  return said.trim().split('\n').at(-1) ?? '';
}
