import { setTimeout as sleep } from 'node:timers/promises';
import { type Index, visible } from './indices.ts';
import { type Members, pluginsOf } from './members.ts';
import type { Call } from './routes.ts';
import { isObject } from './schema-faults.ts';

/** What the cluster as a whole knows of itself. */
export interface Cluster {
  /** Of the node that answers. */
  readonly name: string;
  readonly version: string;
  readonly indices: ReadonlyMap<string, Index>;
  readonly members: Members;
  /** A status that it shows whatever its shards are. */
  readonly forced: () => string | undefined;
}

const ranks = ['green', 'yellow', 'red'];
const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** What a cluster tells of itself, by endpoint; an answer with a status other than 200 is `{ status, body }`. */
export function clusterHandlers(cluster: Cluster): Record<string, (call: Call) => unknown> {
  const { name, version, indices, members, forced } = cluster;
  const copies = () => {
    const count = Object.keys(members.all()).length;
    return [...indices.values()].flatMap((index) => {
      const primaries = Number(index.settings.get('number_of_shards'));
      const replicas = Number(index.settings.get('number_of_replicas'));
      return Array.from({ length: primaries * (1 + replicas) }, (_, at) => {
        const isStarted = Math.floor(at / primaries) < count && forced() !== 'red';
        return { index, shard: at % primaries, prirep: at < primaries ? 'p' : 'r', isStarted };
      });
    });
  };
  const health = () => {
    const shards = copies();
    const unassigned = shards.filter(({ isStarted }) => !isStarted);
    const status = forced() ?? (unassigned.length === 0 ? 'green' : 'yellow');
    const count = Object.keys(members.all()).length;
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
      name,
      cluster_name: 'rehearsal',
      cluster_uuid: 'rehearsal-cluster-uuid',
      version: { number: version, build_flavor: 'default', minimum_wire_compatibility_version: '7.17.0' },
      tagline: 'You Know, for Search',
    }),
    'nodes.info': ({ path }) => {
      const found = path.node_id === '_local' ? members.own() : members.all();
      const total = Object.keys(found).length;
      return { _nodes: { total, successful: total, failed: 0 }, cluster_name: 'rehearsal', nodes: found };
    },
    'cluster.health': async ({ query }) => {
      const [, amount = '30', unit = 's'] = /^(\d+)(ms|s|m|h)$/.exec(query.timeout ?? '30s') ?? [];
      const until = Date.now() + Number(amount) * (units[unit] ?? 1);
      const wanted = ranks.indexOf((query.wait_for_status ?? 'red').toLowerCase());
      for (;;) {
        const body = health();
        if (ranks.indexOf(body.status) <= wanted) return body;
        if (Date.now() >= until) return { status: 408, body: { ...body, timed_out: true } };
        await sleep(20);
        await members.meet();
      }
    },
    'cat.plugins': () =>
      Object.values(members.all()).flatMap((node) => {
        const shown = isObject(node) ? node.name : '';
        return pluginsOf(node).map((component) => ({ name: shown, component, version }));
      }),
    'cat.indices': () => {
      const { status } = health();
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
    'cat.shards': () =>
      copies().map(({ index, shard, prirep, isStarted }) => ({
        index: index.name,
        shard: String(shard),
        prirep,
        state: isStarted ? 'STARTED' : 'UNASSIGNED',
        'unassigned.reason': isStarted ? null : 'NODE_LEFT',
      })),
  };
}
