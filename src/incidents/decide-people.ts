import { accept, type Decision, refuse } from '../deploy/decision.ts';
import type { IncidentCommand } from './commands.ts';
import type { UntimedIncidentEvent } from './events.ts';
import type { Incident } from './incident.ts';
import { mayRespond } from './sentences.ts';

type OnPeople = Extract<IncidentCommand, { type: 'AssignRole' | 'Invite' }>;

/** Rules for who has which role and who is in the channel: whoever gets a role is invited. */
export function decidePeople(incident: Incident, command: OnPeople): Decision<UntimedIncidentEvent> {
  const { by } = command;
  if (!mayRespond(by)) {
    return refuse('not-allowed', 'Giving roles and inviting people need the right to respond.');
  }
  const { room } = incident;
  const strangers = (people: readonly string[]) =>
    [...new Set(people)].filter((person) => !room.invited.includes(person) && !room.wanted.includes(person));
  if (command.type === 'Invite') {
    const people = strangers(command.people);
    // What Slack would not do before is asked of it again.
    const isWanted = people.length > 0 || (room.because !== undefined && room.wanted.length > 0);
    return isWanted ? accept({ type: 'InviteWanted', people, by: by.id }) : accept();
  }
  const { role, person } = command;
  if (incident.roles[role] === person) return accept();
  const people = strangers([person]);
  return accept(
    { type: 'RoleAssigned', role, person, by: by.id },
    ...(people.length > 0 ? [{ type: 'InviteWanted' as const, people, by: by.id }] : []),
  );
}
