import type { AlertGroup } from '../../../alerts/group.ts';
import { section } from '../block.ts';
import { sign } from '../signs.ts';
import type { Surface } from '../surface.ts';
import { brief, nameOf } from './group-words.ts';

/** An earlier message of a group that has closed and opened again since, under its key: without buttons, since they would be too late. */
export function formerMessage(group: AlertGroup, key: string): Surface {
  const text = `${sign.done} ${brief(nameOf(group), 100)} · resolved, and opened again since: see its newer message`;
  return { key, place: 'channel', urgent: false, text, blocks: [section(text)] };
}
