import { oneLine } from '../alerts/one-line.ts';
import { accept, type Decision, refuse } from '../deploy/decision.ts';
import type { IncidentCommand, IncidentRuling } from './commands.ts';
import type { UntimedIncidentEvent } from './events.ts';
import { type Incident, type IncidentSeverity, type Instant, incidentSeverities } from './incident.ts';
import { mayRespond, mentionAndTime, resolvedBy } from './sentences.ts';
import { longest, written } from './written.ts';

type Course = Extract<
  IncidentCommand,
  { type: 'Update' | 'ChangeSeverity' | 'Rename' | 'Resolve' | 'Reopen' }
>;

/** A dialogue that is sent twice within this time, in milliseconds, says one thing. */
const twice = 60_000;

/** Rules for the course of an incident: what is told, how bad it is, and when it is over. */
export function decideCourse(
  incident: Incident,
  command: Course,
  now: Instant,
): Decision<UntimedIncidentEvent> {
  if (!mayRespond(command.by)) {
    return refuse('not-allowed', 'Updating and resolving an incident need the right to respond.');
  }
  switch (command.type) {
    case 'Update':
      return update(incident, command, now);
    case 'ChangeSeverity':
      return changeSeverity(incident, command, now);
    case 'Rename':
      return rename(incident, command);
    case 'Resolve':
      return resolve(incident, command, now);
    case 'Reopen':
      return reopen(incident, command, now);
  }
}

function update(
  incident: Incident,
  { text: given, status, by, ruling }: Extract<Course, { type: 'Update' }>,
  now: Instant,
): Decision<UntimedIncidentEvent> {
  if (incident.status === 'resolved') return refuse('incident-resolved', resolvedBy(incident));
  const text = written(given);
  if (text === '') return refuse('text-required', 'An update says what is known and what is being done.');
  const becomes = status === incident.status ? undefined : status;
  const last = incident.updates.at(-1);
  const isSame = last?.text === text && last.by === by.id && now - last.at < twice;
  if (isSame && becomes === undefined) return accept();
  const updated: UntimedIncidentEvent = {
    type: 'Updated',
    number: incident.updatesSoFar + 1,
    text,
    by: by.id,
    ...(becomes !== undefined && { status: becomes }),
    ...nextUpdate(ruling, incident.severity, now),
  };
  const isMitigated = becomes === 'monitoring' && incident.mitigatedAt === undefined;
  return isMitigated ? accept(updated, { type: 'Mitigated', by: by.id }) : accept(updated);
}

function changeSeverity(
  incident: Incident,
  { severity, by, ruling }: Extract<Course, { type: 'ChangeSeverity' }>,
  now: Instant,
): Decision<UntimedIncidentEvent> {
  if (severity === incident.severity) return accept();
  const changed = { type: 'SeverityChanged' as const, severity, by: by.id };
  if (incident.status === 'resolved') return accept(changed);
  const next = nextUpdate(ruling, severity, now);
  const isWorse = incidentSeverities.indexOf(severity) < incidentSeverities.indexOf(incident.severity);
  // Whoever waits for an update must not wait longer because it got worse.
  const due = [next.updateDueAt, isWorse ? incident.updateDueAt : undefined].filter((at) => at !== undefined);
  return accept(due.length === 0 ? changed : { ...changed, updateDueAt: Math.min(...due) });
}

function rename(
  incident: Incident,
  { title: given, by }: Extract<Course, { type: 'Rename' }>,
): Decision<UntimedIncidentEvent> {
  const title = oneLine(given, longest.title);
  if (title === '') return refuse('text-required', 'An incident needs a title.');
  return title === incident.title ? accept() : accept({ type: 'Renamed', title, by: by.id });
}

function resolve(
  incident: Incident,
  { text: given, by, ruling }: Extract<Course, { type: 'Resolve' }>,
  now: Instant,
): Decision<UntimedIncidentEvent> {
  if (incident.status === 'resolved') return refuse('incident-resolved', resolvedBy(incident));
  const text = written(given);
  if (text === '') return refuse('text-required', 'Say how it was resolved.');
  const within = ruling.reviewWithin[incident.severity];
  const reviewDueAt = now + within;
  // The first reminder comes one interval before the review is due, so that a review in ten days is not asked for every day.
  const remindAt = ruling.remindEvery < within ? reviewDueAt - ruling.remindEvery : reviewDueAt;
  return accept({ type: 'IncidentResolved', text, reviewDueAt, remindAt, by: by.id });
}

function reopen(
  incident: Incident,
  { text: given, by, ruling }: Extract<Course, { type: 'Reopen' }>,
  now: Instant,
): Decision<UntimedIncidentEvent> {
  if (incident.status !== 'resolved') return refuse('nothing-waiting', 'This incident is not resolved.');
  const done = incident.review?.done;
  if (done !== undefined) {
    const who = mentionAndTime(done.by, done.at);
    return refuse('already-decided', `Its review was done by ${who}: declare a new incident.`);
  }
  const text = written(given);
  if (text === '') return refuse('text-required', 'Say why it is open again.');
  return accept({
    type: 'IncidentReopened',
    text,
    by: by.id,
    ...nextUpdate(ruling, incident.severity, now),
  });
}

function nextUpdate(
  { updateEvery }: IncidentRuling,
  severity: IncidentSeverity,
  now: Instant,
): { readonly updateDueAt?: Instant } {
  const every = updateEvery[severity];
  return every === undefined ? {} : { updateDueAt: now + every };
}
