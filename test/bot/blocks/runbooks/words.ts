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
