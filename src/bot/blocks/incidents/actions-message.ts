import type { KnownBlock } from '@slack/types';
import type { Action } from '../../../incidents/incident.ts';
import { action } from '../action.ts';
import { lines } from '../block.ts';
import { mention, more } from '../escape.ts';
import { moment } from '../moment.ts';
import { sign } from '../signs.ts';
import type { Surface } from '../surface.ts';
import { shown } from '../titles.ts';
import { encodeIncident } from './incident-reference.ts';
import type { IncidentView } from './incident-view.ts';

/** As many open actions have a line and a button. */
const most = 20;

/** The open actions, each with the button that says that it is done; none until there is one. */
export function actionsMessage({ incident, now }: IncidentView): Surface[] {
  const { actions, id } = incident;
  if (actions.length === 0) return [];
  const open = actions.filter(({ doneAt }) => doneAt === undefined);
  const shownOnes = open
    .toSorted((one, other) =>
      one.due < other.due ? -1 : one.due > other.due ? 1 : one.number - other.number,
    )
    .slice(0, most);
  const today = new Date(now).toISOString().slice(0, 10);
  const done = actions.length - open.length;
  const head = `📝 *Actions*: ${open.length} open, ${done} done`;
  const left = open.length - shownOnes.length;
  return [
    {
      key: 'actions',
      place: 'thread',
      urgent: false,
      text: `📝 Actions: ${open.length} open, ${done} done`,
      blocks: [
        ...lines([head]),
        ...shownOnes.map((one) => actionBlock(one, id, today)),
        ...(left > 0 ? lines([more(left)]) : []),
      ],
    },
  ];
}

function actionBlock({ number, title, owner, due }: Action, incident: string, today: string): KnownBlock {
  const late = due < today ? `${sign.warning} overdue since` : 'until';
  return {
    type: 'section',
    text: {
      type: 'mrkdwn',
      verbatim: true,
      text: `*${number}.* ${shown(title)}\n${mention(owner)} ${late} ${dayMoment(due)}`,
    },
    accessory: {
      type: 'button',
      text: { type: 'plain_text', text: 'Done', emoji: false },
      action_id: `${action.actionDone}:${number}`,
      value: encodeIncident({ incident, number }),
    },
  };
}

/** A day as each reader writes days. */
export function dayMoment(due: string): string {
  // At noon it is the same day nearly everywhere.
  const at = Date.parse(`${due}T12:00:00Z`);
  return Number.isNaN(at)
    ? shown(due)
    : moment(at)
        .replace(' {time}', '')
        .replace(/\|.*>$/, `|${due}>`);
}
