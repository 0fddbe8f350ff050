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

/** Blocks that never change, and after them what does, within its reserve. */
export interface Piece {
  readonly fixed: readonly KnownBlock[];
  readonly state?: Reserve & { readonly draw: (ease: Ease) => readonly KnownBlock[] };
}

/** The pieces of something that people go through as one unit, or as several where half a message cannot hold it. */
export function checkUnits(pieces: readonly Piece[], isAwaited: boolean): readonly Unit[] {
  const parts = pieces.flatMap(partsOf);
  const fixed = parts.reduce((sum, part) => sum + part.fixed, 0);
  const whole = {
    blocks: parts.reduce((sum, { blocks }) => sum + blocks, 0),
    characters: parts.reduce((sum, part) => sum + part.characters, 0),
  };
  const isSmall = whole.blocks <= limits.blocks / 2 && whole.characters <= limits.messageTotal / 2;
  if (isSmall) {
    const draw = (ease: Ease) => parts.flatMap((part) => [...part.draw(ease)]);
    return [{ draw, ...whole, fixed, isCheck: true, isAwaited }];
  }
  const last = parts.length - 1;
  return parts.map((part, index) => (index === last ? { ...part, isCheck: true, isAwaited } : part));
}

function partsOf({ fixed, state }: Piece): readonly Unit[] {
  return [...fixedUnits(fixed), ...(state === undefined ? [] : [{ ...state, fixed: 0, isCheck: false }])];
}
