import MarkdownIt from 'markdown-it';
import { type LinkDefinitions, markdownBlocks } from './markdown-blocks.ts';
import type { Part, Section } from './runbook.ts';

const { normalizeReference } = new MarkdownIt().utils;

/** The most characters of a definition that is repeated, and of all that are repeated in a runbook. */
const most = { one: 1_000, all: 65_536 } as const;

const label = /\[((?:[^[\]\\]|\\.){1,200})\]/g;
const reference = /(\[(?:[^[\]\\]|\\.){1,500}\])\[((?:[^[\]\\]|\\.){1,200})\]/g;

/** The sections of a runbook with each link able to stand alone: a definition that a part takes from another is repeated in it. */
export function withDefinitions(
  sections: readonly Section[],
  definitions: LinkDefinitions,
): readonly Section[] {
  if (definitions.size === 0) return sections;
  let left: number = most.all;
  const repeated = (text: string): string => {
    const added = missingFrom(text, definitions).filter((line) => {
      left -= line.length;
      return left >= 0;
    });
    const whole = added.length === 0 ? text : `${text}\n\n${added.join('\n')}`;
    // Below code or a comment that does not end they would be a part of it.
    return added.length === 0 || markdownBlocks(whole).definitions.size < added.length ? text : whole;
  };
  const written = (text: string): string => {
    if (/[`\\<]/.test(text)) return text;
    return text.replace(reference, (match, words: string, name: string) => {
      const found = definitions.get(normalizeReference(name));
      left -= found?.href.length ?? 0;
      return found === undefined || left < 0 ? match : `${words}(<${found.href}>)`;
    });
  };
  const alone = (part: Part): Part => {
    if (part.kind === 'text') return { ...part, markdown: repeated(part.markdown) };
    if (part.kind === 'step') return part;
    return { ...part, markdown: written(part.markdown), more: repeated(part.more) };
  };
  return sections.map((section) => ({ ...section, parts: section.parts.map(alone) }));
}

/** The lines that define what a text refers to and does not define. */
function missingFrom(text: string, definitions: LinkDefinitions): readonly string[] {
  const names = new Set([...text.matchAll(label)].map(([, name = '']) => normalizeReference(name)));
  const wanted = [...names].filter((name) => definitions.has(name));
  if (wanted.length === 0) return [];
  const own = markdownBlocks(text).definitions;
  return wanted
    .filter((name) => !own.has(name))
    .map((name) => {
      const { href = '', title = '' } = definitions.get(name) ?? {};
      const words = title.replace(/\s+/g, ' ').replace(/["\\]/g, '\\$&');
      return `[${name}]: <${href}>${words === '' ? '' : ` "${words}"`}`;
    })
    .filter((line) => line.length <= most.one);
}
