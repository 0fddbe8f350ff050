import type { DrawnSection } from './section-units.ts';
import type { Unit } from './walkthrough-units.ts';

/** A unit with the section that it stands in. */
export interface Placed {
  readonly section: DrawnSection;
  readonly unit: Unit;
  /** Whether the section begins with it. */
  readonly isFirst: boolean;
  /** Whether another section stands before it, so that its heading is drawn. */
  readonly isHeaded: boolean;
}

/** What a person takes in at once on a phone. */
const most = { checks: 5, characters: 5_500, blocks: 40 } as const;

/**
 * What stands in the first message, and the rest in the order of the file: the meaning and the first checks of the diagnosis with
 * what stands under their headings, or the beginning of a runbook that has neither.
 */
export function firstOf(sections: readonly DrawnSection[]): {
  readonly first: readonly Placed[];
  readonly rest: readonly Placed[];
} {
  const all = sections.flatMap(placed);
  const named = [...under(sections, 'meaning'), ...under(sections, 'diagnosis')];
  const wanted = named.length === 0 ? all : all.filter(({ section }) => named.includes(section));
  const ordered =
    named.length === 0 ? wanted : named.flatMap((section) => wanted.filter((one) => one.section === section));
  const left = { checks: most.checks, characters: most.characters, blocks: most.blocks };
  const first: Placed[] = [];
  for (const one of ordered) {
    left.checks -= one.unit.isCheck ? 1 : 0;
    left.characters -= one.unit.fixed;
    left.blocks -= one.unit.blocks;
    const isRoom = left.checks >= 0 && left.characters >= 0 && left.blocks >= 0;
    if (!isRoom && first.length > 0) break;
    first.push(one);
  }
  const rest = all.filter((one) => !first.includes(one));
  const headed = rest.map((one, index) => ({ ...one, isHeaded: one.section !== rest[index - 1]?.section }));
  return { first, rest: headed };
}

/** The section of this name and those under it. */
function under(sections: readonly DrawnSection[], name: string): readonly DrawnSection[] {
  const start = sections.findIndex(({ heading }) => heading.toLowerCase().startsWith(name));
  const level = sections[start]?.level;
  if (level === undefined) return [];
  const after = sections.slice(start + 1);
  const end = after.findIndex((section) => section.level <= level);
  return sections.slice(start, end < 0 ? undefined : start + 1 + end);
}

/** An empty section is still a heading. */
function placed(section: DrawnSection): readonly Placed[] {
  const { units } = section;
  const empty: Unit = { draw: () => [], blocks: 0, characters: 0, fixed: 0, isCheck: false };
  const drawn = units.length === 0 && section.heading !== '' ? [empty] : units;
  return drawn.map((unit, index) => ({
    section,
    unit,
    isFirst: index === 0,
    isHeaded: index === 0,
  }));
}
