import type { ModalView } from '@slack/types';
import type { Severity } from '../../deploy/plan.ts';
import type { Metadata } from './action.ts';
import { modal } from './action.ts';
import { lines, section } from './block.ts';
import { clip, more } from './escape.ts';
import { foldLines } from './fit.ts';
import { choice, dialogue, written } from './input.ts';
import { sign } from './signs.ts';
import { shown } from './titles.ts';

/** What the rollback of a run would do, newest change first, as plain lines. */
export interface RollBackPlan {
  readonly metadata: Metadata;
  readonly environment: string;
  readonly version: string;
  /** The version that was there before. */
  readonly previous?: string;
  /** The severities for which the plan has a rollback, with the titles of its phases where known. */
  readonly severities: readonly { readonly severity: Severity; readonly phases?: readonly string[] }[];
  readonly willUndo: readonly string[];
  readonly cannotUndo: readonly string[];
}

const meaning: Readonly<Record<Severity, string>> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
};

const mostLines = 20;

/** Asks how bad it is and why, and shows what will be undone and what cannot be; without a severity it can only be closed. */
export function rollBackModal(plan: RollBackPlan): ModalView {
  const { metadata, severities, willUndo, cannotUndo } = plan;
  const back = plan.previous === undefined ? '' : ` to ${shown(plan.previous)}`;
  const head = section(`Takes ${shown(plan.version)} on *${shown(plan.environment)}* back${back}.`);
  const blocks = [
    head,
    // What cannot be undone comes first: it is what may change somebody's mind.
    ...list(`${sign.warning} *Cannot be undone*`, cannotUndo, ''),
    ...list(
      `${sign.back} *Will be undone, newest first*`,
      willUndo,
      'Nothing: this run has changed nothing that can be undone.',
    ),
  ];
  const title = 'Roll back';
  if (severities.length === 0) {
    const none = section(`${sign.refused} The plan has no rollback section, so this cannot be started here.`);
    return dialogue({ id: modal.rollBack, title, metadata, blocks: [none, ...blocks] });
  }
  const options = severities.map(({ severity, phases }) => ({
    value: severity,
    text: optionText(severity, phases ?? []),
  }));
  return dialogue({
    id: modal.rollBack,
    title,
    submit: 'Roll back',
    metadata,
    blocks: [
      ...blocks,
      choice('severity', 'How bad is it?', options, metadata.severity),
      written({
        name: 'reason',
        label: 'Why?',
        hint: 'It is kept in the record. Afterwards the environment is locked until a cause is written.',
      }),
    ],
  });
}

function list(title: string, items: readonly string[], none: string) {
  if (items.length === 0 && none === '') return [];
  const shownItems = foldLines(
    items.map((item) => `• ${clip(shown(item), 120)}`),
    mostLines,
  );
  return lines([title, ...(items.length === 0 ? [none] : shownItems)]);
}

function optionText(severity: Severity, phases: readonly string[]): string {
  const [first, ...others] = phases;
  if (first === undefined) return meaning[severity];
  return `${meaning[severity]}: ${clip(first, 40)}${others.length > 0 ? ` ${more(others.length)}` : ''}`;
}
