import type { KnownBlock } from '@slack/types';
import type { Block, Section, Task, Text } from '../../../runbooks/runbook.ts';
import { stepUnits, taskUnits } from './check-units.ts';
import { markdownBlocks } from './markdown-blocks.ts';
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
  return view.runbook.sections.map(({ heading, level, parts }) => ({
    heading,
    level,
    units: unitsOf(view, parts),
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
  return markdownBlocks(`${marks} ${heading}${more}`, view.walkthrough);
}

function unitsOf(view: WalkthroughView, parts: Section['parts']): readonly Unit[] {
  const units: Unit[] = [];
  for (let at = 0; at < parts.length; ) {
    const part = parts[at];
    if (part === undefined) break;
    at += 1;
    if (part.kind === 'text') units.push(...fixedUnits(markdownBlocks(part.markdown, view.walkthrough)));
    else if (part.kind === 'step') units.push(...stepUnits(view, part));
    else {
      const inside = insideOf(part, parts.slice(at));
      units.push(...taskUnits(view, part, inside));
      at += inside.length;
    }
  }
  return units;
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
