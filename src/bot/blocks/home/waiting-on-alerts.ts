import { action } from '../action.ts';
import { encodeGroup } from '../alerts/group-reference.ts';
import { brief, nameOf, severitySign } from '../alerts/group-words.ts';
import { link } from '../escape.ts';
import { moment } from '../moment.ts';
import type { HomeFacts, HomePerson } from './home-facts.ts';
import type { Waiting } from './waiting.ts';

/** Alert groups that nobody has seen to, of which this person was told. */
export function waitingOnAlerts(
  { id }: HomePerson,
  { groups }: Pick<HomeFacts, 'groups'>,
): readonly Waiting[] {
  return groups
    .filter(({ group }) => group.acknowledged === undefined && group.dismissed === undefined)
    .filter(({ group }) => group.escalation?.told.some(({ people }) => people.includes(id)))
    .map(({ group, link: address }): Waiting => {
      const name = brief(nameOf(group), 100);
      const value = encodeGroup({ group: group.id, round: group.round });
      const words = address === undefined ? name : link(address, nameOf(group));
      return {
        line: `${severitySign[group.routing.severity]} You were called for *${words}*, firing since ${moment(group.openedAt)}`,
        press: [{ text: 'Acknowledge', action: action.acknowledge, value, style: 'primary' }],
      };
    });
}
