import { oneLine } from '../alerts/one-line.ts';
import { accept, type Decision, refuse } from '../deploy/decision.ts';
import type { IncidentCommand } from './commands.ts';
import type { UntimedIncidentEvent } from './events.ts';
import type { Incident, Instant, Notice } from './incident.ts';
import { mayRespond, mentionAndTime } from './sentences.ts';
import { longest, written } from './written.ts';

type OnNotice = Extract<
  IncidentCommand,
  { type: 'ProposeNotice' | 'ApproveNotice' | 'DeclineNotice' | 'NoticeSent' | 'NoticeFailed' }
>;

/** Rules for what is told outside: one text at a time, proposed by one and approved by another, so that they go out in order. */
export function decideNotice(
  incident: Incident,
  command: OnNotice,
  now: Instant,
): Decision<UntimedIncidentEvent> {
  if (command.type === 'ProposeNotice') return propose(incident, command, now);
  const notice = incident.notices.find(({ number }) => number === command.number);
  if (command.type === 'ApproveNotice' || command.type === 'DeclineNotice') {
    return settle(incident, notice, command);
  }
  // An answer to an earlier call says nothing of this one.
  if (notice?.state !== 'approved' || notice.turn !== command.turn) return accept();
  const { number } = command;
  if (command.type === 'NoticeFailed') {
    return accept({ type: 'NoticeFailed', number, because: oneLine(command.because, longest.because) });
  }
  return accept({
    type: 'NoticeSent',
    number,
    ...(command.page !== undefined && { page: oneLine(command.page, 200) }),
  });
}

/** Whether a notice waits for a second person or for the status page. */
function isUnderWay({ state }: Notice): boolean {
  return state === 'proposed' || state === 'approved';
}

function propose(
  { notices, noticesSoFar, status }: Incident,
  { text: given, by }: Extract<OnNotice, { type: 'ProposeNotice' }>,
  now: Instant,
): Decision<UntimedIncidentEvent> {
  if (!mayRespond(by)) {
    return refuse('not-allowed', 'Proposing a text for the status page needs the right to respond.');
  }
  const text = written(given);
  if (text === '') return refuse('text-required', 'Say what those outside should know.');
  const open = notices.find(isUnderWay);
  if (open !== undefined) {
    if (open.text === text && open.by === by.id && open.state === 'proposed') return accept();
    const waits = open.state === 'proposed' ? 'waits to be approved or declined' : 'is being sent';
    return refuse('notice-waiting', `That of ${mentionAndTime(open.by, open.at)} ${waits}.`);
  }
  const number = noticesSoFar + 1;
  return accept({
    type: 'NoticeProposed',
    notice: { number, text, status, by: by.id, at: now, state: 'proposed', turn: 0 },
  });
}

function settle(
  { noticesSoFar }: Incident,
  notice: Notice | undefined,
  { type, number, by }: Extract<OnNotice, { type: 'ApproveNotice' | 'DeclineNotice' }>,
): Decision<UntimedIncidentEvent> {
  if (notice === undefined) return refuse('not-found', `There is no text ${number} for the status page.`);
  const isOwn = notice.by === by.id;
  const isApproval = type === 'ApproveNotice';
  if (isOwn && isApproval) return refuse('own-step');
  // Whoever proposed it may take it back.
  if (!by.may.includes('publish') && !isOwn) {
    return refuse('not-allowed', 'Deciding what is told outside needs the right to publish.');
  }
  const { state, decidedBy, turn } = notice;
  if (state !== 'proposed' && state !== 'failed') {
    const what = state === 'declined' ? 'Declined' : 'Approved';
    return refuse('already-decided', decidedBy === undefined ? '' : `${what} by <@${decidedBy}>.`);
  }
  if (number !== noticesSoFar) return refuse('already-decided', 'There was a newer text since.');
  return isApproval
    ? accept({ type: 'NoticeApproved', number, turn: turn + 1, by: by.id })
    : accept({ type: 'NoticeDeclined', number, by: by.id });
}
