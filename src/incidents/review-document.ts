import { readable } from '../duration.ts';
import type { Entry } from './entries/entry.ts';
import type { Action, Incident, Notice } from './incident.ts';
import { markdown } from './markdown.ts';
import { type Measure, measuresOf } from './measures.ts';
import { openingsOf } from './openings.ts';
import type { IncidentRecord } from './record.ts';
import { type Clock, clockIn } from './review-clock.ts';
import { timelineOf } from './timeline.ts';

/** How a review is written: the time zone that stands beside UTC, and what somebody is called. */
export interface ReviewOptions {
  readonly zone: string;
  readonly names: (slackId: string) => string;
}

interface Writing {
  readonly record: IncidentRecord;
  readonly timeline: readonly Entry[];
  readonly clock: Clock;
  /** A person by name, escaped. */
  readonly person: (id: string) => string;
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
    person: (id) => markdown(/^[UW][A-Z0-9]{1,30}$/.test(id) ? names(id) || id : id, 80),
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

function section(title: string, body: string): string {
  return `## ${title}\n\n${body}`;
}

function list(lines: readonly string[], otherwise = ''): string {
  return lines.length === 0 ? otherwise : lines.map((line) => `- ${line}`).join('\n');
}

function prompt(question: string): string {
  return `_${question}_`;
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

function summary({ record, clock, person, timeline }: Writing): string[] {
  // Of updates the state keeps only the newest; the first one is in the record.
  const told = timeline.filter(
    ({ kind, what }) => kind === 'incident' && /^(?:Update|Resolved|Reopened)/.test(what),
  );
  const [first] = told;
  const last = told.at(-1);
  const line = ({ at, by, what }: Entry) =>
    `${clock.time(at)}: ${markdown(what)}${by === undefined ? '' : ` (${person(by)})`}`;
  if (first === undefined || last === undefined) return [markdown(record.incident.title)];
  return first === last ? [line(first)] : [`First: ${line(first)}`, `Last: ${line(last)}`];
}

function impact({ record, clock }: Writing): string {
  const openings = openingsOf(record);
  const environments = new Set([
    ...openings.map(({ environment }) => environment),
    ...record.happenings
      .filter(({ type }) => type === 'RunRequested')
      .map(({ data }) => (typeof data.environment === 'string' ? data.environment : undefined)),
  ]);
  const places = [...environments].filter((one) => one !== undefined).map((one) => markdown(one, 60));
  const alerts = openings.map(({ name, severity, environment, count, since, openedAt, closedAt }) => {
    const from = since ?? openedAt;
    const span = [
      from === undefined ? 'from an unknown time' : `from ${clock.time(from)}`,
      closedAt === undefined ? 'not closed' : `to ${clock.time(closedAt)}`,
    ].join(' ');
    const what = [severity, environment].filter((one) => one !== undefined).map((one) => markdown(one, 60));
    const facts = [...what, `${count} alert${count === 1 ? '' : 's'}`, span];
    return `${markdown(name, 120)}: ${facts.join(', ')}`;
  });
  const where = places.length === 0 ? '' : `\n\nEnvironments: ${places.join(', ')}`;
  return [
    list(alerts, 'No alert is linked.'),
    where,
    `\n\n${prompt('Who noticed what, how many of them, and for how long?')}`,
  ].join('');
}

const measured = {
  detect: 'Time to detect',
  acknowledge: 'Time to acknowledge',
  mitigate: 'Time to mitigate',
  resolve: 'Time to resolve',
} as const;

function measures({ record, clock }: Writing): string {
  const found = measuresOf(record);
  const row = (name: keyof typeof measured) => {
    const measure: Measure | undefined = found[name];
    const cells =
      measure === undefined
        ? ['not known', '', '']
        : [readable(measure.ms), clock.time(measure.from), clock.time(measure.to)];
    return `| ${[measured[name], ...cells].join(' | ')} |`;
  };
  return [
    '| | | from | to |',
    '| --- | --- | --- | --- |',
    row('detect'),
    row('acknowledge'),
    row('mitigate'),
    row('resolve'),
  ].join('\n');
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

const fates: Readonly<Record<Notice['state'], string>> = {
  proposed: 'waits for approval',
  approved: 'approved, being sent',
  declined: 'declined',
  sent: 'sent',
  failed: 'could not be sent',
};

function notices({ record, clock, person }: Writing): string[] {
  return record.incident.notices.map(({ at, status, text, state, by, decidedBy }) => {
    const who = decidedBy === undefined ? person(by) : `${person(by)}, decided by ${person(decidedBy)}`;
    return `${clock.time(at)} ${status}, ${fates[state]}: ${markdown(text, 2_000)} (${who})`;
  });
}

function actions({ record: { incident }, clock, person }: Writing): string {
  const line = ({ number, title, owner, due, doneBy, doneAt }: Action) => {
    const end =
      doneBy === undefined || doneAt === undefined ? '' : `, done ${clock.time(doneAt)} by ${person(doneBy)}`;
    const box = doneAt === undefined ? ' ' : 'x';
    return `[${box}] ${number}. ${markdown(title)} (${person(owner)}, due ${markdown(due, 20)}${end})`;
  };
  return list(byState(incident).map(line), 'No action was agreed.');
}

/** Open ones first. */
function byState({ actions: all }: Incident): readonly Action[] {
  return [
    ...all.filter(({ doneAt }) => doneAt === undefined),
    ...all.filter(({ doneAt }) => doneAt !== undefined),
  ];
}
