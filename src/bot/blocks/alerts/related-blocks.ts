import type { KnownBlock } from '@slack/types';
import type { AlertGroup } from '../../../alerts/group.ts';
import { readable } from '../../../duration.ts';
import { action, encode } from '../action.ts';
import { actions, lines } from '../block.ts';
import { clip, mention } from '../escape.ts';
import { sign } from '../signs.ts';
import { brief } from './group-words.ts';

/** What was deployed shortly before, the newest first, with the button that takes the newest back. */
export function relatedBlocks({ related, routing, openedAt, status }: AlertGroup): KnownBlock[] {
  const newestFirst = related.toSorted((one, other) => other.at - one.at).slice(0, 3);
  const [newest] = newestFirst;
  if (newest === undefined) return [];
  const place = brief(routing.environment ?? '', 60);
  const told = newestFirst.map(({ version, phase, at, by }) => {
    const what = `*${place} ${brief(version, 60)}*`.replace('* ', '*');
    const before = readable(Math.max(0, openedAt - at));
    return `${sign.moving} ${what} reached *${brief(phase, 80)}* ${before} before, by ${mention(by)}`;
  });
  const press = {
    text: `Roll back ${clip(newest.version, 50)}`,
    action: action.rollBack,
    value: encode({ run: newest.run }),
    style: 'danger' as const,
  };
  // What is below the newest cannot be taken back before it.
  return [...lines(told), ...actions(status === 'firing' ? [press] : [])];
}
