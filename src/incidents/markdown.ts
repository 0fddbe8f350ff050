import { oneLine } from '../alerts/one-line.ts';

/** What means something to Markdown or GitHub anywhere in a line (https://spec.commonmark.org/0.31.2/#backslash-escapes). */
const anywhere = /[\\`*_[\]|~#$@{}]/g;

/** As entities they do nothing in Slack either, should somebody paste the text there. */
const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** What means something at the start of a line: items, rules and underlines of headings. */
const atStart = /^(?:[-+=]|\d{1,9}(?=[.)]))/;

/** Text from outside as Markdown on one line of at most `limit` characters before escaping, that says what it says and does nothing. */
export function markdown(text: string, limit = 600): string {
  return oneLine(text, limit)
    .replace(anywhere, (mark) => `\\${mark}`)
    .replace(/[&<>]/g, (mark) => entities[mark] ?? '')
    .replace(atStart, (start) => (/\d/.test(start) ? `${start}\u200b` : `\\${start}`));
}
