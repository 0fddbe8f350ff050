import type { Decision } from '../deploy/decision.ts';
import { accept } from '../deploy/decision.ts';
import type { GroupCommand } from './commands.ts';
import type { UntimedGroupEvent } from './events.ts';
import type { AlertGroup, Instant } from './group.ts';
import { oneLine } from './one-line.ts';
import { isOpen, pagesOf } from './pages-of.ts';

const peopleKept = 50;

/** The clock of the process that sets a timer may be this far behind that of the one that takes it up, in milliseconds. */
const clockSkew = 5_000;

/** Rules for a timer of an escalation: one that is stale does nothing; otherwise its step is taken and the next one waits. */
export function decideEscalation(
  group: AlertGroup,
  command: Extract<GroupCommand, { type: 'Escalate' }>,
  now: Instant,
): Decision<UntimedGroupEvent> {
  const { round, step, took, people, because, next, dedupKey } = command;
  const { escalation } = group;
  const isDue =
    group.status === 'firing' &&
    group.round === round &&
    escalation?.status === 'running' &&
    escalation.step === step &&
    escalation.nextAt <= now + clockSkew;
  if (!isDue) return accept();
  const escalated: UntimedGroupEvent = {
    type: 'Escalated',
    step,
    took,
    people: people.slice(0, peopleKept),
    ...(because !== undefined && { because: oneLine(because, 500) }),
    ...(next !== undefined && { nextAt: now + next }),
  };
  if (!('page' in took.tell)) return accept(escalated);
  const key = took.tell.page;
  const isPaged = pagesOf(group).some((page) => page.key === key && isOpen(page));
  if (isPaged) return accept(escalated);
  return accept(escalated, { type: 'PageWanted', page: { key, dedupKey, wanted: 'triggered' } });
}

/** Whether a group has a policy that should be at work: nobody has it in hand, and not every step was taken. */
export function needsEscalation(group: AlertGroup): boolean {
  const { status, acknowledged, dismissed, routing, escalation } = group;
  return (
    status === 'firing' &&
    acknowledged === undefined &&
    dismissed === undefined &&
    routing.quiet === undefined &&
    routing.policy !== undefined &&
    escalation?.status !== 'exhausted'
  );
}

/** Rules for an escalation that should run and does not: it goes on where it was, at once. */
export function decideStart(
  group: AlertGroup,
  { round }: Extract<GroupCommand, { type: 'StartEscalation' }>,
  now: Instant,
): Decision<UntimedGroupEvent> {
  const { routing, escalation } = group;
  const policy = escalation?.policy ?? routing.policy;
  const isAsleep = group.round === round && needsEscalation(group) && escalation?.status !== 'running';
  if (!isAsleep || policy === undefined) return accept();
  return accept({ type: 'EscalationStarted', policy, step: escalation?.step ?? 0, nextAt: now });
}
