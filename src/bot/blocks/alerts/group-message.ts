import type { Surface } from '../surface.ts';
import { changeMessages } from './change-messages.ts';
import { channelMessage } from './channel-message.ts';
import type { GroupView } from './group-view.ts';

/** Every message that shows an alert group as it stands, the one in the channel first; the same input gives the same messages. */
export function groupMessage(view: GroupView): readonly Surface[] {
  return [channelMessage(view), ...changeMessages(view)];
}
