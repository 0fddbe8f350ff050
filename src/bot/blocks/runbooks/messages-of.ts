import type { KnownBlock } from '@slack/types';
import { characters } from '../fit.ts';
import { limits } from '../limits.ts';

/**
 * Blocks as messages, each within 50 blocks and 12,000 characters, in order and none left out. Code stays with the sentence
 * before it, buttons and small print with what they are about, a heading with what follows, where one message can hold them.
 */
export function messagesOf(blocks: readonly KnownBlock[]): readonly (readonly KnownBlock[])[] {
  const sized = groupsOf(blocks).map((group) => ({
    item: group,
    blocks: group.length,
    characters: characters(group),
  }));
  return packed(sized).map((groups) => groups.flat());
}

/** Something that takes this much of a message. */
export interface Sized<Item> {
  readonly item: Item;
  readonly blocks: number;
  readonly characters: number;
}

/** Things in as few messages as hold them in their order; one that is too large for any stands alone. */
export function packed<Item>(
  all: readonly Sized<Item>[],
  room: { readonly blocks: number; readonly characters: number } = {
    blocks: limits.blocks,
    characters: limits.messageTotal,
  },
): readonly (readonly Item[])[] {
  const messages: Item[][] = [];
  let left = { blocks: -1, characters: -1 };
  for (const { item, ...size } of all) {
    const isNew = left.blocks < size.blocks || left.characters < size.characters;
    if (isNew) messages.push([]);
    const from = isNew ? room : left;
    left = { blocks: from.blocks - size.blocks, characters: from.characters - size.characters };
    messages.at(-1)?.push(item);
  }
  return messages;
}

function groupsOf(blocks: readonly KnownBlock[]): readonly (readonly KnownBlock[])[] {
  const groups: KnownBlock[][] = [];
  for (const block of blocks) {
    const last = groups.at(-1);
    const isPart = last !== undefined && belongs(last.at(-1), block) && fits([...last, block]);
    if (isPart) last.push(block);
    else groups.push([block]);
  }
  return groups;
}

function belongs(before: KnownBlock | undefined, block: KnownBlock): boolean {
  if (before?.type === 'header') return true;
  if (block.type === 'actions' || block.type === 'context') return true;
  return (
    block.type === 'section' && block.text?.text.startsWith('```') === true && before?.type === 'section'
  );
}

function fits(group: readonly KnownBlock[]): boolean {
  return group.length <= limits.blocks && characters(group) <= limits.messageTotal;
}
