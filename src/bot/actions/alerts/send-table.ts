import { messageKeyOf } from '../../../alerts/board.ts';
import { placesOf } from '../../../store/surfaces.ts';
import { alertsTable } from '../../blocks/alerts/alerts-table.ts';
import type { GroupReference } from '../../blocks/alerts/group-reference.ts';
import { mention } from '../../blocks/escape.ts';
import type { BotParts } from '../../bot-parts.ts';
import { refused, says } from '../../bot-parts.ts';
import type { Listener, Pressed } from '../../listen.ts';
import { alertsOf } from './group-command.ts';

/** As many alerts as are read at once; the file says how many there are. */
const most = 5_000;

/** **All as a file**: the alerts for which the message has no room, in its thread. */
export function sendTable(bot: BotParts): Listener<Pressed<GroupReference>> {
  return async ({ user, about }) => {
    const alerts = alertsOf(bot);
    const group = await alerts.find(about.group);
    if (group === undefined) return refused({ code: 'group-unknown', detail: '' });
    const places = await placesOf(alerts.parts.pool, group.id);
    const place = places.find(({ key }) => key === messageKeyOf(group));
    if (!place?.channel || !place.ts) return says('The message of these alerts is not in Slack.');
    await bot.client.filesUploadV2({
      channel_id: place.channel,
      thread_ts: place.ts,
      filename: `${group.id}-${group.round}.txt`,
      content: alertsTable(group, await alerts.episodes(group, most)),
      initial_comment: `All alerts, asked for by ${mention(user)}`,
    });
    return undefined;
  };
}
