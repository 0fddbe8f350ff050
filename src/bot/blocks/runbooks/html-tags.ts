import MarkdownIt from 'markdown-it';

/** A piece of HTML: text, or a tag with its name in lower case; `</b>` is a tag that closes. */
export type HtmlPiece =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'tag';
      readonly name: string;
      readonly isClosing: boolean;
      readonly attributes: Readonly<Record<string, string>>;
    };

// Tags that only say how their text looks. Everything else in angle brackets, such as `<namespace>`, is something to read.
const known = new Set(
  `a abbr b big blockquote body br caption center cite code col colgroup dd del details dfn div dl dt em figcaption figure font
  h1 h2 h3 h4 h5 h6 hr html i img ins kbd li mark ol p picture pre q s samp section small span strike strong sub summary sup
  table tbody td tfoot th thead tr tt u ul var`.split(/\s+/),
);

const piece = /<!--[\s\S]*?(?:-->|$)|<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[^<>]*)?)\/?>/g;
const attribute = /([a-zA-Z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/g;
const markdown = new MarkdownIt();

/** HTML as its texts and the tags that it is formatted with, in order; comments are left out and unknown tags are text. */
export function htmlPieces(html: string): readonly HtmlPiece[] {
  const pieces: HtmlPiece[] = [];
  let at = 0;
  const addText = (end: number): void => {
    if (end > at) pieces.push({ kind: 'text', text: unescaped(html.slice(at, end)) });
  };
  for (const { 0: whole, 1: slash, 2: tag = '', 3: rest = '', index } of html.matchAll(piece)) {
    const name = tag.toLowerCase();
    const isComment = tag === '';
    if (!isComment && !known.has(name)) continue;
    addText(index);
    at = index + whole.length;
    if (isComment) continue;
    pieces.push({ kind: 'tag', name, isClosing: slash === '/', attributes: attributesOf(rest) });
  }
  addText(html.length);
  return pieces;
}

function attributesOf(text: string): Readonly<Record<string, string>> {
  const all = [...text.matchAll(attribute)].map(
    ([, name = '', quoted, single, bare]) =>
      [name.toLowerCase(), unescaped(quoted ?? single ?? bare ?? '')] as const,
  );
  return Object.fromEntries(all);
}

/** Character references as the characters that they stand for. */
function unescaped(text: string): string {
  return text.replace(/&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});/g, (one) =>
    markdown.utils.unescapeAll(one),
  );
}
