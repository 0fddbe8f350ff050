import type { KnownBlock } from '@slack/types';
import type { AlertGroup, Instant, Silence } from '../../../alerts/group.ts';
import { action } from '../action.ts';
import { actions, lines } from '../block.ts';
import { moment } from '../moment.ts';
import { encodeGroup } from './group-reference.ts';
import { standingSilences } from './group-state.ts';
import { actorName, alertSign, brief, chips } from './group-words.ts';

/** The newest three silences of a group that still count, each with what can be done about it; none once it is over. */
export function silenceBlocks(group: AlertGroup, now: Instant): KnownBlock[] {
  if (group.status === 'resolved') return [];
  const all = standingSilences(group, now);
  const left = all.length - 3;
  return [
    ...(left > 0 ? lines([`${alertSign.silenced} … and ${left} older silence${left === 1 ? '' : 's'}`]) : []),
    ...all.slice(-3).flatMap((silence) => blocksOf(silence, group)),
  ];
}

function blocksOf(silence: Silence, { id, round }: AlertGroup): KnownBlock[] {
  const { number, scope, by, comment, status, matchers } = silence;
  const labels = Object.fromEntries(matchers.map(({ name, value }) => [name, value]));
  const what = scope === 'group' ? '' : `One alert ${chips(labels, 160)} · `;
  const why = comment.trim() === '' ? '' : `: ${brief(comment, 140)}`;
  const line = `${alertSign.silenced} ${what}${stateOf(silence)}, by ${actorName(by)}${why}`;
  if (status !== 'active') return lines([line]);
  const value = encodeGroup({ group: id, round, silence: number });
  return [
    ...lines([line]),
    ...actions([
      { text: 'Extend 2 h', action: action.extendSilence, value },
      { text: 'End silence now', action: action.endSilence, value },
    ]),
  ];
}

function stateOf({ status, until, id }: Silence): string {
  if (status === 'active') return `Silenced until ${moment(until)}`;
  if (status === 'ending') return 'Alertmanager is asked to end the silence';
  return id === undefined
    ? `Alertmanager is asked for silence until ${moment(until)}`
    : `Silenced; Alertmanager is asked to end it at ${moment(until)}`;
}
