import { oneLine } from '../alerts/one-line.ts';
import { accept, type Decision, refuse } from '../deploy/decision.ts';
import type { IncidentCommand } from './commands.ts';
import type { UntimedIncidentEvent } from './events.ts';
import type { Incident, Instant } from './incident.ts';
import { mayRespond, mentionAndTime } from './sentences.ts';
import { longest, most } from './written.ts';

type Afterwards = Extract<IncidentCommand, { type: 'AddAction' | 'CompleteAction' | 'CompleteReview' }>;

/** Rules for what is done so that it does not happen again, and for the review. */
export function decideAction(
  incident: Incident,
  command: Afterwards,
  now: Instant,
): Decision<UntimedIncidentEvent> {
  if (command.type === 'CompleteAction') return completeAction(incident, command);
  if (!mayRespond(command.by)) {
    return refuse('not-allowed', 'Actions and the review need the right to respond.');
  }
  return command.type === 'AddAction' ? addAction(incident, command, now) : completeReview(incident, command);
}

function addAction(
  { actions }: Incident,
  { title: given, owner, due, by }: Extract<Afterwards, { type: 'AddAction' }>,
  now: Instant,
): Decision<UntimedIncidentEvent> {
  const title = oneLine(given, longest.title);
  if (title === '') return refuse('text-required', 'An action says what is to be done.');
  if (!isDay(due) || due < earliestToday(now)) {
    return refuse('day-invalid', 'An action is due on a day such as 2026-11-29, today or later.');
  }
  const isKnown = actions.some(
    (action) =>
      action.title === title && action.owner === owner && action.due === due && action.doneAt === undefined,
  );
  if (isKnown) return accept();
  if (actions.length >= most.actions) return refuse('incident-full', `It has ${most.actions} actions.`);
  const action = { number: actions.length + 1, title, owner, due, by: by.id };
  return accept({ type: 'ActionAdded', action });
}

function completeAction(
  { actions }: Incident,
  { number, by }: Extract<Afterwards, { type: 'CompleteAction' }>,
): Decision<UntimedIncidentEvent> {
  const action = actions.find((one) => one.number === number);
  if (action === undefined) return refuse('not-found', `There is no action ${number}.`);
  if (!mayRespond(by) && action.owner !== by.id) {
    return refuse('not-allowed', 'Its owner may say that it is done, and whoever may respond.');
  }
  const { doneBy, doneAt } = action;
  if (doneBy !== undefined && doneAt !== undefined) {
    return refuse('already-decided', `Done by ${mentionAndTime(doneBy, doneAt)}.`);
  }
  return accept({ type: 'ActionDone', number, by: by.id });
}

function completeReview(
  { review }: Incident,
  { where: given, by }: Extract<Afterwards, { type: 'CompleteReview' }>,
): Decision<UntimedIncidentEvent> {
  if (review === undefined) return refuse('nothing-waiting', 'An incident is reviewed once it is resolved.');
  const { done } = review;
  if (done !== undefined) {
    return refuse('already-decided', `The review was done by ${mentionAndTime(done.by, done.at)}.`);
  }
  const where = oneLine(given ?? '', longest.address);
  return accept({ type: 'ReviewDone', by: by.id, ...(where !== '' && { where }) });
}

/** Whether a text is a day of the calendar: `2026-11-29`. */
function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

/** The day that it is now where it is earliest, twelve hours behind UTC: for somebody there that is today. */
function earliestToday(now: Instant): string {
  return new Date(now - 12 * 3_600_000).toISOString().slice(0, 10);
}
