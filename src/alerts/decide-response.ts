import type { Decision } from '../deploy/decision.ts';
import { accept, refuse } from '../deploy/decision.ts';
import type { GroupCommand, Responder } from './commands.ts';
import type { UntimedGroupEvent } from './events.ts';
import type { Actor, AlertGroup, Instant } from './group.ts';
import { oneLine } from './one-line.ts';
import { wantPages } from './pages-of.ts';

type Responding = Extract<
  GroupCommand,
  { type: 'Acknowledge' | 'Unacknowledge' | 'Resolve' | 'EscalateNow' }
>;

/** Rules for what people do about a group that fires: the right people, in time, and the first one decides. */
export function decideResponse(
  group: AlertGroup,
  command: Responding,
  now: Instant,
): Decision<UntimedGroupEvent> {
  const late = tooLate(group, command.round);
  if (late !== undefined) return late;
  if (!command.by.may.includes('respond')) {
    return refuse('not-allowed', 'Acknowledging, escalating and resolving need the right to respond.');
  }
  if (group.dismissed !== undefined) {
    return refuse('already-decided', `Resolved by ${whoAndWhen(group.dismissed)}.`);
  }
  const by = actorOf(command.by);
  switch (command.type) {
    case 'Acknowledge':
      if (group.acknowledged !== undefined) return acknowledgedBefore(group.acknowledged);
      return accept(...acknowledged(group, by), ...wantPages(group, 'acknowledged'));
    case 'Unacknowledge':
      if (group.acknowledged === undefined) return refuse('nothing-waiting', 'Nobody has acknowledged it.');
      return accept(
        ...unacknowledged(group, by, now, command.escalateAfter),
        ...wantPages(group, 'triggered'),
      );
    case 'Resolve':
      return accept(...dismissed(group, by), ...wantPages(group, 'resolved'));
    case 'EscalateNow':
      return hurry(group, by, now);
  }
}

/** The refusal when the round is over, with when it ended or that a newer one fires; undefined while it lasts. */
export function tooLate(group: AlertGroup, round: number): Decision<UntimedGroupEvent> | undefined {
  if (group.round !== round) {
    const now = group.status === 'firing' ? 'a newer one fires now' : 'there was a newer one since';
    return refuse('alerts-resolved', `They were resolved, and ${now}: look at the newest message.`);
  }
  if (group.status === 'firing') return undefined;
  return refuse('alerts-resolved', `They were resolved at ${utc(group.closedAt ?? group.openedAt)}.`);
}

/** What it means that somebody, here or in PagerDuty, has it in hand. */
export function acknowledged(group: AlertGroup, by: Actor): readonly UntimedGroupEvent[] {
  return [{ type: 'Acknowledged', by }, ...stopped(group)];
}

/** Nobody has it in hand any more: the escalation goes on where it was, and from the start when it had come to its end. */
export function unacknowledged(
  group: AlertGroup,
  by: Actor,
  now: Instant,
  escalateAfter = 0,
): readonly UntimedGroupEvent[] {
  const { escalation, routing, dedupKey } = group;
  const policy = escalation?.policy ?? routing.policy;
  const step = escalation?.status === 'exhausted' ? 0 : (escalation?.step ?? 0);
  return [
    { type: 'Unacknowledged', by },
    ...(policy === undefined
      ? []
      : [{ type: 'EscalationStarted' as const, policy, step, nextAt: now + escalateAfter }]),
    // A round that was in hand from its start has not paged yet.
    ...(routing.page === undefined || group.page !== undefined
      ? []
      : [
          {
            type: 'PageWanted' as const,
            page: { key: routing.page, dedupKey, wanted: 'triggered' as const },
          },
        ]),
  ];
}

/** What it means that somebody, here or in PagerDuty, has pressed Resolve. */
export function dismissed(group: AlertGroup, by: Actor): readonly UntimedGroupEvent[] {
  return [{ type: 'Dismissed', by }, ...stopped(group)];
}

function stopped({ escalation }: AlertGroup): readonly UntimedGroupEvent[] {
  return escalation?.status === 'running' ? [{ type: 'EscalationStopped' }] : [];
}

function hurry(
  { acknowledged, escalation }: AlertGroup,
  by: Actor,
  now: Instant,
): Decision<UntimedGroupEvent> {
  if (acknowledged !== undefined) return acknowledgedBefore(acknowledged);
  if (escalation === undefined) return refuse('nothing-waiting', 'This group has no escalation policy.');
  if (escalation.status !== 'running') {
    return refuse('nothing-waiting', 'Every step of the escalation policy was taken.');
  }
  if (escalation.nextAt <= now) return refuse('already-decided', 'The next step is being taken.');
  return accept({ type: 'EscalationHurried', by });
}

function acknowledgedBefore(first: NonNullable<AlertGroup['acknowledged']>): Decision<UntimedGroupEvent> {
  return refuse('already-decided', `Acknowledged by ${whoAndWhen(first)}.`);
}

function whoAndWhen({ by, at }: NonNullable<AlertGroup['acknowledged']>): string {
  return `${named(by)} at ${utc(at)}`;
}

function named({ via, id, name }: Actor): string {
  if (via === 'slack') return `<@${id}>`;
  return via === 'pagerduty' ? `${oneLine(name ?? id, 80)} in PagerDuty` : 'Slipway';
}

function utc(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Whoever clicked in Slack, as the record names them. */
export function actorOf({ id }: Responder): Actor {
  return { via: 'slack', id };
}
