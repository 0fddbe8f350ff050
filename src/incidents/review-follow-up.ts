import type { Action, Incident, Notice } from './incident.ts';
import { markdown } from './markdown.ts';
import { list, type Writing } from './review-writing.ts';

const fates: Readonly<Record<Notice['state'], string>> = {
  proposed: 'waits for approval',
  approved: 'approved, being sent',
  declined: 'declined',
  sent: 'sent',
  failed: 'could not be sent',
};

/** What was told, or was to be told, on the status page. */
export function notices({ record, clock, person }: Writing): string[] {
  return record.incident.notices.map(({ at, status, text, state, by, decidedBy }) => {
    const who = decidedBy === undefined ? person(by) : `${person(by)}, decided by ${person(decidedBy)}`;
    return `${clock.time(at)} ${status}, ${fates[state]}: ${markdown(text, 2_000)} (${who})`;
  });
}

/** What is to be done and what was, with owners and days. */
export function actions({ record: { incident }, clock, person }: Writing): string {
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
