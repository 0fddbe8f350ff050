import type { Decision } from '../deploy/decision.ts';
import { accept, refuse } from '../deploy/decision.ts';
import type { GroupCommand } from './commands.ts';
import { actorOf, tooLate } from './decide-response.ts';
import type { UntimedGroupEvent } from './events.ts';
import type { AlertGroup, Instant, Silence } from './group.ts';
import { oneLine } from './one-line.ts';
import { inForce, isAlive, silencesInForce } from './silences-of.ts';

type OnSilence = Extract<
  GroupCommand,
  { type: 'Silence' | 'ChangeSilence' | 'SilenceMade' | 'SilenceEnded' | 'SilenceFailed' }
>;

const longest = 30 * 24 * 60 * 60_000;

/** Rules for silences: who may ask for how long, and what Alertmanager's answers mean by the time that they come. */
export function decideSilence(
  group: AlertGroup,
  command: OnSilence,
  now: Instant,
): Decision<UntimedGroupEvent> {
  if (command.type === 'Silence') return silence(group, command, now);
  const found = group.silences.find(({ number }) => number === command.number);
  if (command.type === 'ChangeSilence') return change(found, command, now);
  if (found === undefined) return accept();
  switch (command.type) {
    case 'SilenceMade': {
      const { number, turn, silence: id, until } = command;
      // Somebody may have changed its end in Alertmanager itself.
      const isMoved = found.status === 'active' && found.until !== until;
      const isNews = found.id !== id || (turn === found.turn && (found.status === 'asked' || isMoved));
      if (!isNews) return accept();
      return accept({ type: 'SilenceMade', number, turn, silence: id, until });
    }
    case 'SilenceEnded': {
      const { number, by } = command;
      if (found.status === 'ended' || found.status === 'failed') return accept();
      return accept({ type: 'SilenceEnded', number, ...(by !== undefined && { by }) });
    }
    case 'SilenceFailed': {
      const { number, turn, because } = command;
      const isDue = found.status === 'asked' || found.status === 'ending';
      if (!isDue || turn !== found.turn) return accept();
      return accept({ type: 'SilenceFailed', number, because: oneLine(because, 500) });
    }
  }
}

function silence(
  group: AlertGroup,
  { round, by, scope, matchers, until, comment }: Extract<OnSilence, { type: 'Silence' }>,
  now: Instant,
): Decision<UntimedGroupEvent> {
  const refusal = tooLate(group, round) ?? forbidden(by) ?? tooLong(until, now);
  if (refusal !== undefined) return refusal;
  if (until <= now) return refuse('silence-end-invalid', 'It would have ended already.');
  if (group.silences.filter((one) => isAlive(one, now)).length >= silencesInForce) {
    return refuse('too-many-silences', `End one of the ${silencesInForce} first.`);
  }
  const asked: Silence = {
    number: group.silencesSoFar + 1,
    scope,
    matchers,
    by: actorOf(by),
    comment: oneLine(comment, 500),
    until,
    status: 'asked',
    turn: 1,
  };
  return accept({ type: 'SilenceAsked', silence: asked });
}

function change(
  found: Silence | undefined,
  { number, by, until }: Extract<OnSilence, { type: 'ChangeSilence' }>,
  now: Instant,
): Decision<UntimedGroupEvent> {
  const refusal = forbidden(by) ?? tooLong(until, now);
  if (refusal !== undefined) return refusal;
  if (found === undefined || !inForce(found, now)) {
    return refuse('nothing-waiting', 'This silence has ended.');
  }
  if (until === found.until) return accept();
  return accept({ type: 'SilenceChanged', number, until, by: actorOf(by) });
}

function forbidden({ may }: Extract<OnSilence, { type: 'Silence' }>['by']) {
  if (may.includes('silence')) return undefined;
  return refuse<UntimedGroupEvent>('not-allowed', 'Silencing needs the right to silence.');
}

function tooLong(until: Instant, now: Instant): Decision<UntimedGroupEvent> | undefined {
  return until <= now + longest ? undefined : refuse('silence-end-invalid', 'It would last too long.');
}
