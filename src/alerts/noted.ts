import type { GroupEvent } from './events.ts';
import type { AlertGroup, Change } from './group.ts';

type Noted = Pick<Change, 'what' | 'by' | 'count' | 'some' | 'detail'>;

const changesKept = 20;
const deedsKept = 10;

/** What comes and goes by itself, often while nothing can be shown; what was done to call or help somebody must not be lost in it. */
const comings: ReadonlySet<Change['what']> = new Set(['fired', 'resolved', 'closed', 'reopened', 'related']);

/** The group with a change added to those that its thread tells, or as it is. */
export function noted(
  group: AlertGroup,
  { at, change }: { at: number; change: Noted | undefined },
): AlertGroup {
  if (change === undefined) return group;
  const number = group.changesSoFar + 1;
  const { round } = group;
  return {
    ...group,
    changes: kept([...group.changes, { number, at, round, ...change }]),
    changesSoFar: number,
  };
}

function kept(changes: readonly Change[]): readonly Change[] {
  const deeds = new Set(changes.filter(({ what }) => !comings.has(what)).slice(-deedsKept));
  return changes.filter((change, index) => index >= changes.length - changesKept || deeds.has(change));
}

/** What an event means to those who read the thread of a group; `before` is the group as it was. */
export function changeOf(before: AlertGroup, event: GroupEvent) {
  return { at: event.at, change: told(before, event) };
}

function told(before: AlertGroup, event: GroupEvent): Noted | undefined {
  switch (event.type) {
    case 'GroupOpened':
      return event.related.length > 0 ? { what: 'related', count: event.related.length } : undefined;
    case 'AlertsFired':
      return fired(before, event);
    case 'AlertsResolved':
      return { what: 'resolved', count: event.count, some: event.some };
    case 'GroupClosed':
      return {
        what: 'closed',
        detail:
          event.because === 'gone'
            ? 'Alertmanager no longer has them.'
            : 'Alertmanager told that all have ended.',
      };
    case 'Acknowledged':
      return { what: 'acknowledged', by: event.by };
    case 'Unacknowledged':
      return { what: 'unacknowledged', by: event.by };
    case 'Dismissed':
      return { what: 'page-closed', by: event.by };
    case 'EscalationHurried':
      return { what: 'escalated', by: event.by, detail: 'The next step is taken now.' };
    case 'Escalated':
      return {
        what: 'escalated',
        count: event.people.length,
        ...(event.because !== undefined && { detail: event.because }),
      };
    case 'PageTold':
      return event.status === 'triggered' ? { what: 'paged' } : undefined;
    case 'PageRefused':
      return { what: 'page-refused', detail: event.because };
    case 'Reassigned':
      return { what: 'reassigned', by: event.by, detail: event.assignees.join(', ') };
    case 'SilenceMade':
      return silenced(before, event);
    case 'SilenceEnded':
      return { what: 'silence-ended', ...(event.by !== undefined && { by: event.by }) };
    case 'SilenceFailed':
      return { what: 'silence-failed', detail: event.because };
    case 'GroupNoted':
    case 'GroupDescribed':
    case 'EscalationStarted':
    case 'EscalationStopped':
    case 'PageWanted':
    case 'PageFollowed':
    case 'IncidentLinked':
    case 'SilenceAsked':
    case 'SilenceChanged':
      return undefined;
  }
}

/** The alerts that a group first opens with are its message itself. */
function fired(
  { round, acknowledged }: AlertGroup,
  { opens, count, some }: Extract<GroupEvent, { type: 'AlertsFired' }>,
): Noted | undefined {
  if (opens) return round > 1 ? { what: 'reopened', count, some } : undefined;
  const since = `${count} new alert${count === 1 ? '' : 's'} since it was acknowledged`;
  return { what: 'fired', count, some, ...(acknowledged !== undefined && { detail: since }) };
}

function silenced(
  { silences }: AlertGroup,
  { number, turn }: Extract<GroupEvent, { type: 'SilenceMade' }>,
): Noted | undefined {
  const silence = silences.find((one) => one.number === number);
  const isNews = silence?.status === 'asked' && turn === silence.turn;
  return isNews ? { what: 'silenced', by: silence.by, detail: silence.comment } : undefined;
}
