import type { GroupCommand } from './commands.ts';
import type { Settled } from './episode.ts';
import type { UntimedGroupEvent } from './events.ts';
import type { AlertGroup, Instant } from './group.ts';
import { wantPages } from './pages-of.ts';
import { inForce } from './silences-of.ts';

type Deliver = Extract<GroupCommand, { type: 'Deliver' }>;

/** A group closes when nothing of it fires any more, as far as that is proven; nothing when it does not. */
export function closed(
  group: AlertGroup,
  command: Deliver,
  { firing, resolved, isWhole }: Settled,
  now: Instant,
): readonly UntimedGroupEvent[] {
  if (group.status === 'resolved' || firing > 0 || command.truncated > 0) return [];
  // An old delivery in which nothing fires proves nothing; what ended by this one does, and an empty look at Alertmanager too.
  const isProof = resolved.length > 0 || isWhole || (command.via === 'poll' && command.alerts.length === 0);
  if (!isProof) return [];
  const isEnding = command.ruling.endSilences && !group.flapping;
  const ending = isEnding ? group.silences.filter((silence) => inForce(silence, now)) : [];
  return [
    { type: 'GroupClosed', because: command.via === 'poll' ? 'gone' : 'resolved' },
    ...(group.escalation?.status === 'running' ? [{ type: 'EscalationStopped' as const }] : []),
    ...wantPages(group, 'resolved'),
    ...ending
      .filter(({ scope }) => !endsWith(scope, resolved))
      .map(({ number }) => endOfSilence(number, now)),
  ];
}

/** The silence of one alert ends with that alert. */
export function endedSilences(
  group: AlertGroup,
  { ruling: { endSilences } }: Deliver,
  { resolved }: Settled,
  now: Instant,
): readonly UntimedGroupEvent[] {
  if (!endSilences || group.flapping) return [];
  return group.silences
    .filter((silence) => inForce(silence, now) && endsWith(silence.scope, resolved))
    .map(({ number }) => endOfSilence(number, now));
}

function endsWith(scope: string, resolved: Settled['resolved']): boolean {
  return scope !== 'group' && resolved.some(({ fingerprint }) => fingerprint === scope);
}

function endOfSilence(number: number, now: Instant): UntimedGroupEvent {
  return { type: 'SilenceChanged', number, until: now, by: { via: 'slipway', id: 'slipway' } };
}
