import { posix } from 'node:path';
import MarkdownIt from 'markdown-it';

const reader = new MarkdownIt({ html: false, maxNesting: 50 });

/** Addresses that a reader may follow elsewhere; everything else with a scheme is refused. */
const followed = /^(?:https?|mailto):/i;
const scheme = /^[a-z][a-z0-9+.-]*:/i;

/** What is wrong with the links of a file, with their lines: those that lead nowhere, and those that nobody should follow. */
export function linkFaults(
  text: string,
  file: string,
  exists: (path: string) => boolean,
  textOf: (path: string) => string | undefined = () => undefined,
): readonly { readonly line: number; readonly message: string }[] {
  // A link of a kind that the reader refuses is no link to it, so it is looked for in the text.
  const refused = text.split('\n').flatMap((line, index) =>
    [...line.matchAll(/\]\(\s*<?((?:javascript|vbscript|data|file):[^)\s]{0,80})/gi)].map((found) => ({
      line: index + 1,
      message: `a link to ${found[1]} is not followed from Slack; link to https, or write it as text`,
    })),
  );
  const links: { readonly href: string; readonly line: number }[] = [];
  let line = 1;
  const tokens = reader.parse(withoutFrontMatter(text), {});
  for (const token of tokens) {
    if (token.map) line = token.map[0] + 1;
    for (const child of token.children ?? []) {
      const href =
        child.type === 'link_open'
          ? child.attrGet('href')
          : child.type === 'image'
            ? child.attrGet('src')
            : null;
      if (href !== null) links.push({ href: String(href), line });
    }
  }
  const anchors = anchorsIn(text);
  const dead = links.flatMap(({ href, line: at }) => {
    const because = deadBecause(href, file, anchors, exists, textOf);
    return because === undefined ? [] : [{ line: at, message: because }];
  });
  return [...refused, ...dead];
}

function deadBecause(
  href: string,
  file: string,
  anchors: ReadonlySet<string>,
  exists: (path: string) => boolean,
  textOf: (path: string) => string | undefined,
): string | undefined {
  if (followed.test(href)) {
    return href.startsWith('mailto:') || URL.canParse(href) ? undefined : `${href} is no address`;
  }
  if (scheme.test(href))
    return `a link to ${href} is not followed from Slack; link to https, or write it as text`;
  const [path = '', fragment] = href.split('#');
  if (path === '') {
    return fragment !== undefined && anchors.has(decoded(fragment))
      ? undefined
      : `there is no heading for ${href} in this file`;
  }
  const target = posix.join(posix.dirname(file), decoded(path));
  if (!exists(target)) return `${path} leads nowhere`;
  const text = fragment === undefined || !/\.md$/i.test(target) ? undefined : textOf(target);
  if (fragment === undefined || text === undefined || anchorsIn(text).has(decoded(fragment)))
    return undefined;
  return `there is no heading for #${fragment} in ${path}`;
}

/** The anchors of a file's headings. */
function anchorsIn(text: string): ReadonlySet<string> {
  const tokens = reader.parse(withoutFrontMatter(text), {});
  return new Set(
    tokens.flatMap(({ type }, index) =>
      type === 'heading_open' ? [slugOf(tokens[index + 1]?.content ?? '')] : [],
    ),
  );
}

/** The front matter as empty lines, so that the lines stay what they are. */
function withoutFrontMatter(text: string): string {
  return text.replace(/^---\r?\n[\s\S]*?\r?\n---(?=\r?\n|$)/, (matter) => matter.replace(/[^\n]/g, ''));
}

/** A heading's anchor as GitHub makes it. */
function slugOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/gu, '-');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
