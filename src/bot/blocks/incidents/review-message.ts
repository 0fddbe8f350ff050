import type { Incident } from '../../../incidents/incident.ts';
import { action } from '../action.ts';
import { actions, context, lines, type Press } from '../block.ts';
import { clip, escaped, link, mention } from '../escape.ts';
import { moment } from '../moment.ts';
import { sign } from '../signs.ts';
import type { Surface } from '../surface.ts';
import { encodeIncident } from './incident-reference.ts';
import type { IncidentView } from './incident-view.ts';

/** What is to be looked back on once it is resolved: what is due when, and the record as a file. */
export function reviewMessages({ incident, posted }: IncidentView): Surface[] {
  const own = reviewMessage(incident);
  const before = posted
    .filter((key) => /^review-\d+$/.test(key) && key !== own?.key)
    .map((key): Surface => {
      const text = `${sign.stopped} It was resolved here, and opened again`;
      return { key, place: 'thread', urgent: false, text, blocks: [context(text)] };
    });
  return [...before, ...(own === undefined ? [] : [own])];
}

function reviewMessage(incident: Incident): Surface | undefined {
  const { id, number, review, resolvedAt, roles, declaredBy, actions: all } = incident;
  if (review === undefined || resolvedAt === undefined) return undefined;
  const value = encodeIncident({ incident: id });
  const file: Press = { text: 'Review as a file', action: action.reviewFile, value };
  const { done, dueAt } = review;
  const open = all.filter(({ doneAt }) => doneAt === undefined).length;
  const state =
    done === undefined
      ? [
          `${sign.clock} *The review is due ${moment(dueAt)}*, with ${mention(roles.commander ?? declaredBy)}`,
          'The file has the impact, the whole timeline, how long it took until it was seen, mitigated and resolved, what changed before, and the actions. Read it together, write down what you learned, and add what is to be done.',
        ]
      : [
          `${sign.done} *The review was done* by ${mention(done.by)}, ${moment(done.at)}${whereOf(done.where)}`,
        ];
  const buttons: Press[] =
    done === undefined
      ? [
          { ...file, style: 'primary' },
          { text: 'Add action', action: action.addAction, value },
          { text: 'Review done', action: action.reviewDone, value },
        ]
      : [file];
  return {
    key: `review-${Math.floor(resolvedAt / 1_000)}`,
    place: 'thread',
    urgent: done === undefined,
    text: `${done === undefined ? sign.clock : sign.done} The review of #${number}`,
    blocks: [
      ...lines([
        ...state,
        ...(open === 0 ? [] : [`${open} ${open === 1 ? 'action is' : 'actions are'} open.`]),
      ]),
      ...actions(buttons),
    ],
  };
}

function whereOf(where: string | undefined): string {
  if (where === undefined) return '';
  return /^https?:\/\//.test(where) ? `: ${link(where, 'read it')}` : `: ${clip(escaped(where), 300)}`;
}
