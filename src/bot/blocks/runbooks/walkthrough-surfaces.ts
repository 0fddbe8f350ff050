import { action } from '../action.ts';
import { actions, header, section } from '../block.ts';
import { clip, escaped } from '../escape.ts';
import type { Surface } from '../surface.ts';
import { encodeWalk } from './walk-reference.ts';
import type { WalkthroughView } from './walkthrough-view.ts';

/** The messages of an opened runbook, the first one with its meaning and first checks. */
export function walkthroughSurfaces({ walkthrough, runbook }: WalkthroughView): readonly Surface[] {
  const { place } = walkthrough;
  const walk = walkthrough.id;
  const tasks = runbook.sections.flatMap(({ parts }) => parts.filter(({ kind }) => kind !== 'text'));
  const blocks = [
    header(runbook.title),
    ...tasks.slice(0, 20).flatMap((part) => {
      if (part.kind === 'text') return [];
      const value = encodeWalk({ walk, part: part.id });
      if (part.kind === 'step') {
        return [
          section(clip(escaped(part.title ?? part.uses), 500)),
          ...actions([{ text: 'Run', action: action.runStep, value }]),
        ];
      }
      const isDone = walkthrough.ticks[part.id] !== undefined;
      const tick = isDone
        ? { text: 'Undo', action: action.untick, value }
        : { text: 'Done', action: action.tick, value };
      return [
        section(clip(escaped(part.markdown), 500)),
        ...actions([tick, { text: 'Add finding', action: action.finding, value }]),
      ];
    }),
    ...actions([
      { text: 'More', action: action.walkMore, value: encodeWalk({ walk }) },
      { text: 'This step was wrong', action: action.remark, value: encodeWalk({ walk }) },
    ]),
  ];
  const first: Surface = {
    key: 'part-1',
    place: place.thread === undefined ? 'channel' : 'thread',
    urgent: false,
    text: clip(escaped(runbook.title), 400),
    blocks,
    ...(place.thread === undefined ? {} : { elsewhere: { channel: place.channel, thread: place.thread } }),
  };
  return [first];
}
