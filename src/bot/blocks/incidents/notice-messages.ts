import type { Incident, Notice } from '../../../incidents/incident.ts';
import { action } from '../action.ts';
import { actions, lines, type Press } from '../block.ts';
import { clip, escaped, mention } from '../escape.ts';
import { sign } from '../signs.ts';
import type { Surface } from '../surface.ts';
import { encodeIncident } from './incident-reference.ts';
import { statusName } from './incident-words.ts';
import { quoted } from './status-card.ts';

/** A message for each text for the status page: who proposed it, what came of it, and the decision of a second person. */
export function noticeMessages({ id, notices, noticesSoFar }: Incident): Surface[] {
  return notices.map((notice): Surface => {
    const { number, text, status, by } = notice;
    const head = `🌐 *For the status page*, as *${statusName[status]}*, by ${mention(by)}`;
    const isOpen = number === noticesSoFar;
    return {
      key: `notice-${number}`,
      place: 'thread',
      urgent: notice.state === 'proposed',
      text: `🌐 A text for the status page: ${clip(stateOf(notice).replaceAll('*', ''), 300)}`,
      blocks: [
        ...lines([head, ...quoted(text, 2_200)]),
        ...lines([stateOf(notice)]),
        ...actions(isOpen ? buttonsOf(id, notice) : []),
      ],
    };
  });
}

function stateOf({ state, decidedBy, because = '' }: Notice): string {
  const by = decidedBy === undefined ? '' : ` by ${mention(decidedBy)}`;
  switch (state) {
    case 'proposed':
      return `${sign.person} Waits for a second person who may publish`;
    case 'approved':
      return `${sign.moving} Approved${by}, being sent`;
    case 'declined':
      return `${sign.refused} Declined${by}`;
    case 'sent':
      return `${sign.done} It is on the status page, approved${by}`;
    case 'failed':
      return `${sign.failed} Approved${by}, but not on the status page: ${clip(escaped(because), 400)}`;
  }
}

function buttonsOf(incident: string, { number, state }: Notice): Press[] {
  if (state !== 'proposed' && state !== 'failed') return [];
  const value = encodeIncident({ incident, number });
  return [
    {
      text: state === 'failed' ? 'Try again' : 'Approve',
      action: action.approveNotice,
      value,
      style: 'primary',
    },
    { text: 'Decline', action: action.declineNotice, value },
  ];
}
