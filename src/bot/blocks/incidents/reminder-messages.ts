import type { Incident } from '../../../incidents/incident.ts';
import { action } from '../action.ts';
import { actions, context, lines } from '../block.ts';
import { mentioned } from '../escape.ts';
import { ago, moment } from '../moment.ts';
import { sign } from '../signs.ts';
import type { Surface } from '../surface.ts';
import { encodeIncident } from './incident-reference.ts';
import type { IncidentView } from './incident-view.ts';

/**
 * The reminder of an update or a review that is owed: a new message each time, since an edit notifies nobody, while the earlier
 * ones shrink to a line, so that only one of them asks.
 */
export function reminderMessages(view: IncidentView): Surface[] {
  const newest = [...updateReminder(view.incident), ...reviewReminder(view.incident)];
  const keys = new Set(newest.map(({ key }) => key));
  const before = view.posted
    .filter((key) => /^(?:reminder|review-reminder)-/.test(key) && !keys.has(key))
    .map((key): Surface => {
      const what = key.startsWith('reminder-') ? 'An update' : 'The review';
      const text = `${sign.clock} ${what} was owed here`;
      return { key, place: 'thread', urgent: false, text, blocks: [context(text)] };
    });
  return [...before, ...newest];
}

function updateReminder(incident: Incident): Surface[] {
  const { id, reminders, status, updatesSoFar, updates, declaredAt, roles } = incident;
  if (reminders === 0 || status === 'resolved') return [];
  const last = updates.at(-1);
  const since =
    last === undefined ? `nothing was told since ${ago(declaredAt)}` : `the last one came ${ago(last.at)}`;
  const who = mentioned(peopleOf([roles.communications, roles.commander]));
  const text = `${sign.clock} ${who}: an update is owed, ${since}`;
  return [
    {
      key: `reminder-${updatesSoFar}-${reminders}`,
      place: 'thread',
      urgent: true,
      text: `${sign.clock} An update of #${incident.number} is owed`,
      blocks: [
        ...lines([text]),
        ...actions([
          {
            text: 'Update',
            action: action.incidentUpdate,
            value: encodeIncident({ incident: id }),
            style: 'primary',
          },
        ]),
      ],
    },
  ];
}

function reviewReminder(incident: Incident): Surface[] {
  const { review, resolvedAt = 0, roles, declaredBy } = incident;
  if (review === undefined || review.done !== undefined || review.reminders === 0) return [];
  const who = mentioned(peopleOf([roles.commander ?? declaredBy, roles.scribe]));
  const text = `${sign.clock} ${who}: the review of this incident is due ${moment(review.dueAt)}`;
  const value = encodeIncident({ incident: incident.id });
  return [
    {
      key: `review-reminder-${Math.floor(resolvedAt / 1_000)}-${review.reminders}`,
      place: 'thread',
      urgent: true,
      text: `${sign.clock} The review of #${incident.number} is due`,
      blocks: [
        ...lines([text]),
        ...actions([
          { text: 'Review as a file', action: action.reviewFile, value },
          { text: 'Review done', action: action.reviewDone, value, style: 'primary' },
        ]),
      ],
    },
  ];
}

function peopleOf(all: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(all.filter((one) => one !== undefined))];
}
