import { Failure, type ReasonCode } from '../../errors.ts';
import type { StepContext } from '../step.ts';
import { type ClusterAddress, withElasticsearch } from './elasticsearch-connection.ts';
import { pause } from './pause.ts';

/** A node as the cluster knows it. */
export interface ClusterNode {
  readonly name: string;
  /** Its address and, where it has one, its host name. */
  readonly addresses: readonly string[];
  readonly plugins: readonly string[];
}

/** All nodes that are in the cluster now, with their address as `user@host:port` for evidence. */
export function clusterNodes(
  address: ClusterAddress,
  signal: AbortSignal,
): Promise<{ readonly where: string; readonly nodes: readonly ClusterNode[] }> {
  return withElasticsearch(address, signal, async ({ client, where }) => {
    const answer = await client.nodes.info({ metric: 'plugins' });
    const nodes = Object.values(answer.nodes).map((node): ClusterNode => {
      const { name, ip, host, plugins = [] } = node;
      return { name, addresses: [ip, host], plugins: plugins.map((plugin) => plugin.name) };
    });
    return { where, nodes: nodes.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
  });
}

/** `green`, `yellow` or `red`. */
export function clusterStatus(address: ClusterAddress, signal: AbortSignal): Promise<string> {
  return withElasticsearch(address, signal, async ({ client }) => {
    return (await client.cluster.health()).status.toLowerCase();
  });
}

/** The indices whose analysis or mapping names something that an analysis plugin brings, such as `nori_tokenizer`. */
export function indicesUsing(
  address: ClusterAddress,
  plugin: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const word = plugin.replace(/^analysis-/, '');
  return withElasticsearch(address, signal, async ({ client }) => {
    const all = await client.indices.get({ index: '*', expand_wildcards: 'all' });
    return Object.entries(all)
      .filter(([, { settings, mappings }]) =>
        names([settings?.index?.analysis ?? settings?.analysis, mappings], word),
      )
      .map(([name]) => name);
  });
}

function names(value: unknown, word: string): boolean {
  if (typeof value === 'string') return value === word || value.startsWith(`${word}_`);
  return (
    typeof value === 'object' && value !== null && Object.values(value).some((inner) => names(inner, word))
  );
}

const ranks: readonly string[] = ['red', 'yellow', 'green'];

/** Failures that a node which is just starting causes. */
const passing: readonly ReasonCode[] = ['connection-refused', 'unavailable', 'timed-out'];

/**
 * Waits until `isBack` says so of the nodes and the cluster's status is at least as good as before; tells what was seen last when
 * the time is over, undefined when all is well. A cluster that does not answer is waited for.
 */
export async function waitForNodes(
  address: ClusterAddress,
  { signal, now }: StepContext,
  wanted: {
    readonly status: string;
    readonly span: number;
    readonly isBack: (nodes: readonly ClusterNode[]) => boolean;
  },
): Promise<string | undefined> {
  const until = now() + wanted.span;
  let seen = '';
  for (;;) {
    try {
      const { nodes } = await clusterNodes(address, signal);
      const status = await clusterStatus(address, signal);
      const isHealthy = ranks.indexOf(status) >= ranks.indexOf(wanted.status);
      if (isHealthy && wanted.isBack(nodes)) return undefined;
      const shown = nodes.map(({ name, plugins }) => `${name} (${plugins.join(', ') || 'no plugins'})`);
      seen = `the cluster is ${status} with ${shown.join(', ')}`;
    } catch (error) {
      const mayPass = error instanceof Failure && passing.includes(error.code) && !signal.aborted;
      if (!mayPass) throw error;
      seen = error.message;
    }
    if (now() >= until) return seen;
    await pause(500, signal);
  }
}
