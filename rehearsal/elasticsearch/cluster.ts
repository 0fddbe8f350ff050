import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Index, visible } from './indices.ts';
import type { Call } from './routes.ts';
import { isObject } from './schema-faults.ts';

/** One node as `_nodes` tells of it. */
export interface Node {
  readonly name: string;
  readonly ip: string;
  readonly port: number;
  readonly plugins: readonly string[];
}

/** What the cluster as a whole knows of itself. */
export interface Cluster {
  readonly version: string;
  readonly indices: ReadonlyMap<string, Index>;
  readonly own: () => Node;
  /** The nodes of the other processes that answer now, as their `_nodes` answers. */
  readonly others: () => Promise<Readonly<Record<string, unknown>>>;
  /** A status that it shows whatever its shards are. */
  readonly forced: () => string | undefined;
}

const ranks = ['green', 'yellow', 'red'];
const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** What a cluster tells of itself, by endpoint; an answer with a status other than 200 is `{ status, body }`. */
export function clusterHandlers(cluster: Cluster): Record<string, (call: Call) => unknown> {
  const { version, indices, own, others, forced } = cluster;
  const nodes = async (isLocal: boolean): Promise<Readonly<Record<string, unknown>>> => {
    const { name, ip, port, plugins } = own();
    const id = createHash('sha1').update(name).digest('base64url').slice(0, 22);
    const told = plugins.map((plugin) => ({ name: plugin, version, elasticsearch_version: version }));
    const node = {
      name,
      ip,
      host: ip,
      transport_address: `${ip}:${port}`,
      version,
      roles: ['data', 'master'],
      plugins: told,
    };
    return { [id]: node, ...(isLocal ? {} : await others()) };
  };
  const copies = async () => {
    const count = Object.keys(await nodes(false)).length;
    return [...indices.values()].flatMap((index) => {
      const primaries = Number(index.settings.get('number_of_shards'));
      const replicas = Number(index.settings.get('number_of_replicas'));
      return Array.from({ length: primaries * (1 + replicas) }, (_, at) => {
        const isStarted = Math.floor(at / primaries) < count && forced() !== 'red';
        return { index, shard: at % primaries, prirep: at < primaries ? 'p' : 'r', isStarted };
      });
    });
  };
  const health = async () => {
    const shards = await copies();
    const unassigned = shards.filter(({ isStarted }) => !isStarted);
    const status = forced() ?? (unassigned.length === 0 ? 'green' : 'yellow');
    const count = Object.keys(await nodes(false)).length;
    return {
      cluster_name: 'rehearsal',
      status,
      timed_out: false,
      number_of_nodes: count,
      number_of_data_nodes: count,
      active_primary_shards: shards.filter(({ prirep, isStarted }) => prirep === 'p' && isStarted).length,
      active_shards: shards.length - unassigned.length,
      relocating_shards: 0,
      initializing_shards: 0,
      unassigned_shards: unassigned.length,
    };
  };
  return {
    info: () => ({
      name: own().name,
      cluster_name: 'rehearsal',
      cluster_uuid: 'rehearsal-cluster-uuid',
      version: { number: version, build_flavor: 'default', minimum_wire_compatibility_version: '7.17.0' },
      tagline: 'You Know, for Search',
    }),
    'nodes.info': async ({ path }) => {
      const found = await nodes(path.node_id === '_local');
      const total = Object.keys(found).length;
      return { _nodes: { total, successful: total, failed: 0 }, cluster_name: 'rehearsal', nodes: found };
    },
    'cluster.health': async ({ query }) => {
      const [, amount = '30', unit = 's'] = /^(\d+)(ms|s|m|h)$/.exec(query.timeout ?? '30s') ?? [];
      const until = Date.now() + Number(amount) * (units[unit] ?? 1);
      const wanted = ranks.indexOf((query.wait_for_status ?? 'red').toLowerCase());
      for (;;) {
        const body = await health();
        if (ranks.indexOf(body.status) <= wanted) return body;
        if (Date.now() >= until) return { status: 408, body: { ...body, timed_out: true } };
        await sleep(20);
      }
    },
    'cat.plugins': async () =>
      Object.values(await nodes(false)).flatMap((node) => {
        const { name, plugins } = isObject(node) ? node : {};
        return [plugins ?? []].flat().map((plugin) => ({ name, component: Object(plugin).name, version }));
      }),
    'cat.indices': async () => {
      const { status } = await health();
      return [...indices.values()].map((index) => ({
        health: status,
        status: 'open',
        index: index.name,
        uuid: index.uuid,
        pri: index.settings.get('number_of_shards'),
        rep: index.settings.get('number_of_replicas'),
        'docs.count': String(visible(index).length),
      }));
    },
    'cat.shards': async () =>
      (await copies()).map(({ index, shard, prirep, isStarted }) => ({
        index: index.name,
        shard: String(shard),
        prirep,
        state: isStarted ? 'STARTED' : 'UNASSIGNED',
        'unassigned.reason': isStarted ? null : 'NODE_LEFT',
      })),
  };
}
