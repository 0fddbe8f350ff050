import type { GroupEvent } from './events.ts';
import type { AlertGroup, Instant, Silence } from './group.ts';
import { isAlive } from './silences-of.ts';

type SilenceEvent = Extract<
  GroupEvent,
  { type: 'SilenceAsked' | 'SilenceChanged' | 'SilenceMade' | 'SilenceEnded' | 'SilenceFailed' }
>;

const overKept = 10;

/** The silences after what was asked of Alertmanager, and what it answered. */
export function evolveSilences(group: AlertGroup, event: SilenceEvent): AlertGroup {
  if (event.type === 'SilenceAsked') {
    const silences = [...group.silences, event.silence];
    return { ...group, silences: kept(silences, event.at), silencesSoFar: event.silence.number };
  }
  const silences = group.silences.map((silence) =>
    silence.number === event.number ? next(silence, event) : silence,
  );
  return { ...group, silences: kept(silences, event.at) };
}

function next(silence: Silence, event: Exclude<SilenceEvent, { type: 'SilenceAsked' }>): Silence {
  switch (event.type) {
    case 'SilenceChanged':
      return event.until <= event.at
        ? { ...silence, until: event.until, status: 'ending', turn: silence.turn + 1 }
        : { ...silence, until: event.until, status: 'asked', turn: silence.turn + 1 };
    case 'SilenceMade':
      return made(silence, event);
    case 'SilenceEnded':
      return { ...silence, status: 'ended' };
    case 'SilenceFailed':
      // Only what was asked last has failed: one that was made before goes on, until a look at Alertmanager tells for how long.
      return { ...silence, status: silence.id === undefined ? 'failed' : 'active', because: event.because };
  }
}

/** More may have been asked while the call was on its way: then only the id counts. */
function made(
  silence: Silence,
  { turn, silence: id, until }: Extract<SilenceEvent, { type: 'SilenceMade' }>,
): Silence {
  switch (silence.status) {
    case 'asked':
    case 'active':
    case 'failed': {
      if (turn < silence.turn) return { ...silence, id };
      const { because: _, ...rest } = silence;
      return { ...rest, id, until, status: 'active' };
    }
    // The call that ended it knew nothing of this one, which would mute alerts that nobody wants muted.
    case 'ending':
    case 'ended':
      return { ...silence, id, status: 'ending', turn: silence.turn + 1 };
  }
}

/** Silences that are in Alertmanager, or may be, and the newest of the others. */
function kept(silences: readonly Silence[], now: Instant): readonly Silence[] {
  const over = silences.filter((silence) => !isAlive(silence, now)).slice(-overKept);
  return silences.filter((silence) => isAlive(silence, now) || over.includes(silence));
}
