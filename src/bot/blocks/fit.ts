import type { KnownBlock } from '@slack/types';
import { context } from './block.ts';
import { more } from './escape.ts';
import { limits } from './limits.ts';

/**
 * A message's blocks within 50 blocks and 12,000 characters: what does not fit is taken from the middle, where a line counts
 * it, so that the start and the closing buttons stay.
 */
export function fitBlocks(blocks: readonly KnownBlock[]): KnownBlock[] {
  if (blocks.length <= limits.blocks && total(blocks) <= limits.messageTotal) return [...blocks];
  const tail = closing(blocks);
  const rest = blocks.slice(0, blocks.length - tail.length);
  // One block and some characters are kept free for the line that counts what is gone.
  let room = limits.messageTotal - total(tail) - 100;
  const head: KnownBlock[] = [];
  for (const block of rest) {
    room -= characters(block);
    if (room < 0 || head.length + tail.length + 1 >= limits.blocks) break;
    head.push(block);
  }
  const gone = rest.slice(head.length).reduce((sum, block) => sum + linesOf(block), 0);
  return gone === 0 ? [...head, ...tail] : [...head, context(`${more(gone)} lines`), ...tail];
}

/** Lines of which at most `most` are kept, the middle folded into one that counts it. */
export function foldLines(texts: readonly string[], most: number): string[] {
  if (texts.length <= most) return [...texts];
  const start = Math.ceil((most - 1) / 2);
  const end = texts.length - (most - 1 - start);
  return [...texts.slice(0, start), more(end - start), ...texts.slice(end)];
}

/** The characters of all texts in a block or view part. */
export function characters(part: unknown): number {
  if (Array.isArray(part)) return part.reduce<number>((sum, one) => sum + characters(one), 0);
  if (typeof part !== 'object' || part === null) return 0;
  return Object.entries(part).reduce(
    (sum, [key, inner]) =>
      sum + (key === 'text' && typeof inner === 'string' ? inner.length : characters(inner)),
    0,
  );
}

function closing(blocks: readonly KnownBlock[]): readonly KnownBlock[] {
  let from = blocks.length;
  while (from > 0) {
    const next = blocks.slice(from - 1);
    const isSmall = next.length <= 10 && total(next) <= limits.messageTotal / 2;
    if (!isSmall || (next[0]?.type !== 'actions' && next[0]?.type !== 'context')) break;
    from -= 1;
  }
  return blocks.slice(from);
}

function total(blocks: readonly KnownBlock[]): number {
  return blocks.reduce((sum, block) => sum + characters(block), 0);
}

function linesOf(block: KnownBlock): number {
  return block.type === 'section' && block.text !== undefined ? block.text.text.split('\n').length : 1;
}
