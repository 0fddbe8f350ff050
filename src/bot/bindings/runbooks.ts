import { openFromAlert } from '../actions/walkthroughs/open-from-alert.ts';
import { addRemark, askRemark } from '../actions/walkthroughs/remark.ts';
import { runStep, settleStep, showEvidence } from '../actions/walkthroughs/run.ts';
import { addFinding, askFinding, showWhole, tick, untick } from '../actions/walkthroughs/tick.ts';
import { action, modal } from '../blocks/action.ts';
import { parseGroup } from '../blocks/alerts/group-reference.ts';
import { parseRunbookReference } from '../blocks/runbooks/runbook-reference.ts';
import { readFinding, readRemark } from '../blocks/runbooks/walk-answers.ts';
import { parseWalk, parseWalkMetadata } from '../blocks/runbooks/walk-reference.ts';
import type { BotParts } from '../bot-parts.ts';
import { openFound, runbook } from '../commands/runbook.ts';
import type { Listening } from '../listen.ts';

/** Everything that people can open, tick and run of runbooks. */
export function bindRunbooks(on: Listening, bot: BotParts): void {
  on.command('/runbook', runbook(bot));
  on.button(action.openRunbook, parseRunbookReference, openFound(bot));
  on.button(action.runbook, parseGroup, openFromAlert(bot));
  on.button(action.walkMore, parseWalk, showWhole(bot));
  on.button(action.tick, parseWalk, tick(bot));
  on.button(action.untick, parseWalk, untick(bot));
  on.button(action.finding, parseWalk, askFinding(bot));
  on.button(action.remark, parseWalk, askRemark(bot));
  on.button(action.runStep, parseWalk, runStep(bot));
  on.button(action.approveStep, parseWalk, settleStep(bot, 'Approve'));
  on.button(action.declineStep, parseWalk, settleStep(bot, 'Decline'));
  on.button(action.stepEvidence, parseWalk, showEvidence(bot));
  on.dialogue(modal.finding, { about: parseWalkMetadata, answers: readFinding }, addFinding(bot));
  on.dialogue(
    modal.remark,
    {
      about: parseWalkMetadata,
      answers: readRemark,
      faults: (_about, { text }) => (text === undefined ? { text: 'Say what was wrong.' } : undefined),
    },
    addRemark(bot),
  );
}
