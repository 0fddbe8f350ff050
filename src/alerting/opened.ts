import type { Episode } from '../alerts/alert.ts';
import type { GroupEvent } from '../alerts/events.ts';
import type { AlertGroup, OpenedGroup } from '../alerts/group.ts';
import type { Change } from '../store/streams.ts';

/** A group as the change that was written left it, if it was its first. */
export function openedBy(
  { from, links, alerts }: Change,
  group: AlertGroup,
  events: readonly GroupEvent[],
): OpenedGroup | undefined {
  if (from.version > 0 || group.round === 0) return undefined;
  return {
    group,
    version: links.length,
    episodes: alerts.toSorted(asShown),
    happened: events.map(({ type }) => type),
  };
}

/** Those that fire first, and of these the longest. */
function asShown(one: Episode, other: Episode): number {
  return (
    byText(one.status, other.status) ||
    byText(one.startsAt, other.startsAt) ||
    byText(one.fingerprint, other.fingerprint)
  );
}

function byText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
