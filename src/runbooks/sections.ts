import { withDefinitions } from './link-definitions.ts';
import { insideItem, type Lines, linesBetween } from './list-lines.ts';
import { type MarkdownBlock, markdownBlocks } from './markdown-blocks.ts';
import type { Part, Section } from './runbook.ts';
import type { TextFault } from './small-yaml.ts';
import { isStepFence, stepBlock } from './step-block.ts';

/** The most tasks and steps of one runbook, and characters of the YAML of all its steps. */
const most = { tasks: 500, steps: 50, yaml: 65_536 } as const;

const box = /^\[[ xX]\]\s+(?=\S)/;

interface OpenSection {
  readonly heading: string;
  readonly level: number;
  readonly parts: Part[];
}

/** What is being made of a text. */
interface Making {
  readonly sections: OpenSection[];
  readonly faults: TextFault[];
  readonly isCode: (line: number) => boolean;
  /** How many lines of the file stand above the text. */
  readonly above: number;
  tasks: number;
  steps: number;
  yaml: number;
  /** The task whose item is being read. */
  task: string | undefined;
}

/**
 * The sections of the Markdown lines of a runbook and what is wrong with its steps. Every line that is not blank is in a heading
 * or a part, in the order of the file; `above` is how many lines of the file stand above them. A link that is defined elsewhere
 * in the file leads to the same place from where it stands.
 */
export function sectionsOf(
  lines: readonly string[],
  above: number,
): { readonly sections: readonly Section[]; readonly faults: readonly TextFault[] } {
  const { blocks, definitions } = markdownBlocks(lines.join('\n'));
  const code = codeLines(blocks);
  const making: Making = {
    sections: [{ heading: '', level: 0, parts: [] }],
    faults: [],
    isCode: (line) => code.has(line),
    ...{ above, tasks: 0, steps: 0, yaml: 0, task: undefined },
  };
  const content: Lines = { lines, column: 0, first: 0 };
  walk(making, blocks, content, 0, (from, to) => addText(making, content, from, to));
  if (making.tasks > most.tasks) {
    making.faults.push({ message: `it has ${making.tasks} task items; at most ${most.tasks} can be ticked` });
  }
  const [first, ...others] = making.sections;
  const kept = first === undefined || first.parts.length === 0 ? others : [first, ...others];
  return { sections: withDefinitions(kept, definitions), faults: making.faults };
}

/** Takes the tasks, steps and headings out of the blocks of a container; the lines between them are given to `text`. */
function walk(
  making: Making,
  blocks: readonly MarkdownBlock[],
  content: Lines,
  start: number,
  text: (from: number, to: number) => void,
): void {
  let at = start;
  const take = (block: MarkdownBlock, act: () => void): void => {
    text(at, block.from);
    act();
    at = block.to;
  };
  const visit = (all: readonly MarkdownBlock[]): void => {
    for (const block of all) {
      const { type } = block.token;
      if (type === 'heading_open' && block.token.level === 0) {
        take(block, () => addHeading(making, block));
      } else if (isStep(block)) {
        take(block, () => addStep(making, block));
      } else if (type === 'bullet_list_open' || type === 'ordered_list_open') {
        visit(block.children);
      } else if (type === 'list_item_open' && isSpecial(block)) {
        const item = linesBetween(content, block.from, block.to);
        const inside = insideItem(item, making.isCode);
        if (inside !== undefined) take(block, () => addItem(making, block, item, inside));
      }
    }
  };
  visit(blocks);
  text(at, content.first + content.lines.length);
}

function addItem(making: Making, item: MarkdownBlock, whole: Lines, inside: Lines): void {
  const task = taskOf(item);
  const [paragraph, ...others] = item.children;
  let isFirst = true;
  if (task === undefined || paragraph === undefined) {
    // Its marker stays with what stands before the first task or step in it.
    walk(making, item.children, inside, item.from, (from, to) => {
      addText(making, isFirst ? whole : inside, from, to);
      isFirst = false;
    });
    return;
  }
  making.tasks += 1;
  const { parts } = current(making);
  const kept = { kind: 'task', id: `t${making.tasks}`, markdown: task } as const;
  const outer = making.task;
  making.task = kept.id;
  walk(making, others, inside, paragraph.to, (from, to) => {
    if (isFirst) parts.push({ ...kept, more: textOf(inside, from, to) });
    else addText(making, inside, from, to);
    isFirst = false;
  });
  making.task = outer;
}

function addHeading({ sections }: Making, { token, children }: MarkdownBlock): void {
  const heading = (children[0]?.token.content ?? '').replace(/\s+/g, ' ').trim();
  sections.push({ heading, level: Number(token.tag.slice(1)), parts: [] });
}

function addStep(making: Making, { token, from, to }: MarkdownBlock): void {
  const line = making.above + from + 1;
  making.steps += 1;
  making.yaml += token.content.length;
  if (making.steps > most.steps || making.yaml > most.yaml) {
    const message = `at most ${most.steps} steps and ${most.yaml} characters of them may stand in a runbook`;
    if (making.faults.at(-1)?.message !== message) making.faults.push({ line, message });
    return;
  }
  const isClosed = to - from - 2 === token.content.split('\n').length - 1;
  const made = stepBlock({ info: token.info, content: token.content, line, isClosed });
  if ('faults' in made) making.faults.push(...made.faults);
  else current(making).parts.push({ ...made.step, id: `s${making.steps}`, ...insideTask(making) });
}

function addText(making: Making, content: Lines, from: number, to: number): void {
  const markdown = textOf(content, from, to);
  if (markdown !== '') current(making).parts.push({ kind: 'text', markdown, ...insideTask(making) });
}

function insideTask({ task }: Making): { readonly task?: string } {
  return task === undefined ? {} : { task };
}

// Only whole lines are taken away: the spaces before the first word may make it code.
function textOf(content: Lines, from: number, to: number): string {
  const { lines } = linesBetween(content, from, to);
  const first = lines.findIndex((line) => line.trim() !== '');
  const last = lines.findLastIndex((line) => line.trim() !== '');
  return first < 0 ? '' : lines.slice(first, last + 1).join('\n');
}

function current({ sections }: Making): OpenSection {
  const last = sections.at(-1);
  if (last === undefined) throw new RangeError('there is always a section');
  return last;
}

function isStep({ token }: MarkdownBlock): boolean {
  return token.type === 'fence' && isStepFence(token.info);
}

/** Whether an item is a task, or a task or a step stands in it. */
function isSpecial(item: MarkdownBlock): boolean {
  return taskOf(item) !== undefined || holdsSpecial(item.children);
}

function holdsSpecial(blocks: readonly MarkdownBlock[]): boolean {
  return blocks.some((block) => {
    const { type } = block.token;
    if (type === 'bullet_list_open' || type === 'ordered_list_open') return block.children.some(isSpecial);
    return isStep(block);
  });
}

/** The first paragraph of an item that is a task, without its box. */
function taskOf(item: MarkdownBlock): string | undefined {
  const [first] = item.children;
  if (first?.token.type !== 'paragraph_open' || first.from !== item.from) return undefined;
  const content = first.children[0]?.token.content ?? '';
  return box.test(content) ? content.replace(box, '') : undefined;
}

function codeLines(blocks: readonly MarkdownBlock[]): ReadonlySet<number> {
  const lines = new Set<number>();
  const note = (all: readonly MarkdownBlock[]): void => {
    for (const { token, from, to, children } of all) {
      if (token.type === 'fence') for (let line = from; line < to; line += 1) lines.add(line);
      note(children);
    }
  };
  note(blocks);
  return lines;
}
