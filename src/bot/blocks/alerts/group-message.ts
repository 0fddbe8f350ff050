import type { Surface } from '../surface.ts';
import { changeMessages } from './change-messages.ts';
import { channelMessage } from './channel-message.ts';
import type { GroupView } from './group-view.ts';

/** Every message that shows an alert group as it stands, the one in the channel first; the same input gives the same messages. */
export function groupMessage(view: GroupView): readonly Surface[] {
  // A group of which only the end of an alert was ever heard has not opened.
  if (view.group.round === 0) return [];
  return [channelMessage(view), ...changeMessages(view)];
}
