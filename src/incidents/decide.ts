import { accept, type Decision, refuse } from '../deploy/decision.ts';
import type { IncidentCommand } from './commands.ts';
import { decideAction } from './decide-action.ts';
import { decideCourse } from './decide-course.ts';
import { decideDeclare } from './decide-declare.ts';
import { decideLink } from './decide-link.ts';
import { decideNotice } from './decide-notice.ts';
import { decidePeople } from './decide-people.ts';
import { decidePin } from './decide-pin.ts';
import { decideReminder } from './decide-reminder.ts';
import { decideRoom } from './decide-room.ts';
import type { IncidentEvent, UntimedIncidentEvent } from './events.ts';
import type { Incident, Instant } from './incident.ts';

/** What a command does to an incident: events, or a refusal; the same for the same input. */
export function decideIncident(
  incident: Incident | undefined,
  command: IncidentCommand,
  now: Instant,
): Decision<IncidentEvent> {
  const decision = answer(incident, command, now);
  return decision.ok ? accept(...decision.events.map((event) => ({ ...event, at: now }))) : decision;
}

function answer(
  incident: Incident | undefined,
  command: IncidentCommand,
  now: Instant,
): Decision<UntimedIncidentEvent> {
  if (command.type === 'Declare') return decideDeclare(incident, command, now);
  if (incident === undefined) return refuse('incident-unknown');
  switch (command.type) {
    case 'Update':
    case 'ChangeSeverity':
    case 'Rename':
    case 'Resolve':
    case 'Reopen':
      return decideCourse(incident, command, now);
    case 'AssignRole':
    case 'Invite':
      return decidePeople(incident, command);
    case 'LinkGroup':
    case 'LinkRun':
      return decideLink(incident, command);
    case 'Pin':
    case 'Unpin':
      return decidePin(incident, command);
    case 'AddAction':
    case 'CompleteAction':
    case 'CompleteReview':
      return decideAction(incident, command, now);
    case 'ProposeNotice':
    case 'ApproveNotice':
    case 'DeclineNotice':
    case 'NoticeSent':
    case 'NoticeFailed':
      return decideNotice(incident, command, now);
    case 'RemindUpdate':
    case 'RemindReview':
      return decideReminder(incident, command, now);
    case 'RoomMade':
    case 'RoomSettled':
    case 'RoomFailed':
      return decideRoom(incident, command);
  }
}
