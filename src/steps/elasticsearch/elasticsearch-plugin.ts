import { z } from 'zod';
import { Duration, readable } from '../../duration.ts';
import { Failure } from '../../errors.ts';
import { hostNamed, hostPlace } from '../ssh/ssh-connection.ts';
import {
  type Applied,
  type Check,
  defineStep,
  type Evidence,
  type Host,
  HostName,
  type StepContext,
  satisfied,
  unsatisfied,
} from '../step.ts';
import {
  type ClusterNode,
  clusterNodes,
  clusterStatus,
  indicesUsing,
  waitForNodes,
} from './cluster-nodes.ts';
import { clusterAddress } from './elasticsearch-connection.ts';
import { changePlugin, type HostPlugins, nodeOn, pluginsOn, restartService } from './plugin-on-host.ts';

const With = z.strictObject({
  host: HostName,
  hosts: z
    .array(HostName)
    .default([])
    .meta({ description: 'the hosts of the other nodes; each node of the cluster needs one' }),
  ...clusterAddress,
  plugin: z.string().regex(/^[a-z0-9-]+$/, 'the name of an official plugin such as analysis-nori'),
  program: z
    .string()
    .regex(/^\/.+/, 'an absolute path')
    .default('/usr/share/elasticsearch/bin/elasticsearch-plugin'),
  service: z
    .string()
    .regex(/^[A-Za-z0-9@._-]+$/)
    .default('elasticsearch'),
  wait: Duration.prefault('5m').meta({ description: 'how long one node may take to come back' }),
});
type With = z.output<typeof With>;

const Remembered = z.object({ installed: z.array(z.string()) });
type Remembered = z.output<typeof Remembered>;

const longestStart = 60_000;

/**
 * A plugin is loaded by every node. It is installed on one host after the other, and the next one's turn comes only when the node
 * before is back with the plugin and the cluster is as healthy as it was.
 */
export const elasticsearchPlugin = defineStep({
  uses: 'elasticsearch/plugin',
  summary: 'An Elasticsearch plugin is loaded by every node.',
  with: With,
  timeout: '30m',
  check: look,
  apply: roll,
  undo: (wanted, context, remembered) => takeBack(wanted, context, Remembered.parse(remembered)),
});

async function look(wanted: With, { signal }: StepContext): Promise<Check> {
  const { plugin } = wanted;
  const { nodes, where } = await clusterNodes(wanted, signal);
  const shown = nodes.map(({ name, plugins }) => `${name}: ${plugins.join(', ') || 'none'}`).join('\n');
  const evidence = { asked: 'GET /_nodes/plugins', of: where, answered: shown };
  const lacking = nodes.filter(({ plugins }) => !plugins.includes(plugin)).map(({ name }) => name);
  if (lacking.length === 0) return satisfied(evidence);
  const because = `${lacking.join(', ')} of ${nodes.length} nodes at ${where} ${lacking.length === 1 ? 'lacks' : 'lack'} ${plugin}.`;
  return unsatisfied(because, evidence);
}

async function roll(wanted: With, context: StepContext): Promise<Applied> {
  const surveyed = await survey(wanted, context);
  const status = await healthyStatus(wanted, context);
  const evidence: Evidence[] = [];
  const installed: string[] = [];
  for (const { name, host, there, node } of surveyed) {
    if (node.plugins.includes(wanted.plugin)) continue;
    if (!there.plugins.includes(wanted.plugin)) {
      evidence.push(await changePlugin(host, 'install', wanted, context));
      installed.push(name);
    }
    evidence.push(await restartService(host, wanted, context));
    await back(wanted, context, { status, host: name, node: node.name, has: true });
    const answered = `${node.name} is back with ${wanted.plugin}; the cluster is as healthy as before`;
    evidence.push({ asked: 'GET /_nodes/plugins, GET /_cluster/health', of: hostPlace(host), answered });
  }
  return { evidence, remember: { installed } satisfies Remembered };
}

