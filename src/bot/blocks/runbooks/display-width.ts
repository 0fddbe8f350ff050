const segments = new Intl.Segmenter('en', { granularity: 'grapheme' });

// What East Asian Width calls wide or fullwidth, by scripts, and emoji. Source: https://www.unicode.org/reports/tr11/
const wide =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|[\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|\ufe0f/u;
const mark = /^[\p{M}\p{Cc}\p{Cf}]+$/u;

/** How many columns a line takes in a font of fixed width: wide characters take two, marks without a letter none. */
export function displayWidth(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segments.segment(text))
    width += mark.test(segment) ? 0 : wide.test(segment) ? 2 : 1;
  return width;
}

/** A text with spaces after it, or before it where it is aligned to the right, so that it takes this many columns. */
export function padded(text: string, width: number, align: 'left' | 'right' | 'center'): string {
  const room = Math.max(0, width - displayWidth(text));
  const before = align === 'right' ? room : align === 'center' ? Math.floor(room / 2) : 0;
  return `${' '.repeat(before)}${text}${' '.repeat(room - before)}`;
}
