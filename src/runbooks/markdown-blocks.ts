import MarkdownIt, { type Token } from 'markdown-it';

/** Where the links of a text lead that it defines (`[label]: address "title"`), by their normalized labels. */
export type LinkDefinitions = ReadonlyMap<string, { readonly href: string; readonly title: string }>;

/** A block of Markdown with the blocks in it; `from` and `to` are lines of the text from 0, `to` the first that is not of it. */
export interface MarkdownBlock {
  readonly token: Token;
  readonly from: number;
  readonly to: number;
  readonly children: readonly MarkdownBlock[];
}

// Only blocks are needed here: where they begin and end. What stands within a line is for whoever draws it.
const parser = new MarkdownIt({ html: true, maxNesting: 100 });
parser.core.ruler.enableOnly(['normalize', 'block']);

/** A Markdown text by its blocks, and the links that it defines. */
export interface MarkdownBlocks {
  readonly blocks: readonly MarkdownBlock[];
  readonly definitions: LinkDefinitions;
}

/** Reads blocks as CommonMark with GitHub's tables has them; what is nested more than 100 deep has no blocks of its own. */
export function markdownBlocks(text: string): MarkdownBlocks {
  const blocks: MarkdownBlock[] = [];
  const open: MarkdownBlock[][] = [blocks];
  const references: Record<string, { href: string; title: string }> = {};
  for (const token of parser.parse(text, { references })) {
    if (token.nesting === -1) {
      open.pop();
      continue;
    }
    const children: MarkdownBlock[] = [];
    const [from, to] = token.map ?? [-1, -1];
    open.at(-1)?.push({ token, from, to, children });
    if (token.nesting === 1) open.push(children);
  }
  return { blocks, definitions: new Map(Object.entries(references)) };
}
