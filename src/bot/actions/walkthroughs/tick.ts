import { findingModal } from '../../blocks/runbooks/finding-modal.ts';
import type { FindingAnswers } from '../../blocks/runbooks/walk-answers.ts';
import type { WalkMetadata, WalkReference } from '../../blocks/runbooks/walk-reference.ts';
import type { BotParts } from '../../bot-parts.ts';
import { refused } from '../../bot-parts.ts';
import type { Answered, Listener, Pressed } from '../../listen.ts';
import { openView } from './open-view.ts';
import { commandWalk, openedRunbook } from './walk-command.ts';

type WalkListener = Listener<Pressed<WalkReference>>;

/** **More**: the whole runbook, not only its meaning and first checks. */
export function showWhole(bot: BotParts): WalkListener {
  return async ({ user, about: { walk } }) => commandWalk(bot, walk, { type: 'ShowWhole', by: user });
}

/** **Done**: a task was done by whoever presses first. */
export function tick(bot: BotParts): WalkListener {
  return async ({ user, about: { walk, part = '' } }) =>
    commandWalk(bot, walk, { type: 'Tick', task: part, by: user });
}

/** **Undo**: it was not. */
export function untick(bot: BotParts): WalkListener {
  return async ({ user, about: { walk, part = '' } }) =>
    commandWalk(bot, walk, { type: 'Untick', task: part, by: user });
}

/** **Add finding**: asks what somebody saw. */
export function askFinding(bot: BotParts): WalkListener {
  return async ({ about: { walk, part }, channel, trigger }) => {
    const { walkthrough, runbook } = await openedRunbook(bot, walk);
    const task = runbook.sections
      .flatMap(({ parts }) => parts)
      .find((one) => one.kind === 'task' && one.id === part);
    if (task?.kind !== 'task') {
      return refused({ code: 'nothing-waiting', detail: 'The runbook has no such task.' });
    }
    const metadata = { walk, part: task.id, ...(channel !== '' && { channel }) };
    const finding = walkthrough.ticks[task.id]?.finding;
    return openView(
      bot,
      trigger,
      findingModal({ metadata, task, ...(finding !== undefined && { finding }) }),
    );
  };
}

/** The dialogue about a finding was sent: the task is done, and this is what was seen. */
export function addFinding(bot: BotParts): Listener<Answered<WalkMetadata, FindingAnswers>> {
  return async ({ user, about: { walk, part = '' }, answers }) =>
    commandWalk(bot, walk, { type: 'Tick', task: part, by: user, ...answers });
}
