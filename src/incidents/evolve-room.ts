import type { IncidentEvent } from './events.ts';
import type { Room } from './incident.ts';

type OfRoom = Extract<IncidentEvent, { type: 'InviteWanted' | 'RoomMade' | 'RoomSettled' | 'RoomFailed' }>;

/** The channel after an event: who could not be invited stays wanted until somebody asks again. */
export function evolveRoom(room: Room, event: OfRoom): Room {
  switch (event.type) {
    case 'InviteWanted': {
      const { because: _, ...rest } = room;
      return { ...rest, turn: room.turn + 1, wanted: [...room.wanted, ...event.people] };
    }
    case 'RoomMade':
      return { ...room, channel: event.channel, name: event.name };
    case 'RoomSettled': {
      const { because } = event;
      const invited = [...new Set([...room.invited, ...event.invited])];
      if (because === undefined) return { ...room, invited, wanted: [] };
      return { ...room, invited, wanted: room.wanted.filter((one) => !invited.includes(one)), because };
    }
    case 'RoomFailed':
      return { ...room, because: event.because };
  }
}
