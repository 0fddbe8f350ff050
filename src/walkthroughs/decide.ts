import { accept, type Decision, refuse } from '../deploy/decision.ts';
import type { WalkthroughCommand } from './commands.ts';
import { decideRun } from './decide-run.ts';
import type { UntimedWalkthroughEvent, WalkthroughEvent } from './events.ts';
import { mentionAndTime } from './sentences.ts';
import type { Instant, Walkthrough } from './walkthrough.ts';

/** Of what somebody wrote as much is kept, in characters. */
const longestText = 1_000;

/** What a command does to an opened runbook: events, or a refusal; the same for the same input. */
export function decideWalkthrough(
  walkthrough: Walkthrough | undefined,
  command: WalkthroughCommand,
  now: Instant,
): Decision<WalkthroughEvent> {
  const decision = decided(walkthrough, command);
  if (!decision.ok) return decision;
  return { ok: true, events: decision.events.map((event) => ({ ...event, at: now })) };
}

function decided(
  walkthrough: Walkthrough | undefined,
  command: WalkthroughCommand,
): Decision<UntimedWalkthroughEvent> {
  if (command.type === 'Open') {
    if (walkthrough !== undefined) return accept();
    const { type: _, ...opened } = command;
    return accept({ type: 'RunbookOpened', ...opened });
  }
  if (walkthrough === undefined) return refuse('walkthrough-unknown');
  switch (command.type) {
    case 'ShowWhole':
      return walkthrough.isWhole ? accept() : accept({ type: 'WholeShown', by: command.by });
    case 'Tick':
      return tick(walkthrough, command);
    case 'Untick':
      return untick(walkthrough, command);
    case 'Remark':
      return remark(walkthrough, command);
    default:
      return decideRun(walkthrough, command);
  }
}

function tick(
  { tasks, ticks }: Walkthrough,
  { task, by, finding: written }: Extract<WalkthroughCommand, { type: 'Tick' }>,
): Decision<UntimedWalkthroughEvent> {
  if (!tasks.includes(task)) return refuse('nothing-waiting', 'The runbook has no such task.');
  const before = Object.hasOwn(ticks, task) ? ticks[task] : undefined;
  const finding = kept(written ?? '');
  const ticked = { type: 'Ticked' as const, task, by };
  if (finding !== '') return before?.finding === finding ? accept() : accept({ ...ticked, finding });
  if (before === undefined) return accept(ticked);
  if (before.by === by) return accept();
  return refuse('already-decided', `Done by ${mentionAndTime(before.by, before.at)}.`);
}

function untick(
  { tasks, ticks }: Walkthrough,
  { task, by }: Extract<WalkthroughCommand, { type: 'Untick' }>,
): Decision<UntimedWalkthroughEvent> {
  if (!tasks.includes(task)) return refuse('nothing-waiting', 'The runbook has no such task.');
  return Object.hasOwn(ticks, task) ? accept({ type: 'Unticked', task, by }) : accept();
}

function remark(
  { tasks, steps, remarks, remarksSoFar }: Walkthrough,
  { part, text: written, by }: Extract<WalkthroughCommand, { type: 'Remark' }>,
): Decision<UntimedWalkthroughEvent> {
  const isPart = part === undefined || tasks.includes(part) || Object.hasOwn(steps, part);
  if (!isPart) return refuse('nothing-waiting', 'The runbook has no such task or step.');
  const text = kept(written);
  if (text === '') return refuse('reason-required', 'Say what was wrong, for whoever owns the runbook.');
  const about = part === undefined ? {} : { part };
  // A dialogue that was sent twice says one thing.
  const last = remarks.at(-1);
  if (last?.part === part && last?.text === text && last.by === by) return accept();
  return accept({ type: 'Remarked', number: remarksSoFar + 1, ...about, text, by });
}

/** A text as the record takes it: without what PostgreSQL refuses, trimmed and bounded. */
function kept(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '').trim().slice(0, longestText).toWellFormed();
}
