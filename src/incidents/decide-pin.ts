import { accept, type Decision, refuse } from '../deploy/decision.ts';
import type { IncidentCommand } from './commands.ts';
import type { UntimedIncidentEvent } from './events.ts';
import type { Incident } from './incident.ts';
import { longest, written } from './written.ts';

/** Rules for messages that belong into the timeline: each once; anybody in the channel may. */
export function decidePin(
  { pins }: Incident,
  command: Extract<IncidentCommand, { type: 'Pin' | 'Unpin' }>,
): Decision<UntimedIncidentEvent> {
  const { ts, by } = command;
  const isPinned = pins.some((pin) => pin.ts === ts);
  if (command.type === 'Unpin') return isPinned ? accept({ type: 'MessageUnpinned', ts, by }) : accept();
  if (isPinned) return accept();
  if (!/^\d{1,12}\.\d{1,6}$/.test(ts)) return refuse('not-found', 'That is no message of Slack.');
  const { author } = command;
  const text = written(command.text, longest.pin);
  // A message's name is the time at which it was written, in seconds.
  return accept({ type: 'MessagePinned', pin: { ts, at: Math.floor(Number(ts) * 1000), author, text, by } });
}
