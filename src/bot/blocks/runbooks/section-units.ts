import type { KnownBlock } from '@slack/types';
import type { Section } from '../../../runbooks/runbook.ts';
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
  for (let at = 0; at < parts.length; at += 1) {
    const part = parts[at];
    if (part === undefined) break;
    if (part.kind === 'text') units.push(...fixedUnits(markdownBlocks(part.markdown, view.walkthrough)));
    else if (part.kind === 'step') units.push(...stepUnits(view, part));
    else {
      // The step of a task is run from the same row of buttons.
      const next = parts[at + 1];
      const step = next?.kind === 'step' ? next : undefined;
      units.push(...taskUnits(view, part, step));
      if (step !== undefined) at += 1;
    }
  }
  return units;
}
