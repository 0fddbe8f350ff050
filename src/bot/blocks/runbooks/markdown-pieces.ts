import MarkdownIt, { type Token } from 'markdown-it';
import type { Labels } from '../../../alerts/alert.ts';
import { filledCode } from '../../../runbooks/fill-in.ts';
import { plain } from '../escape.ts';
import { limits } from '../limits.ts';
import { type HtmlPiece, htmlPieces } from './html-tags.ts';
import { htmlLines, plainOf, type RunLine, runLines } from './markdown-runs.ts';
import { alignedTable, foldedTable, type Table } from './markdown-table.ts';
import { mrkdwnLines } from './mrkdwn-lines.ts';

/**
 * What a text becomes before it is put into blocks: a line of mrkdwn of at most 2,800 characters, code as it is to be read with
 * nothing escaped, a heading in plain text, or a line across. `gap` wants an empty line before.
 */
export type MarkdownPiece =
  | { readonly kind: 'line'; readonly text: string; readonly gap: boolean }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'rule' };

interface Node {
  readonly token: Token;
  readonly children: readonly Node[];
}

/** Where a block stands: what its first line and the others begin with, and how deep in lists it is. */
interface Place {
  readonly first: string;
  readonly rest: string;
  readonly depth: number;
  readonly isTight: boolean;
  readonly isBold?: boolean;
}

const longestLine = 2_800;
/** Beyond this depth of nesting the parser leaves out what stands there. */
const deepest = 200;
const longestIndent = 24;

const parser = new MarkdownIt({ html: true, maxNesting: deepest });
// Addresses are checked and written where they are drawn; the parser would leave out, or write anew, what it does not like.
parser.validateLink = () => true;
parser.normalizeLink = (url) => url;
parser.normalizeLinkText = (url) => url;

/** The links that a text defines by name, and the addresses that it uses. */
export interface Links {
  readonly defined: Readonly<Record<string, { readonly href: string; readonly title: string }>>;
  readonly used: ReadonlySet<string>;
}

/** The links of a whole text, for the pieces in which it is drawn: what is defined at its end is used anywhere. */
export function linksOf(markdown: string): Links {
  const references: Record<string, { href: string; title: string }> = {};
  const tokens = parser.parse(withWholeAddresses(markdown), { references });
  return { defined: references, used: new Set(tokens.flatMap(hrefsOf)) };
}

/**
 * What the blocks of a Markdown text become, in order; every word of it is in a piece, comments of HTML apart. `links` are those of
 * the text that it is a part of; with `isBold` its paragraphs are bold.
 */
export function markdownPieces(
  markdown: string,
  labels: Labels,
  { links: given, isBold = false }: { readonly links?: Links; readonly isBold?: boolean } = {},
): readonly MarkdownPiece[] {
  const defines = given === undefined || /\]:/.test(markdown);
  const own: Links = defines ? linksOf(markdown) : { defined: {}, used: new Set() };
  const links = given ?? own;
  const references = { ...links.defined };
  const tokens = parser.parse(withWholeAddresses(markdown), { references });
  if (tokens.some(({ level }) => level >= deepest - 2)) return plainPieces(markdown, labels);
  const top: Place = { first: '', rest: '', depth: 0, isTight: false, isBold };
  return [...piecesOf(treeOf(tokens), top, labels), ...unusedLinks(own.defined, links.used, labels)];
}

/** A link's address ends at a space, and people write `{{ labels.x }}` in it. */
function withWholeAddresses(markdown: string): string {
  return markdown.replace(/\]\([^()\n]{1,2000}\)/g, (part) =>
    part.replace(/\{\{[ \t]*(\$?labels\.\w+)[ \t]*\}\}/g, '{{$1}}'),
  );
}

function treeOf(tokens: readonly Token[]): readonly Node[] {
  const root: Node[] = [];
  const open: Node[][] = [root];
  for (const token of tokens) {
    if (token.nesting === -1) {
      open.pop();
      continue;
    }
    const children: Node[] = [];
    open.at(-1)?.push({ token, children });
    if (token.nesting === 1) open.push(children);
  }
  return root;
}

