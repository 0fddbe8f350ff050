import type { Entry } from './entries/entry.ts';
import { markdown } from './markdown.ts';
import type { IncidentRecord } from './record.ts';
import { clockIn } from './review-clock.ts';
import { impact, measures } from './review-figures.ts';
import { actions, notices } from './review-follow-up.ts';
import { list, prompt, section, type Writing } from './review-writing.ts';
import { timelineOf } from './timeline.ts';

/** How a review is written: the time zone that stands beside UTC, and what somebody is called. */
export interface ReviewOptions {
  readonly zone: string;
  readonly names: (slackId: string) => string;
}

/**
 * The review of an incident as Markdown, written from the record: what is known is filled in, what only people know is asked.
 * Every entry of the timeline is one line, and no text from outside is markup. Throws a RangeError when the zone is none.
 */
export function reviewDocument(record: IncidentRecord, { zone, names }: ReviewOptions): string {
  const writing: Writing = {
    record,
    timeline: timelineOf(record),
    clock: clockIn(zone),
    person: (id) => markdown(/^[UW][A-Z0-9]{1,30}$/.test(id) ? names(id) || id : id, 80) || 'somebody',
  };
  const { number, title } = record.incident;
  return [
    `# Review of incident ${number}: ${markdown(title)}`,
    list(head(writing)),
    section('Summary', list(summary(writing))),
    section('Impact', impact(writing)),
    section('Measures', measures(writing)),
    section('Timeline', list(timeline(writing), 'The record knows of nothing.')),
    section('What changed before', list(changes(writing), 'Slipway changed nothing within a day before.')),
    section('Runbooks', list(runbooks(writing), 'No runbook was opened.')),
    section('Told outside', list(notices(writing), 'Nothing was told on the status page.')),
    section('What went well', prompt('What helped, and should be kept?')),
    section(
      'What did not go well',
      prompt('What was slow, missing or misleading, and why did it make sense then?'),
    ),
    section('Where we were lucky', prompt('What could have made it worse, and did not by chance?')),
    section('Actions', actions(writing)),
  ]
    .join('\n\n')
    .concat('\n');
}

function head({ record: { incident }, clock, person }: Writing): string[] {
  const { severity, status, declaredBy, declaredAt, resolvedBy, resolvedAt, roles, review } = incident;
  const ofRoles = Object.entries(roles).map(([role, id]) => `${role}: ${person(id)}`);
  return [
    `Severity: ${severity}`,
    `Declared: ${clock.time(declaredAt)} by ${person(declaredBy)}`,
    resolvedAt === undefined
      ? `Status: ${status}`
      : `Resolved: ${clock.time(resolvedAt)} by ${person(resolvedBy ?? 'somebody')}`,
    ...(ofRoles.length === 0 ? [] : [`Roles: ${ofRoles.join(', ')}`]),
    ...(review === undefined ? [] : [`Review due: ${clock.time(review.dueAt)}`]),
    ...(review?.done === undefined
      ? []
      : [`Review done: ${clock.time(review.done.at)} by ${person(review.done.by)}`]),
  ];
}

const updates: ReadonlySet<string> = new Set(['Updated', 'IncidentResolved', 'IncidentReopened']);

function summary({ record, clock, person, timeline }: Writing): string[] {
  // Of updates the state keeps only the newest; the first one is in the record.
  const told = timeline.filter(({ kind, source }) => kind === 'incident' && updates.has(source.type));
  const [first] = told;
  const last = told.at(-1);
  const line = ({ at, by, what }: Entry) =>
    `${clock.time(at)}: ${markdown(what)}${by === undefined ? '' : ` (${person(by)})`}`;
  if (first === undefined || last === undefined) return [markdown(record.incident.title)];
  return first === last ? [line(first)] : [`First: ${line(first)}`, `Last: ${line(last)}`];
}

function timeline({ timeline: entries, clock, person }: Writing): string[] {
  return entries.map((entry) => `${clock.time(entry.at)} ${said(entry, person)}`);
}

function said({ kind, what, by, whom = [] }: Entry, person: Writing['person']): string {
  const sentence = [markdown(what), ...(whom.length === 0 ? [] : [whom.map(person).join(', ')])].join(' ');
  if (kind === 'message') return `${by === undefined ? 'Somebody' : person(by)} wrote: ${sentence}`;
  return by === undefined ? sentence : `${sentence} (${person(by)})`;
}

function changes({ record, clock, person }: Writing): string[] {
  return record.before
    .toSorted((one, other) => one.at - other.at)
    .map(
      ({ at, environment, version, phase, by, run }) =>
        `${clock.time(at)} ${markdown(environment, 60)} ${markdown(version, 100)}: ${markdown(phase, 120)}, asked for by ${person(by)} (run ${markdown(run, 80)})`,
    );
}

function runbooks({ timeline: entries, clock, person }: Writing): string[] {
  return entries
    .filter(({ kind }) => kind === 'walkthrough')
    .map((entry) => `${clock.time(entry.at)} ${said(entry, person)}`);
}
