import { Failure } from '../errors.ts';
import type { Alerts } from './alerts.ts';
import { afresh } from './comparison.ts';
import type { Answering, ReconcileParts } from './reconcile.ts';
import { reconcileAlerts } from './reconcile.ts';
import { reconcileSilences } from './reconcile-silences.ts';
import type { SourceNews } from './source-streams.ts';

/** Looks at a source's Alertmanagers again and again. */
export interface Looker {
  /** Looks once and repairs what it can; one look at a time. Throws what the store throws. */
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
  const look = async (): Promise<void> => {
    const { answering, silent } = await asked(parts);
    const addresses = silent.map(({ address }) => address).join();
    // A peer that is only being started anew is not worth a message.
    if (silent.length === 0 || addresses === silentBefore) {
      await tell({ type: 'Reach', isPartial: answering.length > 0, silent });
    }
    silentBefore = addresses;
    const [first, ...others] = answering.toSorted((a, b) => Number(b.isSettled) - Number(a.isSettled));
    if (first === undefined) {
      standings = afresh(standings);
      return;
    }
    beganAt ??= now();
    const found = await reconcileAlerts(parts, first, others, standings);
    const silences = await reconcileSilences(alerts, source.name, first.peer, standings.silences);
    standings = { ...found.standings, silences };
    // At first nothing has been missing for long, which does not mean that nothing is.
    if (now() - beganAt >= first.longestWait + patience.unreached) {
      await tell({ type: 'Compare', ...found.unreached });
    }
  };
  return {
    look: async () => {
      try {
        await look();
      } catch (error) {
        standings = afresh(standings);
        // The peer has stopped answering in the middle of it, which the next look tells.
        if (!(error instanceof Failure) || !error.code.startsWith('alertmanager-')) throw error;
      }
    },
  };
}

async function asked({ alerts, api, patience }: LookerParts) {
  const { now } = alerts.parts;
  const answering: Answering[] = [];
  const silent: { readonly address: string; readonly because: string }[] = [];
  await Promise.all(
    api.peers.map(async (peer) => {
      try {
        const { startedAt, longestWait } = await peer.status();
        const isSettled = now() + peer.ahead() - startedAt >= patience.settled;
        answering.push({ peer, longestWait, isSettled });
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        silent.push({ address: peer.address, because: error.message });
      }
    }),
  );
  const rank = ({ address }: { readonly address: string }) =>
    api.peers.findIndex((peer) => peer.address === address);
  return {
    answering: answering.toSorted((a, b) => rank(a.peer) - rank(b.peer)),
    silent: silent.toSorted((a, b) => rank(a) - rank(b)),
  };
}
