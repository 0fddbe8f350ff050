import { boardOf } from '../alerts/board.ts';
import type { GroupCommand } from '../alerts/commands.ts';
import { decideGroup } from '../alerts/decide.ts';
import type { GroupEvent } from '../alerts/events.ts';
import { evolveGroup } from '../alerts/evolve.ts';
import type { AlertGroup } from '../alerts/group.ts';
import { reactGroup } from '../alerts/jobs.ts';
import type { Rules } from '../store/handle.ts';

/** What Alertmanager says again and again is shown a little later, so that many deliveries become one edit. */
const deliveryDelay = 2_000;

const delivered: ReadonlySet<GroupEvent['type']> = new Set([
  'AlertsFired',
  'AlertsResolved',
  'GroupDescribed',
]);

/** The rules of alert groups, as streams are kept. All groups of a channel are drawn together, since Slack counts by channel. */
export const groupRules: Rules<AlertGroup, GroupCommand, GroupEvent> = {
  kind: 'alerts',
  decide: decideGroup,
  evolve: evolveGroup,
  react: reactGroup,
  hasEnded: ({ status }) => status === 'resolved',
  holds: () => null,
  drawDelay: (events) => (events.every(({ type }) => delivered.has(type)) ? deliveryDelay : 0),
  draws: ({ routing }) => boardOf(routing.channel),
};
