import {
  addAction,
  askAction,
  askNotice,
  askReviewDone,
  completeAction,
  completeReview,
  decideNotice,
  proposeNotice,
} from '../actions/incidents/afterwards.ts';
import {
  askReopening,
  askResolve,
  askRole,
  askUpdate,
  giveRole,
  reopen,
  resolve,
  update,
} from '../actions/incidents/course.ts';
import { askDeclaration, declare } from '../actions/incidents/declare.ts';
import { sendReview, showTimeline } from '../actions/incidents/record.ts';
import { action, modal } from '../blocks/action.ts';
import { readIncident } from '../blocks/incidents/incident-answers.ts';
import {
  parseDeclare,
  parseDeclareMetadata,
  parseIncident,
  parseIncidentMetadata,
} from '../blocks/incidents/incident-reference.ts';
import type { BotParts } from '../bot-parts.ts';
import { incident } from '../commands/incident.ts';
import type { Listening } from '../listen.ts';

/** Everything that people can press and type about incidents. */
export function bindIncidents(on: Listening, bot: BotParts): void {
  on.command('/incident', incident(bot));

  on.button(action.declare, parseDeclare, askDeclaration(bot));
  on.button(action.incidentUpdate, parseIncident, askUpdate(bot));
  on.button(action.incidentRole, parseIncident, askRole(bot));
  on.button(action.incidentResolve, parseIncident, askResolve(bot));
  on.button(action.incidentReopen, parseIncident, askReopening(bot));
  on.button(action.incidentTimeline, parseIncident, showTimeline(bot));
  on.button(action.incidentNotice, parseIncident, askNotice(bot));
  on.button(action.approveNotice, parseIncident, decideNotice(bot, 'ApproveNotice'));
  on.button(action.declineNotice, parseIncident, decideNotice(bot, 'DeclineNotice'));
  on.button(action.addAction, parseIncident, askAction(bot));
  on.button(action.actionDone, parseIncident, completeAction(bot));
  on.button(action.reviewFile, parseIncident, sendReview(bot));
  on.button(action.reviewDone, parseIncident, askReviewDone(bot));

  on.dialogue(modal.declare, { about: parseDeclareMetadata, answers: readIncident }, declare(bot));
  const read = { about: parseIncidentMetadata, answers: readIncident };
  on.dialogue(modal.incidentUpdate, read, update(bot));
  on.dialogue(modal.incidentRole, read, giveRole(bot));
  on.dialogue(modal.incidentResolve, read, resolve(bot));
  on.dialogue(modal.incidentReopen, read, reopen(bot));
  on.dialogue(modal.incidentNotice, read, proposeNotice(bot));
  on.dialogue(modal.addAction, read, addAction(bot));
  on.dialogue(modal.reviewDone, read, completeReview(bot));
}
