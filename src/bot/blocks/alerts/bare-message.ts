import { messageKeyOf } from '../../../alerts/board.ts';
import type { AlertGroup } from '../../../alerts/group.ts';
import { section } from '../block.ts';
import type { Surface } from '../surface.ts';
import { brief, nameOf, severitySign } from './group-words.ts';

/** The least that a group's message says, for when it cannot be drawn as it should: an alert that nobody sees is worse than one without buttons. */
export function bareMessage(group: AlertGroup): Surface {
  const { routing, status } = group;
  const text = `${severitySign[routing.severity]} ${brief(nameOf(group), 100)} · ${status} · its message could not be drawn, Slipway's log says why`;
  return { key: messageKeyOf(group), place: 'channel', urgent: true, text, blocks: [section(text)] };
}
