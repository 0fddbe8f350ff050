import type { UndrawnGroup } from '../store/board.ts';
import type { Unshown } from './show.ts';

/**
 * Slack counts what is posted in a channel, what is sent to a person, and what is edited apart, so none of these need wait for
 * another: a first post least of all for edits.
 */
export const lanes = ['post', 'direct', 'edit'] as const;

export type Lane = (typeof lanes)[number];

/** A call that may be due. What exactly it shows is unknown until the group is loaded, and then it may turn out not to be due. */
export interface Call {
  readonly lane: Lane;
  /** Within the lane, the smallest first. */
  readonly rank: number;
  readonly isCritical: boolean;
  /** Since when it waits, in milliseconds since 1970. */
  readonly since: number;
  /** The group, or undefined for the digest. */
  readonly group?: string;
  /** Whether somebody waits to see it, so that it may use what is kept of Slack's limit for that. */
  readonly isUrgent: boolean;
  readonly unshown?: Unshown;
}

/** The place in its lane of each kind of call. */
export const ranks = {
  overdueDigest: 0,
  criticalFirstPost: 1,
  digest: 2,
  firstPost: 3,
  thread: 4,
  // It is over, and nobody has to look: only the record is missing.
  resolvedFirstPost: 5,
  direct: 6,
  answer: 7,
  digestEdit: 8,
  edit: 9,
} as const;

/** How many first posts a channel takes within about five seconds; groups beyond that are folded. */
const soon = 5;

/** What people did or wait for: an edit that shows it comes before others. */
const answering: ReadonlySet<string> = new Set([
  'GroupOpened',
  'GroupClosed',
  'Acknowledged',
  'Unacknowledged',
  'Dismissed',
  'EscalationHurried',
  'Reassigned',
  'SilenceAsked',
  'SilenceChanged',
  'SilenceMade',
  'SilenceEnded',
  'SilenceFailed',
]);

/** Whichever of two calls of a lane comes first. */
export function byImportance(one: Call, other: Call): number {
  return (
    one.rank - other.rank ||
    Number(other.isCritical) - Number(one.isCritical) ||
    one.since - other.since ||
    ((one.group ?? '') < (other.group ?? '') ? -1 : 1)
  );
}

/**
 * The groups that wait for their first post and will not have it soon: the newest and least severe, and those that were folded
 * before and still wait.
 */
export function foldedOf(
  groups: readonly UndrawnGroup[],
  before: ReadonlySet<string>,
): readonly UndrawnGroup[] {
  const waiting = groups
    .filter(({ isPosted }) => !isPosted)
    .map((group) => ({ ...callOf(group), group: group.id, lane: 'post' as const, rank: firstRank(group) }))
    .sort(byImportance);
  const beyond = new Set(waiting.slice(soon).map(({ group }) => group));
  return groups.filter(({ id, isPosted }) => beyond.has(id) || (!isPosted && before.has(id)));
}

/** What may be due for a group of which only the outline is known: never less than really is. */
export function possibleCalls(group: UndrawnGroup): readonly Call[] {
  const call = { ...callOf(group), group: group.id };
  const isEscalated = group.happened.includes('Escalated');
  const isAnswer = group.happened.some((type) => answering.has(type));
  const direct: Call = { ...call, lane: 'direct', rank: ranks.direct, isUrgent: true };
  const edit: Call = {
    ...call,
    lane: 'edit',
    rank: isAnswer ? ranks.answer : ranks.edit,
    isUrgent: isAnswer,
  };
  if (!group.isPosted) {
    const first: Call = { ...call, lane: 'post', rank: firstRank(group), isUrgent: true };
    return isEscalated ? [first, direct, edit] : [first];
  }
  const thread: Call = { ...call, lane: 'post', rank: ranks.thread, isUrgent: false };
  return isEscalated ? [thread, direct, edit] : [thread, edit];
}

/** The calls that are due for a group that was loaded. */
export function dueCalls(group: UndrawnGroup, owed: readonly Unshown[]): readonly Call[] {
  const call = { ...callOf(group), group: group.id };
  const isAnswer = group.happened.some((type) => answering.has(type));
  return owed.flatMap((unshown): Call[] => {
    const { surface, place, root } = unshown;
    if (place?.ts) {
      const isUrgent = isAnswer && surface.place === 'channel';
      return [{ ...call, lane: 'edit', rank: isUrgent ? ranks.answer : ranks.edit, isUrgent, unshown }];
    }
    if (surface.to !== undefined)
      return [{ ...call, lane: 'direct', rank: ranks.direct, isUrgent: true, unshown }];
    if (surface.place === 'channel')
      return [{ ...call, lane: 'post', rank: firstRank(group), isUrgent: true, unshown }];
    // A thread hangs on its first message.
    if (root === undefined) return [];
    return [{ ...call, lane: 'post', rank: ranks.thread, isUrgent: surface.urgent, unshown }];
  });
}

function firstRank({ severity, status }: UndrawnGroup): number {
  if (status === 'resolved') return ranks.resolvedFirstPost;
  return severity === 'critical' ? ranks.criticalFirstPost : ranks.firstPost;
}

function callOf({ severity, since }: UndrawnGroup): Pick<Call, 'isCritical' | 'since' | 'isUrgent'> {
  return { isCritical: severity === 'critical', since, isUrgent: true };
}
