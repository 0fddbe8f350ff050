import type { Token } from 'markdown-it';
import { type HtmlPiece, htmlPieces } from './html-tags.ts';

/** Where a link leads, as the source has it, and its title. */
export interface Target {
  readonly href: string;
  readonly title: string;
}

/** Text in one style and within one link, as the source says it: nothing is filled in and nothing is escaped. */
export interface Run {
  readonly text: string;
  readonly isCode: boolean;
  readonly isBold: boolean;
  readonly isItalic: boolean;
  readonly isStruck: boolean;
  readonly link?: Target;
}

/** The runs of a line. */
export type RunLine = readonly Run[];

interface Making {
  readonly lines: Run[][];
  readonly depth: { bold: number; italic: number; struck: number; code: number };
  readonly links: Target[];
}

const styles: Readonly<Record<string, keyof Making['depth']>> = {
  strong: 'bold',
  b: 'bold',
  th: 'bold',
  summary: 'bold',
  dt: 'bold',
  h1: 'bold',
  h2: 'bold',
  h3: 'bold',
  h4: 'bold',
  h5: 'bold',
  h6: 'bold',
  em: 'italic',
  i: 'italic',
  cite: 'italic',
  dfn: 'italic',
  s: 'struck',
  del: 'struck',
  strike: 'struck',
  code: 'code',
  kbd: 'code',
  samp: 'code',
  tt: 'code',
};

// Tags at which a browser begins a new line.
const breaking = new Set(
  `blockquote br caption center dd details div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr li ol p pre section summary table tr
  ul`.split(/\s+/),
);

/** The lines of what stands within a block; `isBold` makes all of it bold. */
export function runLines(tokens: readonly Token[], isBold = false): readonly RunLine[] {
  const making = begin(isBold);
  addTokens(making, tokens);
  return making.lines.map(merged);
}

/** The lines of a block of HTML, whose line breaks are kept, since people write Markdown in it. */
export function htmlLines(pieces: readonly HtmlPiece[]): readonly RunLine[] {
  const making = begin(false);
  for (const piece of pieces) {
    if (piece.kind === 'tag') {
      addTag(making, piece);
      continue;
    }
    for (const [index, text] of piece.text.split('\n').entries()) {
      if (index > 0) breakLine(making);
      addText(making, text);
    }
  }
  return making.lines.map(merged).filter((line) => line.some(({ text }) => text.trim() !== ''));
}

/** What a line says without its styles. */
export function plainOf(line: RunLine): string {
  return line.map(({ text }) => text).join('');
}

function begin(isBold: boolean): Making {
  return { lines: [[]], depth: { bold: isBold ? 1 : 0, italic: 0, struck: 0, code: 0 }, links: [] };
}

function addTokens(making: Making, tokens: readonly Token[]): void {
  for (const token of tokens) addToken(making, token);
}

function addToken(making: Making, token: Token): void {
  const { type, content } = token;
  const style = styles[token.tag];
  switch (type) {
    case 'softbreak':
      addText(making, ' ');
      break;
    case 'hardbreak':
      breakLine(making);
      break;
    case 'code_inline':
      addText(making, content, { isCode: true });
      break;
    case 'link_open':
      making.links.push(targetOf(token, 'href'));
      break;
    case 'link_close':
      making.links.pop();
      break;
    case 'image':
      addImage(
        making,
        runLines(token.children ?? [])
          .map(plainOf)
          .join(' '),
        targetOf(token, 'src'),
      );
      break;
    case 'html_inline':
      for (const piece of htmlPieces(content)) {
        if (piece.kind === 'text') addText(making, piece.text);
        else addTag(making, piece);
      }
      break;
    default:
      if (token.nesting !== 0 && style !== undefined) making.depth[style] += token.nesting;
      else addText(making, content);
  }
}

function addTag(making: Making, { name, isClosing, attributes }: Extract<HtmlPiece, { kind: 'tag' }>): void {
  const { depth, links } = making;
  if (breaking.has(name)) breakLine(making);
  const style = styles[name];
  if (style !== undefined) depth[style] = Math.max(0, depth[style] + (isClosing ? -1 : 1));
  if (isClosing) {
    if (name === 'a') links.pop();
    if (name === 'td' || name === 'th') addText(making, ' | ');
    return;
  }
  const { href = '', src = '', alt = '', title = '' } = attributes;
  if (name === 'a') links.push({ href, title });
  if (name === 'img') addImage(making, alt, { href: src, title });
  if (name === 'li') addText(making, '• ');
}

/** An image is a link: Slack refuses the whole message when it cannot fetch an image, and from inside a network it cannot. */
function addImage({ lines, links, ...making }: Making, alt: string, target: Target): void {
  const style = { ...styleOf({ lines, links, ...making }), isCode: false };
  const label = alt.trim() === '' ? 'image' : alt;
  const outer = links.at(-1);
  const line = lines.at(-1);
  if (outer === undefined || outer.href === '') line?.push({ ...style, text: label, link: target });
  else {
    line?.push({ ...style, text: label, link: outer }, { ...style, text: ' ' });
    line?.push({ ...style, text: 'image', link: target });
  }
}

function addText(making: Making, text: string, more: { readonly isCode?: boolean } = {}): void {
  const link = making.links.at(-1);
  const isLinked = link !== undefined && link.href !== '';
  if (text !== '')
    making.lines.at(-1)?.push({ ...styleOf(making), ...more, text, ...(isLinked && { link }) });
}

function styleOf({ depth }: Making): Omit<Run, 'text'> {
  return {
    isCode: depth.code > 0,
    isBold: depth.bold > 0,
    isItalic: depth.italic > 0,
    isStruck: depth.struck > 0,
  };
}

function breakLine({ lines }: Making): void {
  if ((lines.at(-1)?.length ?? 0) > 0) lines.push([]);
}

function targetOf(token: Token, name: 'href' | 'src'): Target {
  return { href: String(token.attrGet(name) ?? ''), title: String(token.attrGet('title') ?? '') };
}

/** Neighbours of the same style become one, so that nothing is made of what stands on both sides of a border. */
function merged(runs: readonly Run[]): RunLine {
  const all: Run[] = [];
  for (const run of runs) {
    const last = all.at(-1);
    if (last !== undefined && isAlike(last, run))
      all[all.length - 1] = { ...last, text: last.text + run.text };
    else all.push(run);
  }
  return all;
}

function isAlike(one: Run, other: Run): boolean {
  return (
    one.isCode === other.isCode &&
    one.isBold === other.isBold &&
    one.isItalic === other.isItalic &&
    one.isStruck === other.isStruck &&
    one.link === other.link
  );
}
