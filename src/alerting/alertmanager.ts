import type { AlertSource } from '../alerts/surroundings.ts';
import { Failure } from '../errors.ts';
import { alertmanagerPeer, type CallLimits, type Peer } from './alertmanager-peer.ts';

/** A peer that did not answer, and why. */
export interface SilentPeer {
  readonly address: string;
  readonly because: string;
}

/** The Alertmanagers of a source, which share their alerts and silences: what any one of them says or takes counts. */
export interface AlertmanagerApi {
  readonly source: string;
  readonly peers: readonly Peer[];
  /**
   * Does work with the first peer that answers, in the order of the configuration. Throws `config-invalid` without any
   * address, `alertmanager-unreachable` when none answers, and whatever else the work throws.
   */
  readonly ask: <T>(work: (peer: Peer) => Promise<T>) => Promise<Asked<T>>;
}

/** What a peer answered, and the peers before it that did not. */
export interface Asked<T> {
  readonly answer: T;
  readonly silent: readonly SilentPeer[];
}

/** The Alertmanagers of a source by its name; throws `config-invalid` for a name that is not configured. */
export type Alertmanagers = (source: string) => AlertmanagerApi;

interface ApiParts {
  readonly now: () => number;
  readonly limits?: Partial<CallLimits>;
}

/** Clients of the Alertmanagers of all sources. */
export function openAlertmanagers(
  sources: Readonly<Record<string, AlertSource>>,
  parts: ApiParts,
): Alertmanagers {
  const apis = new Map(Object.values(sources).map((source) => [source.name, alertmanagerApi(source, parts)]));
  return (source) => {
    const api = apis.get(source);
    if (api !== undefined) return api;
    const known = [...apis.keys()].join(', ') || 'none';
    throw new Failure('config-invalid', `There is no source ${source}; configured are: ${known}.`);
  };
}

/** A client of a source's Alertmanagers; each call may take five seconds unless it is said otherwise. */
export function alertmanagerApi(source: AlertSource, parts: ApiParts): AlertmanagerApi {
  const peers = source.alertmanagers.map((address) =>
    alertmanagerPeer({ address, credential: source.api, ...parts }),
  );
  return {
    source: source.name,
    peers,
    ask: async (work) => {
      if (peers.length === 0) {
        throw new Failure(
          'config-invalid',
          `The source ${source.name} has no Alertmanager to ask; write its address under alerts.sources in slipway.yaml.`,
        );
      }
      const silent: SilentPeer[] = [];
      for (const peer of peers) {
        try {
          return { answer: await work(peer), silent };
        } catch (error) {
          if (!(error instanceof Failure) || error.code !== 'alertmanager-unreachable') throw error;
          silent.push({ address: peer.address, because: error.message });
        }
      }
      const all = silent.map(({ because }) => because).join(' ');
      throw new Failure('alertmanager-unreachable', all);
    },
  };
}
