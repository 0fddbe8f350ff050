import { accept, type Decision } from '../deploy/decision.ts';
import type { IncidentCommand } from './commands.ts';
import type { UntimedIncidentEvent } from './events.ts';
import type { Incident, Instant } from './incident.ts';

/** Rules for timers: one that is stale does nothing; otherwise people are reminded, and again later. */
export function decideReminder(
  { updateDueAt, severity, reminders, review }: Incident,
  command: Extract<IncidentCommand, { type: 'RemindUpdate' | 'RemindReview' }>,
  now: Instant,
): Decision<UntimedIncidentEvent> {
  const { ruling } = command;
  if (command.type === 'RemindUpdate') {
    if (updateDueAt !== command.dueAt) return accept();
    const every = ruling.updateEvery[severity] ?? ruling.remindEvery;
    return accept({
      type: 'UpdateReminded',
      updateDueAt: later(updateDueAt, now) + every,
      count: reminders + 1,
    });
  }
  if (review === undefined || review.done !== undefined || review.remindAt !== command.remindAt)
    return accept();
  return accept({
    type: 'ReviewReminded',
    remindAt: later(review.remindAt, now) + ruling.remindEvery,
    count: review.reminders + 1,
  });
}

/** The process that takes a timer up may be behind the one that set it; the next must not fall on the same time. */
function later(due: Instant, now: Instant): Instant {
  return Math.max(due, now);
}
