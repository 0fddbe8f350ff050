import type { KnownBlock } from '@slack/types';
import { action } from '../action.ts';
import { brief } from '../alerts/group-words.ts';
import { actions, context, type Press } from '../block.ts';
import { clip } from '../escape.ts';
import { characters } from '../fit.ts';
import { limits } from '../limits.ts';
import type { Surface } from '../surface.ts';
import { firstOf, type Placed } from './first-checks.ts';
import { packed, type Sized } from './messages-of.ts';
import { drawnSections, headingBlocks } from './section-units.ts';
import { encodeWalk } from './walk-reference.ts';
import { headBlocks, headText, progressOf } from './walkthrough-head.ts';
import { eases } from './walkthrough-units.ts';
import type { WalkthroughView } from './walkthrough-view.ts';

/** The most messages that a runbook takes; the file has the rest of one that is longer. */
const mostMessages = 30;

/** What every message keeps free for the heading of a section that goes on in it, and for its closing lines. */
const room = { blocks: limits.blocks - 4, characters: limits.messageTotal - 700 };

/**
 * The messages of an opened runbook: the first with its meaning and first checks, and once somebody asked for **More** the rest in
 * the order of the file. What is ticked or run changes a message and never where something stands. Each is within 50 blocks and
 * 12,000 characters, its action ids unique within it.
 */
export function walkthroughSurfaces(view: WalkthroughView): readonly Surface[] {
  const { isWhole } = view.walkthrough;
  const { first, rest } = firstOf(drawnSections(view));
  const messages = [
    first,
    ...packed(
      rest.map((one) => sized(view, one)),
      room,
    ),
  ];
  const shown = messages.slice(0, isWhole ? mostMessages : 1);
  const left = messages.length - shown.length;
  return shown.map((placed, index) => {
    const isFirst = index === 0;
    const isLast = index === shown.length - 1;
    const head = isFirst ? headBlocks(view) : [];
    const tail = [
      ...(isLast ? lastButtons(view, !isWhole && left > 0) : []),
      ...(isFirst || isLast ? progressBlocks(view, isWhole ? left : 0) : []),
    ];
    return {
      ...placeOf(view, index),
      urgent: placed.some(({ unit }) => unit.isAwaited),
      text: isFirst ? headText(view) : textOf(placed),
      blocks: [...head, ...bodyBlocks(view, placed, [...head, ...tail]), ...tail],
    };
  });
}

function sized(view: WalkthroughView, placed: Placed): Sized<Placed> {
  const heading = placed.isHeaded ? headingBlocks(placed.section, view, true) : [];
  const { blocks, characters: length } = placed.unit;
  return { item: placed, blocks: heading.length + blocks, characters: characters(heading) + length };
}

/** The units with their headings, and as much of what was said as fits beside the others. */
function bodyBlocks(
  view: WalkthroughView,
  placed: readonly Placed[],
  others: readonly KnownBlock[],
): readonly KnownBlock[] {
  const drawn = eases.map((ease) =>
    placed.flatMap(({ section, unit, isFirst }, index) => [
      ...(section === placed[index - 1]?.section ? [] : headingBlocks(section, view, !isFirst)),
      ...unit.draw(ease),
    ]),
  );
  const most = limits.messageTotal - characters(others);
  return drawn.find((blocks) => characters(blocks) <= most) ?? drawn.at(-1) ?? [];
}

function lastButtons({ walkthrough }: WalkthroughView, hasMore: boolean): readonly KnownBlock[] {
  const value = encodeWalk({ walk: walkthrough.id });
  const more: Press = { text: 'More', action: action.walkMore, value };
  return actions([...(hasMore ? [more] : []), { text: 'This step was wrong', action: action.remark, value }]);
}

function progressBlocks(view: WalkthroughView, left: number): readonly KnownBlock[] {
  const { runbook } = view;
  const progress = progressOf(view);
  const cut = `… ${left} more messages: this runbook is too long for Slack; the file ${brief(runbook.name, 90)}.md has it all`;
  const lines = [...(left > 0 ? [cut] : []), ...(progress === '' ? [] : [progress])];
  return lines.length === 0 ? [] : [context(lines.join('\n'))];
}

function textOf(placed: readonly Placed[]): string {
  const headings = [...new Set(placed.map(({ section }) => section.heading))].filter((one) => one !== '');
  return clip(`📖 ${brief(headings.join(', '), 300) || 'The runbook goes on'}`, 400);
}

function placeOf({ walkthrough: { place } }: WalkthroughView, index: number) {
  const key = `part-${index + 1}`;
  const { channel, thread } = place;
  if (thread !== undefined) return { key, place: 'thread' as const, elsewhere: { channel, thread } };
  return { key, place: index === 0 ? ('channel' as const) : ('thread' as const) };
}
