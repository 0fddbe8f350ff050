import { Failure } from '../errors.ts';
import type { SilentPeer } from './alertmanager.ts';
import type { Alerts } from './alerts.ts';
import { afresh } from './comparison.ts';
import type { Answering, ReconcileParts } from './reconcile.ts';
import { reconcileAlerts } from './reconcile.ts';
import { reconcileSilences } from './reconcile-silences.ts';
import type { SourceNews } from './source-streams.ts';

/** Looks at a source's Alertmanagers again and again. */
export interface Looker {
  /** Looks once and repairs what it can; to be called again when it has returned. Throws what the store throws. */
  readonly look: () => Promise<void>;
}

interface LookerParts extends ReconcileParts {
  readonly alerts: Pick<Alerts, 'deliver' | 'find' | 'handle' | 'parts'>;
  /** Tells the source's stream. */
  readonly tell: (command: SourceNews) => Promise<void>;
}

/** Makes what looks at one source; what it finds counts from its first look on. */
export function createLooker(parts: LookerParts): Looker {
  const { alerts, source, patience, tell } = parts;
  const { now } = alerts.parts;
  let standings = afresh();
  let silentBefore = '';
  let beganAt: number | undefined;
  const lookAt = async (one: Answering, others: readonly Answering[]): Promise<void> => {
    beganAt ??= now();
    const found = await reconcileAlerts(parts, one, others, standings);
    const silences = await reconcileSilences(alerts, source.name, one.peer, standings.silences);
    standings = { ...found.standings, silences };
    // At first nothing has been missing for long, which does not mean that nothing is.
    if (now() - beganAt >= one.longestWait + patience.unreached) {
      await tell({ type: 'Compare', ...found.unreached });
    }
  };
  return {
    look: async () => {
      const { answering, silent } = await asked(parts);
      const failed: SilentPeer[] = [];
      let isDone = false;
      try {
        for (const [index, one] of answering.entries()) {
          const others = answering.slice(index + 1);
          const silence = await lookAt(one, others).then(() => undefined, silentAfter(one));
          if (silence === undefined) {
            isDone = true;
            break;
          }
          failed.push(silence);
        }
      } finally {
        if (!isDone) standings = afresh(standings);
      }
      const all = [...silent, ...failed];
      const addresses = all.map(({ address }) => address).join();
      // A peer that is only being started anew is not worth a message.
      if (all.length === 0 || addresses === silentBefore) {
        await tell({ type: 'Reach', isPartial: isDone, silent: all });
      }
      silentBefore = addresses;
    },
  };
}

/** A peer that told how it is and then not what fires; anything else that was thrown is thrown again. */
function silentAfter({ peer: { address } }: Answering): (error: unknown) => SilentPeer {
  return (error) => {
    if (!(error instanceof Failure) || !error.code.startsWith('alertmanager-')) throw error;
    return { address, because: error.message };
  };
}

/** The peers that answer, in the order in which they are to be asked: first those that are believed. */
async function asked({ alerts, api, patience }: LookerParts) {
  const { now } = alerts.parts;
  const heard = await Promise.all(
    api.peers.map(async (peer): Promise<Answering | SilentPeer> => {
      try {
        const { startedAt, longestWait } = await peer.status();
        const isSettled = now() + peer.ahead() - startedAt >= patience.settled;
        return { peer, longestWait, isSettled };
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        return { address: peer.address, because: error.message };
      }
    }),
  );
  return {
    answering: heard
      .filter((one) => 'peer' in one)
      .toSorted((one, other) => Number(other.isSettled) - Number(one.isSettled)),
    silent: heard.filter((one) => 'address' in one),
  };
}
