import MarkdownIt, { type Token } from 'markdown-it';

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

/** The blocks of a Markdown text, as CommonMark with GitHub's tables has them; what is nested more than 100 deep has no blocks of its own. */
export function markdownBlocks(text: string): readonly MarkdownBlock[] {
  const root: MarkdownBlock[] = [];
  const open: MarkdownBlock[][] = [root];
  for (const token of parser.parse(text, {})) {
    if (token.nesting === -1) {
      open.pop();
      continue;
    }
    const children: MarkdownBlock[] = [];
    const [from, to] = token.map ?? [-1, -1];
    open.at(-1)?.push({ token, from, to, children });
    if (token.nesting === 1) open.push(children);
  }
  return root;
}
