import { z } from 'zod';
import { Duration, readable } from '../../duration.ts';
import { Failure, type ReasonCode } from '../../errors.ts';
import { type Check, defineStep, type StepContext, satisfied, unsatisfied } from '../step.ts';
import {
  clusterAddress,
  type ElasticsearchConnection,
  withElasticsearch,
} from './elasticsearch-connection.ts';
import { pause } from './pause.ts';

const With = z.strictObject({
  ...clusterAddress,
  version: z
    .string()
    .regex(/^>=\d+(\.\d+){0,2}$/, 'a minimum version such as >=8')
    .default('>=8'),
  health: z
    .enum(['green', 'yellow'])
    .default('yellow')
    .meta({ description: 'the worst status that is good enough' }),
  nodes: z.int().min(1).optional().meta({ description: 'how many nodes there must be at least' }),
  wait: Duration.optional().meta({ description: 'how long it may take to get there, at most 4m' }),
});
type With = z.output<typeof With>;

/** What time may mend: a node that is still starting. */
const passing: readonly ReasonCode[] = ['connection-refused', 'unavailable', 'timed-out'];
const longestWait = 240_000;

/** An Elasticsearch cluster answers, is new enough and has the wanted status; shards that no node holds are named. */
export const elasticsearchCluster = defineStep({
  uses: 'elasticsearch/cluster',
  summary: 'An Elasticsearch cluster answers, is new enough and is in good health.',
  with: With,
  timeout: '5m',
  check: async (wanted, context) => {
    const until = context.now() + Math.min(wanted.wait ?? 0, longestWait);
    for (;;) {
      const left = until - context.now();
      try {
        const found = await look(wanted, Math.max(0, left), context);
        if (found.is === 'satisfied' || until <= context.now()) return found;
      } catch (error) {
        const mayPass = error instanceof Failure && passing.includes(error.code) && !context.signal.aborted;
        if (!mayPass || left <= 0) throw error;
      }
      await pause(Math.min(1_000, Math.max(50, left)), context.signal);
    }
  },
});

function look(wanted: With, wait: number, { signal }: StepContext): Promise<Check> {
  return withElasticsearch(wanted, signal, async ({ client, where }) => {
    const { version } = await client.info();
    // Asked for a status, the cluster answers as soon as it has it; in slices, so that more nodes are noticed too.
    const health = await client.cluster.health(
      { wait_for_status: wanted.health, timeout: `${Math.min(wait, 5_000)}ms` },
      { ignore: [408] },
    );
    const unassigned = await unassignedShards({ client, where });
    const evidence = {
      asked: 'GET /, GET /_cluster/health, GET /_cat/shards',
      of: where,
      answered: `Elasticsearch ${version.number}; cluster ${health.cluster_name} is ${health.status} with ${counted(health.number_of_nodes, 'node')}; unassigned: ${listed(unassigned)}`,
    };
    if (below(version.number, wanted.version.slice(2))) {
      return unsatisfied(
        `${where} runs Elasticsearch ${version.number}, wanted is ${wanted.version}.`,
        evidence,
      );
    }
    const status = health.status.toLowerCase();
    const late = wanted.wait === undefined ? '' : ` after ${readable(wanted.wait)}`;
    if (!(status === 'green' || status === wanted.health)) {
      const because = `Cluster ${health.cluster_name} at ${where} is ${status}${late}, wanted is ${wanted.health}; shards that no node holds: ${listed(unassigned)}.`;
      return unsatisfied(because, evidence);
    }
    if (health.number_of_nodes < (wanted.nodes ?? 1)) {
      const because = `Cluster ${health.cluster_name} at ${where} has ${counted(health.number_of_nodes, 'node')}${late}, wanted are at least ${wanted.nodes}.`;
      return unsatisfied(because, evidence);
    }
    return satisfied(evidence);
  });
}

/** Each as `index[shard] p or r (reason)`. */
async function unassignedShards({ client }: ElasticsearchConnection): Promise<readonly string[]> {
  const shards = await client.cat.shards({
    format: 'json',
    h: ['index', 'shard', 'prirep', 'state', 'unassigned.reason'],
  });
  return shards
    .filter(({ state }) => state === 'UNASSIGNED')
    .map(({ index, shard, prirep, ...shown }) => {
      const kind = prirep === 'p' ? 'primary' : 'replica';
      return `${index}[${shard}] ${kind} (${shown['unassigned.reason'] ?? 'no reason told'})`;
    });
}

function listed(names: readonly string[]): string {
  if (names.length <= 10) return names.join(', ') || 'none';
  return `${names.slice(0, 10).join(', ')} and ${names.length - 10} more`;
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

function below(version: string, minimum: string): boolean {
  const [have, want] = [version, minimum].map((text) => text.split('.').map(Number.parseFloat));
  for (const [index, part] of (want ?? []).entries()) {
    const own = have?.[index] ?? 0;
    if (own !== part) return own < part;
  }
  return false;
}
