import type { KnownBlock } from '@slack/types';
import { filledText, labelsIn, missingLabels } from '../../../runbooks/fill-in.ts';
import { reviewAge } from '../../../runbooks/review-age.ts';
import { brief, chips } from '../alerts/group-words.ts';
import { context, header } from '../block.ts';
import { clip, code, mention } from '../escape.ts';
import { severityMark } from '../incidents/incident-words.ts';
import { ago } from '../moment.ts';
import { sign } from '../signs.ts';
import type { WalkthroughView } from './walkthrough-view.ts';

/** What an opened runbook is, whose, how old, and for what it was filled in. */
export function headBlocks(view: WalkthroughView): readonly KnownBlock[] {
  const { runbook, walkthrough } = view;
  const mark = runbook.severity === undefined ? '📖' : severityMark[runbook.severity];
  const title = filledText(runbook.title, walkthrough.labels);
  const facts = [
    `Runbook ${code(runbook.name)}`,
    ...(runbook.severity === undefined ? [] : [runbook.severity]),
    ...(runbook.owner === undefined ? [] : [`owner ${brief(runbook.owner, 80)}`]),
    ...(runbook.reviewed === undefined ? [] : [`reviewed ${brief(runbook.reviewed, 20)}`]),
    `opened by ${mention(walkthrough.openedBy)} ${ago(walkthrough.openedAt)}`,
  ];
  const lines = [facts.join(' · '), ...labelLines(view), ...ageLines(view)];
  return [header(`${mark} ${title}`), context(lines.join('\n'))];
}

/** How many of the runbook's tasks are done, in words; empty when it has none. */
export function progressOf({ walkthrough: { tasks, ticks } }: WalkthroughView): string {
  if (tasks.length === 0) return '';
  const done = tasks.filter((task) => Object.hasOwn(ticks, task)).length;
  return done === tasks.length ? `${sign.done} all ${done} done` : `${done} of ${tasks.length} done`;
}

/** The title for a notification, with how far it is. */
export function headText(view: WalkthroughView): string {
  const { runbook, walkthrough } = view;
  const progress = progressOf(view);
  const title = brief(filledText(runbook.title, walkthrough.labels), 250);
  return clip(`📖 ${title}${progress === '' ? '' : ` · ${progress}`}`, 400);
}

function labelLines({ runbook, walkthrough: { labels } }: WalkthroughView): readonly string[] {
  const text = JSON.stringify([runbook.title, runbook.sections]);
  const filled = labelsIn(text).filter((name) => Object.hasOwn(labels, name));
  const known = Object.fromEntries(filled.map((name) => [name, labels[name] ?? '']));
  const missing = missingLabels(runbook, labels);
  const names = missing.slice(0, 10).map((name) => code(clip(`<${name}>`, 60)));
  const left = missing.length - names.length;
  return [
    ...(filled.length === 0 ? [] : [`Filled in: ${chips(known, 400)}`]),
    ...(names.length === 0
      ? []
      : [`${sign.warning} For you to fill in: ${names.join(' ')}${left > 0 ? ` +${left}` : ''}`]),
  ];
}

function ageLines({ runbook: { reviewed }, now }: WalkthroughView): readonly string[] {
  const age = reviewAge(reviewed, now);
  switch (age.kind) {
    case 'never':
    case 'future':
      return [`${sign.warning} Nobody has noted that they reviewed it: think before you trust it.`];
    case 'old':
      return [`${sign.warning} Reviewed ${age.days} days ago: think before you trust it.`];
    case 'fresh':
      return [];
  }
}
