import { z } from 'zod';
import type { Labels } from '../alerts/alert.ts';
import type { AlertGroup, Instant, Matcher, Silence } from '../alerts/group.ts';
import { Failure, reasons } from '../errors.ts';
import type { Alertmanagers } from './alertmanager.ts';
import type { Alerts } from './alerts.ts';
import { keepSilence, removeSilence } from './silence-in-alertmanager.ts';

/** An alert in Alertmanager at this moment; nothing in its labels may be trusted or shown unescaped. */
export interface MatchedAlert {
  readonly fingerprint: string;
  readonly labels: Labels;
}

/** Silences in the Alertmanagers of all sources, by the name of the source. */
export interface Silences {
  /**
   * The alerts that a silence with these matchers would match now, whether they are in the group or not. Throws
   * `alertmanager-unreachable`, `alertmanager-refused`, and `config-invalid` for a source without addresses.
   */
  readonly preview: (
    source: string,
    matchers: readonly Matcher[],
  ) => Promise<{ readonly matched: readonly MatchedAlert[] }>;
  /**
   * Works on a job `silence` of the queue `calls` (data: group, number, turn): makes Alertmanager's silence what the group wants
   * it to be, and tells the group what came of it. A turn that is over does nothing. Throws what trying again may help.
   */
  readonly work: (data: unknown) => Promise<void>;
}

/** What silences need of the rest. */
export interface SilencesParts {
  readonly alerts: Pick<Alerts, 'find' | 'handle'>;
  readonly alertmanagers: Alertmanagers;
  readonly now: () => Instant;
}

const SilenceJob = z.object({ group: z.string(), number: z.number(), turn: z.number() });

/** Binds silences to the Alertmanagers and the groups that asked for them. */
export function openSilences(parts: SilencesParts): Silences {
  return {
    preview: async (source, matchers) => {
      const { answer } = await parts.alertmanagers(source).ask((peer) => peer.alerts(matchers));
      return { matched: answer.map(({ fingerprint, labels }) => ({ fingerprint, labels })) };
    },
    work: async (data) => {
      const { group: id, number, turn } = SilenceJob.parse(data);
      const group = await parts.alerts.find(id);
      const silence = group?.silences.find((one) => one.number === number);
      if (group === undefined || silence?.turn !== turn) return;
      if (silence.status === 'asked' || silence.status === 'active') await make(parts, group, silence);
      if (silence.status === 'ending') await end(parts, group, silence);
    },
  };
}

async function make(parts: SilencesParts, group: AlertGroup, silence: Silence): Promise<void> {
  const { alerts, alertmanagers, now } = parts;
  const { number, turn } = silence;
  try {
    const asked = alertmanagers(group.source).ask((peer) => keepSilence(peer, group, silence, now()));
    const { id, until } = (await asked).answer;
    await alerts.handle(group.id, { type: 'SilenceMade', number, turn, silence: id, until });
  } catch (error) {
    if (!isFinal(error)) throw error;
    await alerts.handle(group.id, { type: 'SilenceFailed', number, turn, because: error.message });
  }
}

async function end(parts: SilencesParts, group: AlertGroup, silence: Silence): Promise<void> {
  const { alerts, alertmanagers } = parts;
  const { number, turn } = silence;
  try {
    await alertmanagers(group.source).ask((peer) => removeSilence(peer, group, silence));
    await alerts.handle(group.id, { type: 'SilenceEnded', number });
  } catch (error) {
    if (!isFinal(error)) throw error;
    await alerts.handle(group.id, { type: 'SilenceFailed', number, turn, because: error.message });
  }
}

function isFinal(error: unknown): error is Failure {
  return error instanceof Failure && !reasons[error.code].retry;
}