function piecesOf(nodes: readonly Node[], place: Place, labels: Labels): MarkdownPiece[] {
  let isBegun = false;
  return nodes.flatMap((node) => {
    const pieces = pieceOf(node, isBegun ? { ...place, first: place.rest } : place, labels);
    isBegun ||= pieces.length > 0;
    return pieces;
  });
}

function pieceOf(node: Node, place: Place, labels: Labels): MarkdownPiece[] {
  const { token, children } = node;
  switch (token.type) {
    case 'paragraph_open':
      return linePieces(runLines(inlineOf(children), place.isBold), place, labels, token.hidden);
    case 'heading_open':
      return headingPieces(node, place, labels);
    case 'fence':
    case 'code_block':
      return codePieces(token, place, labels);
    case 'bullet_list_open':
    case 'ordered_list_open':
      return listPieces(node, place, labels);
    case 'blockquote_open':
      return piecesOf(children, quoted(place), labels);
    case 'table_open':
      return tablePieces(tableOf(node), place, labels);
    case 'html_block':
      return htmlPiecesOf(htmlPieces(token.content), place, labels);
    case 'hr':
      return [{ kind: 'rule' }];
    default:
      return children.length > 0
        ? piecesOf(children, place, labels)
        : linePieces(runLines(token.children ?? []), place, labels, false);
  }
}

function linePieces(
  lines: readonly RunLine[],
  place: Place,
  labels: Labels,
  isHidden: boolean,
): MarkdownPiece[] {
  const room = longestLine - Math.max(place.first.length, place.rest.length);
  return lines
    .flatMap((line) => mrkdwnLines(line, labels, room))
    .map((text, index) => ({
      kind: 'line',
      text: `${index === 0 ? place.first : place.rest}${text}`,
      gap: index === 0 && !isHidden && !place.isTight,
    }));
}

