import type { KnownBlock } from '@slack/types';
import type { Block, Task, Text } from '../../../runbooks/runbook.ts';
import type { StepRun, Tick } from '../../../walkthroughs/walkthrough.ts';
import { action } from '../action.ts';
import { brief } from '../alerts/group-words.ts';
import { actions, context, type Press, section } from '../block.ts';
import { clip, mention, quote } from '../escape.ts';
import { moment } from '../moment.ts';
import { sign } from '../signs.ts';
import { codeParts } from './code-parts.ts';
import { type Drawn, markdownBlocks } from './markdown-blocks.ts';
import { runLine, stepName, stepText } from './step-lines.ts';
import { encodeWalk } from './walk-reference.ts';
import { checkUnits, type Ease, type Piece, type Reserve, type Unit } from './walkthrough-units.ts';
import type { WalkthroughView } from './walkthrough-view.ts';

// Names, moments, words and buttons besides what `Ease` bounds, at its tightest, generously.
const ofTask: Reserve = { blocks: 2, characters: 550 };
const ofStep: Reserve = { blocks: 2, characters: 1_250 };

/** A task with the texts and steps in it, its buttons at the end; those of its step are in the same row when it has one alone. */
export function taskUnits(
  view: WalkthroughView,
  task: Task,
  inside: readonly (Text | Block)[],
  drawn: Drawn,
): readonly Unit[] {
  const { walkthrough } = view;
  const tick = own(walkthrough.ticks, task.id);
  const steps = inside.filter((part) => part.kind === 'step');
  const isOnly = steps.length === 1;
  const mark = tick === undefined ? '☐' : sign.done;
  const row = [
    ...(isOnly ? steps.flatMap((step) => stepButtons(view, step)) : []),
    ...taskButtons(view, task),
  ];
  return checkUnits(
    [
      { fixed: markdownBlocks(`${mark} ${task.id.slice(1)}. ${task.markdown}`, { ...drawn, isBold: true }) },
      { fixed: markdownBlocks(task.more, drawn) },
      ...inside.map((part) =>
        part.kind === 'text'
          ? { fixed: markdownBlocks(part.markdown, drawn) }
          : stepPiece(view, part, !isOnly),
      ),
      {
        fixed: [],
        state: {
          ...ofTask,
          draw: (ease) => [...(tick === undefined ? [] : [section(tickText(tick, ease))]), ...actions(row)],
        },
      },
    ],
    steps.some((step) => isAsked(view, step)),
  );
}

/** A step that stands by itself, with what it does, what became of it, and its buttons. */
export function stepUnits(view: WalkthroughView, step: Block): readonly Unit[] {
  return checkUnits([stepPiece(view, step, true)], isAsked(view, step));
}

function stepPiece(view: WalkthroughView, step: Block, withButtons: boolean): Piece {
  const buttons = withButtons ? actions(stepButtons(view, step)) : [];
  const draw = (ease: Ease) => [...stateBlocks(view, step, ease), ...buttons];
  return { fixed: stepBlocks(view, step), state: { ...ofStep, draw } };
}

function isAsked({ walkthrough }: WalkthroughView, { id }: Block): boolean {
  return own(walkthrough.runs, id)?.status === 'asked';
}

function stepBlocks({ walkthrough: { labels, steps } }: WalkthroughView, step: Block): readonly KnownBlock[] {
  const { changes = true } = own(steps, step.id) ?? {};
  const does = changes ? 'changes something: a second person must agree' : 'only looks';
  const name = `${changes ? '🔧' : '🔎'} *${brief(stepName(step, labels), 300)}* · ${does}`;
  const [first, ...rest] = codeParts(stepText(step, labels), 2_400, 2_900);
  return [section(first === undefined ? name : `${name}\n${first}`), ...rest.map(section)];
}

function stateBlocks(
  { walkthrough: { runs, steps, environment }, evidence }: WalkthroughView,
  step: Block,
  ease: Ease,
): readonly KnownBlock[] {
  const run = own(runs, step.id);
  const said = run?.evidence === undefined ? undefined : own(evidence, run.evidence);
  if (run !== undefined) return [section(runLine(run, said, ease))];
  const cannot = own(steps, step.id)?.cannot;
  if (cannot !== undefined) return [context(`${sign.refused} It cannot be run here: ${brief(cannot, 500)}`)];
  if (environment === undefined) {
    return [context(`${sign.refused} It cannot be run here: this runbook was opened for no environment.`)];
  }
  return [];
}

function stepButtons({ walkthrough }: WalkthroughView, step: Block): readonly Press[] {
  const { id: walk, runs, steps, environment } = walkthrough;
  const run = own(runs, step.id);
  const { changes = true, cannot } = own(steps, step.id) ?? {};
  const place = step.id.slice(1);
  const value = encodeWalk({ walk, part: step.id, ...(run !== undefined && { number: run.number }) });
  if (run?.status === 'asked') {
    return [
      { text: 'Approve', action: `${action.approveStep}:${place}`, value, style: 'primary' },
      { text: 'Decline', action: `${action.declineStep}:${place}`, value },
    ];
  }
  if (run !== undefined && isAtWork(run)) return [];
  const words = changes ? ['Ask to run', 'Ask to run again'] : ['Run', 'Run again'];
  const again: Press = {
    text: words[run === undefined ? 0 : 1] ?? 'Run',
    action: `${action.runStep}:${place}`,
    value,
    ...(run === undefined && { style: 'primary' as const }),
  };
  const output: Press = { text: 'Output', action: `${action.stepEvidence}:${place}`, value };
  const canRun = environment !== undefined && cannot === undefined;
  return [...(run?.evidence === undefined ? [] : [output]), ...(canRun ? [again] : [])];
}

function isAtWork({ status }: StepRun): boolean {
  return status === 'queued' || status === 'running' || status === 'applying';
}

function taskButtons({ walkthrough }: WalkthroughView, task: Task): readonly Press[] {
  const tick = own(walkthrough.ticks, task.id);
  const value = encodeWalk({ walk: walkthrough.id, part: task.id });
  const place = task.id.slice(1);
  const finding = tick?.finding === undefined ? 'Add finding' : 'Change finding';
  return [
    tick === undefined
      ? { text: 'Done', action: `${action.tick}:${place}`, value }
      : { text: 'Undo', action: `${action.untick}:${place}`, value },
    { text: finding, action: `${action.finding}:${place}`, value },
  ];
}

function tickText({ by, at, finding, findingBy }: Tick, ease: Ease): string {
  const who = `Done by ${mention(by)} · ${moment(at)}`;
  if (finding === undefined) return who;
  const other = findingBy === undefined || findingBy === by ? '' : `, finding by ${mention(findingBy)}`;
  return `${who}${other}\n${clip(quote(finding, 12), ease.finding)}`;
}

function own<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
