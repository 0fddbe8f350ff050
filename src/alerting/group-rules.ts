import { boardOf } from '../alerts/board.ts';
import type { GroupCommand } from '../alerts/commands.ts';
import { decideGroup } from '../alerts/decide.ts';
import type { GroupEvent } from '../alerts/events.ts';
import { evolveGroup } from '../alerts/evolve.ts';
import type { AlertGroup } from '../alerts/group.ts';
import { reactGroup } from '../alerts/jobs.ts';
import type { Rules } from '../store/handle.ts';

/**
 * What Alertmanager says again and again is shown a little later, so that many deliveries become one edit. All else the process
 * that committed it draws at once, and the job only makes sure, as after a crash.
 */
const delays = { delivery: 2_000, safety: 1_000 };

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
  drawDelay: (events) => (isWaitedFor(events) ? delays.safety : delays.delivery),
  draws: ({ routing }) => boardOf(routing.channel),
};

/** Whether people wait to see one of these events. */
export function isWaitedFor(events: readonly GroupEvent[]): boolean {
  return events.some(({ type }) => !delivered.has(type));
}