function headingPieces({ token, children }: Node, place: Place, labels: Labels): MarkdownPiece[] {
  const lines = runLines(inlineOf(children), true);
  const text = lines.map(plainOf).join(' ');
  const isPlain = lines.flat().every(({ isCode, link }) => !isCode && link === undefined);
  const fits = plain(text).length <= limits.header && plain(text) !== '' && !/\{\{|https?:/.test(text);
  if (place.depth === 0 && place.first === '' && token.tag < 'h3' && isPlain && fits) {
    return [{ kind: 'heading', text }];
  }
  return linePieces(lines, { ...place, isTight: false }, labels, false);
}

function codePieces({ type, info, content }: Token, place: Place, labels: Labels): MarkdownPiece[] {
  const [language = '', ...words] = type === 'fence' ? info.trim().split(/\s+/) : [];
  const filled = filledCode(content, labels, language);
  const isName = /^[\w+#.-]*$/.test(language);
  const said = isName ? words.join(' ') : [language, ...words].join(' ');
  const caption = said === '' ? [] : linePieces([[plainRun(said)]], place, labels, false);
  const bullet: MarkdownPiece[] =
    caption.length === 0 && place.first !== place.rest
      ? [{ kind: 'line', text: place.first.trimEnd(), gap: false }]
      : [];
  return [...bullet, ...caption, { kind: 'code', text: filled }];
}

function listPieces({ token, children }: Node, place: Place, labels: Labels): MarkdownPiece[] {
  const start = Number(token.attrGet('start') ?? 1);
  const indent = place.rest.length >= longestIndent ? '' : '    ';
  const base = place.depth === 0 ? place.rest : `${place.rest}${indent}`;
  return children.flatMap((item, index) => {
    const box = boxOf(item);
    const bullet =
      token.type === 'ordered_list_open' ? `${start + index}.` : place.depth % 2 === 0 ? '•' : '◦';
    const inner: Place = {
      first: `${base}${box ?? bullet} `,
      rest: base,
      depth: place.depth + 1,
      isTight: index > 0 || place.depth > 0,
    };
    return piecesOf(box === undefined ? item.children : withoutBox(item), inner, labels);
  });
}

const box = /^\[[ xX]\]\s+/;

function boxOf({ children: [first] }: Node): string | undefined {
  const text = first?.token.type === 'paragraph_open' ? first.children[0]?.token.children?.[0] : undefined;
  if (text?.type !== 'text' || !box.test(text.content)) return undefined;
  return text.content.startsWith('[ ]') ? '☐' : '☑';
}

function withoutBox({ children }: Node): readonly Node[] {
  const text = children[0]?.children[0]?.token.children?.[0];
  if (text !== undefined) text.content = text.content.replace(box, '');
  return children;
}

function quoted({ first, rest, depth, isTight }: Place): Place {
  // Slack quotes a line only where the mark begins it, and knows one depth.
  const mark = (prefix: string): string => (prefix.startsWith('> ') ? prefix : `> ${prefix}`);
  return { first: mark(first), rest: mark(rest), depth, isTight };
}

function tableOf(node: Node): Table {
  const rows = node.children.flatMap(({ children }) => children);
  const head = rows[0]?.children ?? [];
  return {
    rows: rows.map(({ children }) => children.map((cell) => runLines(inlineOf(cell.children)))),
    aligns: head.map(({ token }) => {
      const style = String(token.attrGet('style') ?? '');
      return style.includes('right') ? 'right' : style.includes('center') ? 'center' : 'left';
    }),
  };
}

function tablePieces(table: Table, place: Place, labels: Labels): MarkdownPiece[] {
  const aligned = alignedTable(table, labels);
  if (aligned !== undefined) return [{ kind: 'code', text: aligned }];
  return foldedTable(table).flatMap((lines) =>
    linePieces(lines, { ...place, isTight: false }, labels, false),
  );
}

function htmlPiecesOf(all: readonly HtmlPiece[], place: Place, labels: Labels): MarkdownPiece[] {
  const start = all.findIndex((piece) => piece.kind === 'tag' && piece.name === 'pre' && !piece.isClosing);
  if (start < 0) return linePieces(htmlLines(all), place, labels, false);
  const length = all
    .slice(start)
    .findIndex((piece) => piece.kind === 'tag' && piece.name === 'pre' && piece.isClosing);
  const end = length < 0 ? all.length : start + length;
  const inner = all.slice(start + 1, end).map((piece) => (piece.kind === 'text' ? piece.text : ''));
  return [
    ...linePieces(htmlLines(all.slice(0, start)), place, labels, false),
    { kind: 'code', text: filledCode(inner.join(''), labels) },
    ...htmlPiecesOf(all.slice(end + 1), place, labels),
  ];
}

/** Definitions of links that no link uses, such as notes at the foot, stay readable. */
function unusedLinks(defined: Links['defined'], used: Links['used'], labels: Labels): MarkdownPiece[] {
  const place: Place = { first: '', rest: '', depth: 0, isTight: false };
  return Object.entries(defined)
    .filter(([, { href }]) => !used.has(href) && href !== '#')
    .flatMap(([name, link]) =>
      linePieces(
        [[plainRun(`${name.toLowerCase()}: `), { ...plainRun(link.href), link }]],
        place,
        labels,
        true,
      ),
    );
}

function hrefsOf({ children, attrs }: Token): readonly string[] {
  const inner = (children ?? []).flatMap(hrefsOf);
  const address = attrs?.find(([name]) => name === 'href' || name === 'src')?.[1];
  return address === undefined ? inner : [String(address), ...inner];
}

/** What is nested too deep to be anything but an attack or a mistake is shown as its source. */
function plainPieces(markdown: string, labels: Labels): readonly MarkdownPiece[] {
  const place: Place = { first: '', rest: '', depth: 0, isTight: true };
  return markdown.split('\n').flatMap((line) => linePieces([[plainRun(line)]], place, labels, true));
}

function inlineOf(nodes: readonly Node[]): readonly Token[] {
  return nodes.flatMap(({ token }) => token.children ?? []);
}

function plainRun(text: string) {
  return { text, isCode: false, isBold: false, isItalic: false, isStruck: false };
}
