import type { IncidentAnswers } from '../../blocks/incidents/incident-answers.ts';
import { actionModal, noticeModal, reviewDoneModal } from '../../blocks/incidents/incident-modals.ts';
import type { IncidentMetadata, IncidentReference } from '../../blocks/incidents/incident-reference.ts';
import { type BotParts, refused } from '../../bot-parts.ts';
import type { Answered, Listener, Pressed } from '../../listen.ts';
import { openView } from '../walkthroughs/open-view.ts';
import { metadataOf } from './course.ts';
import { commandIncident, incidentOf } from './incident-command.ts';

type Button = Listener<Pressed<IncidentReference>>;
type Sent = Listener<Answered<IncidentMetadata, IncidentAnswers>>;

/** **Status page**: asks what those outside should know. */
export function askNotice(bot: BotParts): Button {
  return async ({ about, channel, trigger }) => {
    const incident = await incidentOf(bot, about.incident);
    return openView(bot, trigger, noticeModal({ metadata: metadataOf(about, channel), incident }));
  };
}

/** The dialogue was sent: the text waits for a second person. */
export function proposeNotice(bot: BotParts): Sent {
  return async ({ user, about: { incident }, answers: { text = '' } }) =>
    commandIncident(bot, incident, user, (by) => ({ type: 'ProposeNotice', text, by }));
}

/** **Approve** and **Decline** of a text for the status page. */
export function decideNotice(bot: BotParts, type: 'ApproveNotice' | 'DeclineNotice'): Button {
  return async ({ user, about: { incident, number = 0 } }) =>
    commandIncident(bot, incident, user, (by) => ({ type, number, by }));
}

/** **Add action**: asks what is to be done, by whom and until when. */
export function askAction(bot: BotParts): Button {
  return async ({ user, about, channel, trigger }) => {
    const incident = await incidentOf(bot, about.incident);
    const form = { metadata: metadataOf(about, channel), incident, by: user, now: bot.now() };
    return openView(bot, trigger, actionModal(form));
  };
}

/** The dialogue was sent: somebody has something to do. */
export function addAction(bot: BotParts): Sent {
  return async ({ user, about: { incident }, answers: { title = '', person = user, due = '' } }) =>
    commandIncident(bot, incident, user, (by) => ({ type: 'AddAction', title, owner: person, due, by }));
}

/** **Done** beside an action. */
export function completeAction(bot: BotParts): Button {
  return async ({ user, about: { incident, number = 0 } }) =>
    commandIncident(bot, incident, user, (by) => ({ type: 'CompleteAction', number, by }));
}

/** **Review done**: asks where it can be read. */
export function askReviewDone(bot: BotParts): Button {
  return async ({ about, channel, trigger }) => {
    const incident = await incidentOf(bot, about.incident);
    if (incident.review === undefined || incident.review.done !== undefined) {
      return refused({ code: 'nothing-waiting', detail: '' });
    }
    return openView(bot, trigger, reviewDoneModal({ metadata: metadataOf(about, channel), incident }));
  };
}

/** The dialogue was sent: the incident has been looked back on, and nothing more is asked about it. */
export function completeReview(bot: BotParts): Sent {
  return async ({ user, about: { incident }, answers: { where } }) =>
    commandIncident(bot, incident, user, (by) => ({
      type: 'CompleteReview',
      by,
      ...(where !== undefined && { where }),
    }));
}
