import { askSilence, chooseScope } from '../actions/alerts/ask-silence.ts';
import { endSilence, extendSilence } from '../actions/alerts/change-silence.ts';
import { acknowledge, escalate, resolve, unacknowledge } from '../actions/alerts/respond.ts';
import { sendTable } from '../actions/alerts/send-table.ts';
import { faultsOfSilence, silence } from '../actions/alerts/silence.ts';
import { action, modal } from '../blocks/action.ts';
import { parseGroup, parseGroupMetadata } from '../blocks/alerts/group-reference.ts';
import { readSilence } from '../blocks/alerts/silence-answers.ts';
import type { BotParts } from '../bot-parts.ts';
import { onCall } from '../commands/oncall.ts';
import type { Listening } from '../listen.ts';

/** Everything that people can press and type about alerts. */
export function bindAlerts(on: Listening, bot: BotParts): void {
  on.command('/oncall', onCall(bot));
  on.button(action.acknowledge, parseGroup, acknowledge(bot));
  on.button(action.unacknowledge, parseGroup, unacknowledge(bot));
  on.button(action.escalate, parseGroup, escalate(bot));
  on.button(action.resolve, parseGroup, resolve(bot));
  on.button(action.alertsFile, parseGroup, sendTable(bot));
  on.button(action.silence, parseGroup, askSilence(bot));
  on.button(action.extendSilence, parseGroup, extendSilence(bot));
  on.button(action.endSilence, parseGroup, endSilence(bot));
  on.silenceChoice(action.silenceChoice, chooseScope(bot));
  on.dialogue(
    modal.silence,
    {
      about: parseGroupMetadata,
      answers: readSilence,
      faults: (about, answers) => faultsOfSilence(bot, about, answers),
    },
    silence(bot),
  );
}
