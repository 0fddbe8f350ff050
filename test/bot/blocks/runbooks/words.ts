import type { AnyBlock } from '@slack/types';
import { MessageBlocks } from '../../../../rehearsal/slack/block-kit.ts';
import { textOf } from '../text-of.ts';

/** What Slack would say against these blocks, fifty at a time; nothing when it takes them all. */
export function refusals(blocks: readonly AnyBlock[]): string[] {
  const found: string[] = [];
  for (let at = 0; at < blocks.length; at += 50) {
    const { error } = MessageBlocks.safeParse(blocks.slice(at, at + 50));
    if (error !== undefined)
      found.push(...error.issues.map(({ message, path }) => `${path.join('/')}: ${message}`));
  }
  return found;
}

/** The words of a text, in lower case: runs of letters and digits; the lookalikes of marks are none. */
export function wordsOf(text: string): string[] {
  return (
    text
      .toLowerCase()
      .replace(/[ˋˍ]/g, ' ')
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/** All texts of blocks as a person reads them, without the escapes of mrkdwn. */
export function readText(blocks: readonly AnyBlock[]): string {
  return textOf(blocks).replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
}

/** The words of a Markdown source that no block shows: none of them may be lost, as often as they stand there. */
export function lostWords(source: string, blocks: readonly AnyBlock[]): string[] {
  const left = new Map<string, number>();
  for (const word of wordsOf(readText(blocks))) left.set(word, (left.get(word) ?? 0) + 1);
  return wordsOf(source).filter((word) => {
    const count = left.get(word) ?? 0;
    left.set(word, count - 1);
    return count <= 0;
  });
}