async function takeBack(
  wanted: With,
  context: StepContext,
  { installed }: Remembered,
): Promise<readonly Evidence[]> {
  const { plugin } = wanted;
  const evidence: Evidence[] = [];
  if (installed.length === 0) return evidence;
  const using = await indicesUsing(wanted, plugin, context.signal);
  if (using.length > 0) {
    throw new Failure(
      'not-undone',
      `${plugin} stays installed, since ${using.join(', ')} could not be opened without it; delete or move them first.`,
    );
  }
  const surveyed = await survey(wanted, context);
  const status = await healthyStatus(wanted, context);
  for (const { name, host, there, node } of surveyed) {
    if (!installed.includes(name)) continue;
    if (there.plugins.includes(plugin)) evidence.push(await changePlugin(host, 'remove', wanted, context));
    else if (!node.plugins.includes(plugin)) continue;
    evidence.push(await restartService(host, wanted, context));
    await back(wanted, context, { status, host: name, node: node.name, has: false });
  }
  return evidence;
}

/** The cluster's status; nodes of a red one are not restarted, since the last copy of something may be on them. */
async function healthyStatus(wanted: With, { signal }: StepContext): Promise<string> {
  const status = await clusterStatus(wanted, signal);
  if (status !== 'red') return status;
  throw new Failure(
    'unavailable',
    'The cluster is red, so no node was restarted: the only copy of some data may be on it. Bring the cluster to yellow first.',
  );
}

/** Every host with its node; nothing is changed anywhere before all of them are known. */
async function survey(wanted: With, context: StepContext) {
  const names = [...new Set([wanted.host, ...wanted.hosts])];
  const found: { readonly name: string; readonly host: Host; readonly there: HostPlugins }[] = [];
  for (const name of names) {
    const host = hostNamed(name, context);
    found.push({ name, host, there: await pluginsOn(host, wanted, context) });
  }
  const matched = (nodes: readonly ClusterNode[]) =>
    found.flatMap((one) => {
      const node = nodeOn(one.host, one.there, nodes, names.length === 1);
      return node ? [{ ...one, node }] : [];
    });
  // A node may still be starting after an attempt that was cut short.
  const isBack = (nodes: readonly ClusterNode[]) => matched(nodes).length === names.length;
  const span = Math.min(wanted.wait, longestStart);
  await waitForNodes(wanted, context, { status: 'red', span, isBack });
  const { nodes } = await clusterNodes(wanted, context.signal);
  requireAll(wanted, found, matched(nodes), nodes);
  return matched(nodes);
}

function requireAll(
  { plugin, service }: With,
  hosts: readonly { readonly name: string; readonly host: Host; readonly there: HostPlugins }[],
  matched: readonly { readonly name: string; readonly node: ClusterNode }[],
  nodes: readonly ClusterNode[],
): void {
  const lost = hosts.find(({ name }) => !matched.some((one) => one.name === name));
  if (lost) {
    const known = nodes.map(({ name, addresses }) => `${name} at ${addresses[0]}`).join(', ');
    throw new Failure(
      'config-invalid',
      `No node of the cluster runs on host ${lost.name}, ${hostPlace(lost.host)} (${lost.there.names.join(', ')}); the nodes are ${known}. Start ${service} there, or correct \`hosts\` or the address of the cluster.`,
    );
  }
  const without = nodes.filter((node) => !matched.some((one) => one.node.name === node.name));
  if (without.length === 0) return;
  const list = without.map(({ name }) => name).join(', ');
  throw new Failure(
    'config-invalid',
    `No host is given for ${list}, so ${plugin} could not come to every node; add it to \`hosts\`.`,
  );
}

async function back(
  wanted: With,
  context: StepContext,
  { status, host, node, has }: { status: string; host: string; node: string; has: boolean },
): Promise<void> {
  const { plugin, service, wait } = wanted;
  const isBack = (nodes: readonly ClusterNode[]) =>
    nodes.some(({ name, plugins }) => name === node && plugins.includes(plugin) === has);
  const seen = await waitForNodes(wanted, context, { status, span: wait, isBack });
  if (seen === undefined) return;
  throw new Failure(
    'timed-out',
    `Node ${node} on host ${host} did not come back ${has ? 'with' : 'without'} ${plugin} to a ${status} cluster within ${readable(wait)}: ${seen.replace(/\.$/, '')}. Look at journalctl -u ${service} there; the nodes after it were left as they are.`,
  );
}
