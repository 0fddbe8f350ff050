import type { KnownBlock } from '@slack/types';
import { characters } from '../fit.ts';
import { limits } from '../limits.ts';

/** How much of what people and steps said is shown, in characters; less where a message is full. */
export interface Ease {
  readonly finding: number;
  readonly because: number;
  readonly evidence: number;
}

/** From the most to what is always kept free for each task and step. */
export const eases: readonly Ease[] = [
  { finding: 1_200, because: 900, evidence: 1_200 },
  { finding: 600, because: 500, evidence: 700 },
  { finding: 280, because: 280, evidence: 500 },
];

/** Room that the state of a task or step is given beside what always stands there. */
export interface Reserve {
  readonly blocks: number;
  readonly characters: number;
}

/** A piece of a runbook that stays together: what it draws, and the most that it ever takes. */
export interface Unit {
  readonly draw: (ease: Ease) => readonly KnownBlock[];
  readonly blocks: number;
  readonly characters: number;
  /** How many of the characters always stand there. */
  readonly fixed: number;
  /** Whether somebody goes through it: a task, or a step outside of one. */
  readonly isCheck: boolean;
  /** Whether somebody is waited for. */
  readonly isAwaited?: boolean;
}

/** Blocks that never change, a unit each. */
export function fixedUnits(blocks: readonly KnownBlock[]): readonly Unit[] {
  return blocks.map((block) => ({
    draw: () => [block],
    blocks: 1,
    characters: characters(block),
    fixed: characters(block),
    isCheck: false,
  }));
}

/**
 * The units of something that begins with blocks that never change and ends with what does: one, or several where one message
 * cannot hold it.
 */
export function growingUnits(
  fixed: readonly KnownBlock[],
  reserve: Reserve,
  state: { readonly draw: (ease: Ease) => readonly KnownBlock[]; readonly isAwaited: boolean },
): readonly Unit[] {
  const { draw, isAwaited } = state;
  const length = characters(fixed);
  const whole = { blocks: fixed.length + reserve.blocks, characters: length + reserve.characters };
  if (whole.blocks <= limits.blocks / 2 && whole.characters <= limits.messageTotal / 2) {
    return [{ draw: (ease) => [...fixed, ...draw(ease)], ...whole, fixed: length, isCheck: true, isAwaited }];
  }
  return [...fixedUnits(fixed), { draw, ...reserve, fixed: 0, isCheck: true, isAwaited }];
}
