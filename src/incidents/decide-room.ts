import { oneLine } from '../alerts/one-line.ts';
import { accept, type Decision } from '../deploy/decision.ts';
import type { IncidentCommand } from './commands.ts';
import type { UntimedIncidentEvent } from './events.ts';
import type { Incident } from './incident.ts';
import { isRoomDue } from './jobs.ts';
import { longest } from './written.ts';

/** Rules for what Slack answered: only to what was asked last, except that a channel that was made is never forgotten. */
export function decideRoom(
  { room }: Incident,
  command: Extract<IncidentCommand, { type: 'RoomMade' | 'RoomSettled' | 'RoomFailed' }>,
): Decision<UntimedIncidentEvent> {
  if (command.type === 'RoomMade') {
    const { channel, name } = command;
    return room.channel === undefined ? accept({ type: 'RoomMade', channel, name }) : accept();
  }
  const { turn } = command;
  if (turn !== room.turn || !isRoomDue(room)) return accept();
  if (command.type === 'RoomFailed') {
    return accept({ type: 'RoomFailed', because: oneLine(command.because, longest.because) });
  }
  const { invited, because } = command;
  return accept({
    type: 'RoomSettled',
    turn,
    invited,
    ...(because !== undefined && { because: oneLine(because, longest.because) }),
  });
}
