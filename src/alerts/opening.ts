import type { About } from './about-group.ts';
import { identityOf } from './about-group.ts';
import { severities } from './alert.ts';
import type { GroupCommand } from './commands.ts';
import type { Settled } from './episode.ts';
import type { UntimedGroupEvent } from './events.ts';
import { flaps } from './flapping.ts';
import type { AlertGroup, Instant } from './group.ts';
import { stampOf } from './stamp.ts';

type Deliver = Extract<GroupCommand, { type: 'Deliver' }>;

const relatedKept = 10;

/** A group opens: as what, and whether it does so too often. */
export function opened(
  group: AlertGroup | undefined,
  command: Deliver,
  { round, fired }: Settled,
  about: About,
  now: Instant,
): readonly UntimedGroupEvent[] {
  const { ruling, delivery } = command;
  return [
    {
      type: 'GroupOpened',
      round,
      routing: ruling.routing,
      since: fired.map(({ startsAt }) => startsAt).toSorted()[0] ?? stampOf(now),
      flapping: flaps(group?.openings ?? [], now, ruling.flapping),
      staysAcknowledged: staysAcknowledged(group, command, now),
      related: ruling.related.slice(0, relatedKept),
      delivery,
      ...about,
      ...identityOf(command),
    },
  ];
}

/** A group that flaps is one trouble: who has it in hand is not called again, unless it became worse. */
function staysAcknowledged(
  group: AlertGroup | undefined,
  { ruling: { flapping, routing } }: Deliver,
  now: Instant,
): boolean {
  if (group?.acknowledged === undefined || !flaps(group.openings, now, flapping)) return false;
  const isWorse = severities.indexOf(routing.severity) < severities.indexOf(group.routing.severity);
  return group.acknowledged.at > now - flapping.within && !isWorse;
}

/** Whoever has to be told that a group has opened. */
export function started(
  group: AlertGroup | undefined,
  command: Deliver,
  now: Instant,
): readonly UntimedGroupEvent[] {
  if (staysAcknowledged(group, command, now)) return [];
  const {
    routing: { policy, page },
    escalateAfter,
    dedupKey,
  } = command.ruling;
  const events: UntimedGroupEvent[] = [];
  if (policy !== undefined && escalateAfter !== undefined) {
    events.push({ type: 'EscalationStarted', policy, step: 0, nextAt: now + escalateAfter });
  }
  if (page !== undefined) {
    events.push({ type: 'PageWanted', page: { key: page, dedupKey, wanted: 'triggered' } });
  }
  return events;
}
