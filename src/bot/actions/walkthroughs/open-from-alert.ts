import { messageKeyOf } from '../../../alerts/board.ts';
import type { AlertGroup } from '../../../alerts/group.ts';
import { labelsFor, runbookForGroup } from '../../../runbooks/resolve.ts';
import { placesOf } from '../../../store/surfaces.ts';
import type { GroupReference } from '../../blocks/alerts/group-reference.ts';
import { link } from '../../blocks/escape.ts';
import type { BotParts } from '../../bot-parts.ts';
import { refused, says } from '../../bot-parts.ts';
import type { Listener, Pressed } from '../../listen.ts';
import { alertsOf } from '../alerts/group-command.ts';

/** Enough alerts to find the runbook of one of them. */
const someEpisodes = 30;

/** **Runbook**: opens the alert's runbook in its thread, once, with the alert's labels filled in. */
export function openFromAlert(bot: BotParts): Listener<Pressed<GroupReference>> {
  return async ({ user, about }) => {
    const alerts = alertsOf(bot);
    const group = await alerts.find(about.group);
    if (group === undefined) return refused({ code: 'group-unknown', detail: '' });
    if (group.round !== about.round) {
      return refused({ code: 'alerts-resolved', detail: 'Look at the newest message.' });
    }
    const episodes = await alerts.episodes(group, someEpisodes);
    const runbook = runbookForGroup(bot.library, group, episodes);
    if (runbook === undefined) {
      return refused({ code: 'runbook-unknown', detail: 'It was there when the message was drawn.' });
    }
    const places = await placesOf(alerts.parts.pool, group.id);
    const place = places.find(({ key }) => key === messageKeyOf(group));
    if (!place?.channel || !place.ts) return says('The message of these alerts is not in Slack.');
    const { id, round } = group;
    const { environment } = group.routing;
    const incident = await incidentOf(bot, group);
    const opened = await bot.walkthroughs.open({
      runbook,
      key: `${id} ${round}`,
      place: { channel: place.channel, thread: place.ts },
      alert: { group: id, round },
      labels: labelsFor(group, episodes),
      by: user,
      ...(environment !== undefined && { environment }),
      ...(incident !== undefined && { incident }),
    });
    if (!opened.ok) return refused(opened.refusal);
    return opened.events.length > 0 ? undefined : says(await whereItIs(bot, opened.state.id));
  };
}

/** The incident that is about this opening of a group, if it is not resolved. */
async function incidentOf(
  { incidents }: BotParts,
  { id, round }: Pick<AlertGroup, 'id' | 'round'>,
): Promise<string | undefined> {
  const open = (await incidents?.open()) ?? [];
  const isMeant = (one: { readonly group: string; readonly round: number }) =>
    one.group === id && one.round === round;
  return open.find(({ status, groups }) => status !== 'resolved' && groups.some(isMeant))?.id;
}

async function whereItIs({ runs, messages }: BotParts, walk: string): Promise<string> {
  const [first] = (await placesOf(runs.parts.pool, walk)).toSorted((a, b) => Number(a.ts) - Number(b.ts));
  const url = first?.channel && first.ts ? await messages.link(first.channel, first.ts) : undefined;
  const where = url === undefined ? 'in the thread of this message' : link(url, 'here');
  return `The runbook is open already: ${where}.`;
}
