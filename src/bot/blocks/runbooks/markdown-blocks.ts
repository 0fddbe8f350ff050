import type { KnownBlock } from '@slack/types';
import type { Labels } from '../../../alerts/alert.ts';
import { header, section } from '../block.ts';
import { codeParts } from './code-parts.ts';
import { type Links, markdownPieces } from './markdown-pieces.ts';

/** The most characters of a section; a little below Slack's 3000. */
const room = 2_950;

/** A sentence up to this long goes with the code that follows it even when that code is longer than a section. */
const shortEnough = 1_200;

/** How a Markdown text is drawn. */
export interface Drawn {
  readonly labels: Labels;
  /** The links of the text that it is a part of, if it is one. */
  readonly links?: Links;
  /** Whether its paragraphs are bold. */
  readonly isBold?: boolean;
}

/**
 * A Markdown text from outside as blocks: every word of it is there and nothing of it acts, `{{ labels.NAME }}` filled in. They are
 * sections of mrkdwn with code in fences, headers and dividers, each within Slack's limits, in any number.
 */
export function markdownBlocks(markdown: string, { labels, ...drawn }: Drawn): readonly KnownBlock[] {
  const blocks: KnownBlock[] = [];
  let text = '';
  const flush = (): void => {
    if (text !== '') blocks.push({ ...section(text), expand: true });
    text = '';
  };
  for (const piece of markdownPieces(markdown, labels, drawn)) {
    if (piece.kind === 'line') {
      const next = text === '' ? piece.text : `${text}${piece.gap ? '\n\n' : '\n'}${piece.text}`;
      if (next.length > room) flush();
      text = next.length > room ? piece.text : next;
    } else if (piece.kind === 'code') {
      const parts = withCode(text, piece.text);
      text = '';
      for (const part of parts) {
        flush();
        text = part;
      }
    } else {
      flush();
      blocks.push(piece.kind === 'rule' ? { type: 'divider' } : header(piece.text));
    }
  }
  flush();
  return blocks;
}

/** The sections that a text and the code after it take; the sentence before the code stays with it where it can. */
function withCode(text: string, code: string): readonly string[] {
  const whole = codeParts(code, room, room);
  const [first] = whole;
  if (first === undefined) return [text];
  if (text === '') return whole;
  if (text.endsWith('```')) return [text, ...whole];
  if (whole.length === 1 && text.length + 1 + first.length <= room) return [`${text}\n${first}`];
  const start = text.lastIndexOf('\n\n');
  const before = start < 0 ? '' : text.slice(0, start);
  const sentence = start < 0 ? text : text.slice(start + 2);
  if (sentence.includes('```') || sentence.length > shortEnough) return [text, ...whole];
  const [beginning = '', ...others] = codeParts(code, room - sentence.length - 1, room);
  return [...(before === '' ? [] : [before]), `${sentence}\n${beginning}`, ...others];
}
