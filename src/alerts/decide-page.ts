import type { Decision } from '../deploy/decision.ts';
import { accept } from '../deploy/decision.ts';
import type { GroupCommand } from './commands.ts';
import { acknowledged, dismissed, unacknowledged } from './decide-response.ts';
import type { UntimedGroupEvent } from './events.ts';
import type { Actor, AlertGroup, Instant, PageStatus } from './group.ts';
import { oneLine } from './one-line.ts';
import { isOpen, isUntold, pageOfTurn, pagesOf, wantPages } from './pages-of.ts';

type OnPage = Extract<GroupCommand, { type: 'PageTold' | 'PageRefused' | 'PageChanged' }>;

/** Rules for what comes back from PagerDuty: answers to calls, and what people do there. */
export function decidePage(group: AlertGroup, command: OnPage, now: Instant): Decision<UntimedGroupEvent> {
  if (command.type === 'PageChanged') return decideChanged(group, command, now);
  // Turns count over all rounds, so a call that was made in an earlier one is still known by its turn.
  const page = pageOfTurn(group, command.turn);
  if (page === undefined || !isUntold(page)) return accept();
  const { turn } = command;
  return command.type === 'PageTold'
    ? accept({ type: 'PageTold', turn, status: page.wanted })
    : accept({ type: 'PageRefused', turn, because: oneLine(command.because, 500) });
}

function decideChanged(
  group: AlertGroup,
  { dedupKey, to, by: given, assignees = [], escalateAfter }: Extract<OnPage, { type: 'PageChanged' }>,
  now: Instant,
): Decision<UntimedGroupEvent> {
  const pages = pagesOf(group).filter((page) => page.dedupKey === dedupKey && isOpen(page));
  if (group.status === 'resolved' || pages.length === 0) return accept();
  const by = boundedActor(given);
  const followed = (status: PageStatus): readonly UntimedGroupEvent[] =>
    pages.every(({ wanted, told }) => wanted === status && told === status)
      ? []
      : [{ type: 'PageFollowed', dedupKey, status }];
  switch (to) {
    case 'acknowledged':
      return accept(
        ...(group.acknowledged === undefined ? acknowledged(group, by) : []),
        ...followed('acknowledged'),
      );
    case 'unacknowledged':
      return accept(
        ...(group.acknowledged === undefined ? [] : unacknowledged(group, by, now, escalateAfter)),
        ...followed('triggered'),
      );
    case 'resolved':
      // Services may share a dedup key, and which of them it was is not told: the others must not stay open.
      return accept(
        ...(group.dismissed === undefined ? dismissed(group, by) : []),
        ...(pages.length === 1 ? followed('resolved') : wantPages(group, 'resolved')),
      );
    case 'reassigned': {
      const names = assignees.slice(0, 20).map((name) => oneLine(name, 200));
      const isSame = pages.every((page) => JSON.stringify(page.assignees) === JSON.stringify(names));
      return isSame ? accept() : accept({ type: 'Reassigned', by, assignees: names });
    }
  }
}

function boundedActor({ via, id, name }: Actor): Actor {
  return { via, id: oneLine(id, 200), ...(name !== undefined && { name: oneLine(name, 200) }) };
}
