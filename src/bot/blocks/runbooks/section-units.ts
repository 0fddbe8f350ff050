import type { KnownBlock } from '@slack/types';
import type { Block, Part, Section, Task, Text } from '../../../runbooks/runbook.ts';
import { stepUnits, taskUnits } from './check-units.ts';
import { type Drawn, markdownBlocks } from './markdown-blocks.ts';
import { linksOf } from './markdown-pieces.ts';
import { fixedUnits, type Unit } from './walkthrough-units.ts';
import type { WalkthroughView } from './walkthrough-view.ts';

/** A section of the runbook as it is drawn; its heading stands before its first unit, and where it goes on in another message. */
export interface DrawnSection {
  readonly heading: string;
  readonly level: number;
  readonly units: readonly Unit[];
}

/** The sections of an opened runbook, each with its text, tasks and steps in the order of the file. */
export function drawnSections(view: WalkthroughView): readonly DrawnSection[] {
  const { sections } = view.runbook;
  const text = sections.flatMap(({ parts }) => parts.flatMap(markdownOf)).join('\n\n');
  const drawn: Drawn = { labels: view.walkthrough.labels, links: linksOf(text) };
  return sections.map(({ heading, level, parts }) => ({
    heading,
    level,
    units: unitsOf(view, parts, drawn),
  }));
}

/** A heading as a block, `continued` where the section began in an earlier message. */
export function headingBlocks(
  { heading, level }: DrawnSection,
  view: WalkthroughView,
  isContinued: boolean,
): readonly KnownBlock[] {
  if (heading === '') return [];
  const marks = level <= 2 ? '##' : '###';
  const more = isContinued ? ', continued' : '';
  return markdownBlocks(`${marks} ${heading}${more}`, { labels: view.walkthrough.labels });
}

function unitsOf(view: WalkthroughView, parts: Section['parts'], drawn: Drawn): readonly Unit[] {
  const units: Unit[] = [];
  for (let at = 0; at < parts.length; ) {
    const part = parts[at];
    if (part === undefined) break;
    at += 1;
    if (part.kind === 'text') units.push(...fixedUnits(markdownBlocks(part.markdown, drawn)));
    else if (part.kind === 'step') units.push(...stepUnits(view, part));
    else {
      const inside = insideOf(part, parts.slice(at));
      units.push(...taskUnits(view, part, inside, drawn));
      at += inside.length;
    }
  }
  return units;
}

function markdownOf(part: Part): readonly string[] {
  if (part.kind === 'step') return [];
  return part.kind === 'task' ? [part.markdown, part.more] : [part.markdown];
}

/** The texts and steps of a task, up to the next task. */
function insideOf({ id }: Task, after: Section['parts']): readonly (Text | Block)[] {
  const inside: (Text | Block)[] = [];
  for (const part of after) {
    if (part.kind === 'task' || part.task !== id) break;
    inside.push(part);
  }
  return inside;
}
