import { blockOf } from '../../../response/run-walk-step.ts';
import { stepEvidenceModal } from '../../blocks/runbooks/step-evidence-modal.ts';
import type { WalkReference } from '../../blocks/runbooks/walk-reference.ts';
import type { BotParts } from '../../bot-parts.ts';
import { refused } from '../../bot-parts.ts';
import type { Listener, Pressed } from '../../listen.ts';
import { walkEvidence } from '../../walk-evidence.ts';
import { openView } from './open-view.ts';
import { commandWalk, openedRunbook, walkerOf } from './walk-command.ts';

type WalkListener = Listener<Pressed<WalkReference>>;

/** **Run**: a step that only looks runs at once; any other waits for a second person. */
export function runStep(bot: BotParts): WalkListener {
  return async ({ user, about: { walk, part = '' } }) =>
    commandWalk(bot, walk, { type: 'Run', step: part, by: await walkerOf(bot, user) });
}

/** **Approve** and **Decline**: a second person decides, the first one to do so. */
export function settleStep(bot: BotParts, type: 'Approve' | 'Decline'): WalkListener {
  return async ({ user, about: { walk, part = '', number = 0 } }) =>
    commandWalk(bot, walk, { type, step: part, number, by: await walkerOf(bot, user) });
}

/** **Output**, and **Previous** and **Next** in it: all that came back from the newest run of a step. */
export function showEvidence(bot: BotParts): WalkListener {
  return async ({ about: { walk, part = '', page }, channel, trigger, view: shown }) => {
    const { walkthrough, runbook } = await openedRunbook(bot, walk);
    const run = Object.hasOwn(walkthrough.runs, part) ? walkthrough.runs[part] : undefined;
    if (run?.endedAt === undefined) {
      return refused({ code: 'nothing-waiting', detail: 'Nothing came back from this step yet.' });
    }
    const { [run.evidence ?? '']: text = run.because ?? '' } = await walkEvidence(
      bot.runs.parts.pool,
      walkthrough,
    );
    const metadata = {
      walk,
      part,
      number: run.number,
      ...(page !== undefined && { page }),
      ...(channel !== '' && { channel }),
    };
    const view = stepEvidenceModal({ metadata, step: blockOf(runbook, part), run, evidence: text });
    if (shown === undefined) return openView(bot, trigger, view);
    await bot.client.views.update({ view_id: shown, view });
    return undefined;
  };
}
