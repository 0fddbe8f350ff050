import type { Labels } from '../../../alerts/alert.ts';
import { filledCode, filledText } from '../../../runbooks/fill-in.ts';
import { code, escaped } from '../escape.ts';
import type { Run, RunLine, Target } from './markdown-runs.ts';
import { mrkdwnLink } from './mrkdwn-link.ts';

/** A piece of a line that mrkdwn takes only as a whole. */
interface Atom {
  readonly mrkdwn: string;
  /** Its text without the marks around it, for where marks would stand within a word. */
  readonly bare: string;
}

/** How much of a run goes into one atom when its line is too long; an escaped character takes up to five. */
const chunk = 400;

const web = /https?:\/\/(?:[^\s<>{}"'`|\\^]|\{\{[ \t]*\$?labels\.\w+[ \t]*\}\})+/gi;

/**
 * A line as lines of mrkdwn of at most `limit` characters each, 2,500 or more, with the labels filled in and everything escaped;
 * a line with nothing to see gives none.
 */
export function mrkdwnLines(line: RunLine, labels: Labels, limit: number): string[] {
  const runs = line.flatMap(withBareLinks);
  const whole = joined(atomsOf(runs, labels, Number.POSITIVE_INFINITY));
  if (whole.length <= limit) return whole === '' ? [] : [whole];
  const lines: string[] = [];
  let last: Atom[] = [];
  let length = 0;
  for (const atom of atomsOf(runs, labels, chunk)) {
    if (length + atom.mrkdwn.length > limit) {
      lines.push(joined(last));
      last = [];
      length = 0;
    }
    last.push(atom);
    length += atom.mrkdwn.length;
  }
  return [...lines, joined(last)].filter((one) => one !== '');
}

function atomsOf(runs: readonly Run[], labels: Labels, most: number): readonly Atom[] {
  const atoms: Atom[] = [];
  for (let at = 0; at < runs.length; ) {
    const run = runs[at];
    if (run === undefined) break;
    const { link } = run;
    let end = at + 1;
    if (link !== undefined) while (runs[end]?.link === link) end += 1;
    if (link === undefined) atoms.push(...textAtoms(run, labels, most));
    else atoms.push(...linkAtoms(runs.slice(at, end), link, labels, most));
    at = end;
  }
  return atoms;
}

function linkAtoms(runs: readonly Run[], target: Target, labels: Labels, most: number): readonly Atom[] {
  const label = runs.map(({ text }) => text).join('');
  const title = target.title.trim() === '' ? [] : textAtoms(plainRun(` (${target.title})`), labels, most);
  const bare = mrkdwnLink(label, target.href, labels);
  // Nothing in what is no link must stay together, so that a part of it may stand in the next section.
  const isText = !bare.startsWith('<');
  if (isText && bare.length > most) {
    return [...textAtoms(plainRun(`${label} ${target.href}`), labels, most), ...title];
  }
  const [first] = runs;
  const isAlike = first !== undefined && !isText && runs.every((run) => styleKey(run) === styleKey(first));
  return [{ mrkdwn: isAlike ? styled(bare, first) : bare, bare }, ...title];
}

function textAtoms(run: Run, labels: Labels, most: number): readonly Atom[] {
  if (run.isCode) {
    return chunks(filledCode(run.text, labels), most).map((one) => {
      const bare = code(one);
      return { mrkdwn: styled(bare, run), bare };
    });
  }
  return chunks(filledText(run.text, labels), most).map((one) => {
    const bare = escapedWithin(one);
    const core = bare.trim();
    if (core === '') return { mrkdwn: bare, bare };
    const start = bare.slice(0, bare.indexOf(core));
    const end = bare.slice(start.length + core.length);
    return { mrkdwn: `${start}${styled(core, run)}${end}`, bare };
  });
}

function styled(text: string, { isBold, isItalic, isStruck }: Run): string {
  if (text === '') return '';
  const italic = isItalic ? `_${text}_` : text;
  const struck = isStruck ? `~${italic}~` : italic;
  return isBold ? `*${struck}*` : struck;
}

function plainRun(text: string): Run {
  return { text, isCode: false, isBold: false, isItalic: false, isStruck: false };
}

function styleKey({ isBold, isItalic, isStruck }: Run): string {
  return [isBold, isItalic, isStruck].join();
}

/** Marks only where Slack takes them for marks: not within a word. */
function joined(atoms: readonly Atom[]): string {
  const pieces: string[] = [];
  let before = ' ';
  for (const [index, { mrkdwn, bare }] of atoms.entries()) {
    const after = atoms[index + 1]?.bare.at(0) ?? ' ';
    const isWithin = (isWord(before) && !/^\s/u.test(mrkdwn)) || (isWord(after) && !/\s$/u.test(mrkdwn));
    const piece = isWithin && mrkdwn !== bare ? bare : mrkdwn;
    pieces.push(piece);
    before = piece.at(-1) ?? before;
  }
  // Slack takes the mark at the start of a line for a quotation.
  return pieces
    .join('')
    .trim()
    .replace(/^(?:&gt;)+/u, '›');
}

function isWord(character: string): boolean {
  return /[\p{L}\p{N}]/u.test(character);
}

/** Escaped like any text from outside, but with the spaces at its ends, which part it from what stands beside it. */
function escapedWithin(text: string): string {
  return escaped(`.${text}.`).slice(1, -1);
}

function withBareLinks(run: Run): readonly Run[] {
  if (run.isCode || run.link !== undefined) return [run];
  const runs: Run[] = [];
  let at = 0;
  for (const { 0: found, index } of run.text.matchAll(web)) {
    const href = found.replace(/[.,;:!?*_~)\]]+$/u, '');
    runs.push({ ...run, text: run.text.slice(at, index) });
    runs.push({ ...run, text: href, link: { href, title: '' } });
    at = index + href.length;
  }
  return [...runs, { ...run, text: run.text.slice(at) }].filter(({ text }) => text !== '');
}

/** Text in pieces of at most `most` characters, parted at a space where there is one. */
export function chunks(text: string, most: number): readonly string[] {
  if (text.length <= most) return [text];
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > most) {
    const space = rest.lastIndexOf(' ', most);
    const end = space > most / 2 ? space : wholeCharacters(rest, most);
    pieces.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return [...pieces, rest];
}

/** Where to cut so that no pair of surrogates is parted. */
function wholeCharacters(text: string, at: number): number {
  return /[\ud800-\udbff]/.test(text.charAt(at - 1)) ? at - 1 : at;
}
