import { parseWalk } from '../../../../src/bot/blocks/runbooks/walk-reference.ts';
import { walkthroughSurfaces } from '../../../../src/bot/blocks/runbooks/walkthrough-surfaces.ts';
import type { WalkthroughView } from '../../../../src/bot/blocks/runbooks/walkthrough-view.ts';
import type { Surface } from '../../../../src/bot/blocks/surface.ts';
import { textOf } from '../text-of.ts';

/** The first message of an opened runbook; throws when there is none. */
export function first(view: WalkthroughView): Surface {
  const [surface] = walkthroughSurfaces(view);
  if (surface === undefined) throw new Error('nothing is shown');
  return surface;
}

/** The first message as a person reads it. */
export const read = (view: WalkthroughView): string => textOf(first(view).blocks);
/** All messages as a person reads them. */
export const whole = (view: WalkthroughView): string =>
  walkthroughSurfaces(view)
    .map(({ blocks }) => textOf(blocks))
    .join('\n');

/** The buttons of a message: their labels, action ids and what they are about. */
export function pressesOf({ blocks }: Pick<Surface, 'blocks'>) {
  return blocks.flatMap((block) =>
    block.type !== 'actions'
      ? []
      : block.elements.flatMap((one) =>
          one.type === 'button'
            ? [{ label: one.text.text, id: one.action_id ?? '', about: parseWalk(one.value) }]
            : [],
        ),
  );
}
