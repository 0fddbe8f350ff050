import type { IncidentPerson } from './commands.ts';
import type { Incident } from './incident.ts';

/** Whether somebody may read what happened: of a private incident who is in its channel, has a part in it, or may do something about incidents. */
export function mayRead(
  { room, roles, declaredBy, actions }: Pick<Incident, 'room' | 'roles' | 'declaredBy' | 'actions'>,
  { id, may }: IncidentPerson,
  isPrivate: boolean,
): boolean {
  return (
    !isPrivate ||
    may.length > 0 ||
    declaredBy === id ||
    room.invited.includes(id) ||
    Object.values(roles).includes(id) ||
    actions.some(({ owner }) => owner === id)
  );
}
