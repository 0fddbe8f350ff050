import type { KnownBlock } from '@slack/types';
import { lines } from './block.ts';
import { clip } from './escape.ts';
import { fitBlocks } from './fit.ts';
import { unformatted } from './moment.ts';

/** An answer to a command or click that only the asker sees. */
export interface Reply {
  readonly text: string;
  readonly blocks: KnownBlock[];
}

/** An answer of lines of mrkdwn, the first of which is also what a notification shows. */
export function reply(first: string, ...rest: readonly string[]): Reply {
  return { text: clip(unformatted(first), 400), blocks: fitBlocks(lines([first, ...rest])) };
}
