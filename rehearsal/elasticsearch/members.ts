import { createHash } from 'node:crypto';
import { isObject } from './schema-faults.ts';

/** One node as `_nodes` tells of it. */
export interface Member {
  readonly name: string;
  readonly ip: string;
  readonly port: number;
  readonly plugins: readonly string[];
}

/** The nodes of a cluster by their ids: the own one, and those of other processes that answered last. */
export interface Members {
  /** Asks the other processes anew who is there. */
  readonly meet: () => Promise<void>;
  readonly all: () => Readonly<Record<string, unknown>>;
  readonly own: () => Readonly<Record<string, unknown>>;
  /** The plugins that every node has loaded. */
  readonly plugins: () => readonly string[];
}

interface MembersOptions {
  readonly version: string;
  /** Undefined for what is only the address of a cluster. */
  readonly self: () => Member | undefined;
  readonly peers: readonly string[];
  /** The value of the authorization header. */
  readonly credentials: string;
}

/** Keeps track of the nodes; a peer that does not answer within half a second has left. */
export function clusterMembers({ version, self, peers, credentials }: MembersOptions): Members {
  let others: Readonly<Record<string, unknown>> = {};
  const own = (): Readonly<Record<string, unknown>> => {
    const node = self();
    return node ? { [idOf(node.name)]: described(node, version) } : {};
  };
  const all = () => ({ ...own(), ...others });
  return {
    meet: async () => {
      others = Object.assign({}, ...(await Promise.all(peers.map((peer) => nodesOf(peer, credentials)))));
    },
    all,
    own,
    plugins: () => {
      const [first = [], ...more] = Object.values(all()).map(pluginsOf);
      return first.filter((plugin) => more.every((plugins) => plugins.includes(plugin)));
    },
  };
}

/** The names of the plugins of a node as `_nodes` tells of it. */
export function pluginsOf(node: unknown): readonly string[] {
  const plugins = isObject(node) && Array.isArray(node.plugins) ? node.plugins : [];
  return plugins.map((plugin: unknown) => (isObject(plugin) ? String(plugin.name) : ''));
}

function described({ name, ip, port, plugins }: Member, version: string) {
  const told = plugins.map((plugin) => ({ name: plugin, version, elasticsearch_version: version }));
  const roles = ['data', 'master'];
  return { name, ip, host: ip, transport_address: `${ip}:${port}`, version, roles, plugins: told };
}

function idOf(name: string): string {
  return createHash('sha1').update(name).digest('base64url').slice(0, 22);
}

async function nodesOf(peer: string, authorization: string): Promise<unknown> {
  try {
    const signal = AbortSignal.timeout(500);
    const response = await fetch(`${peer}/_nodes/_local/plugins`, { headers: { authorization }, signal });
    const answer: unknown = await response.json();
    return isObject(answer) ? answer.nodes : {};
  } catch {
    return {};
  }
}
