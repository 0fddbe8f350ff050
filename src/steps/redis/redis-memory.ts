import { z } from 'zod';
import { defineStep, satisfied, Text, unsatisfied } from '../step.ts';
import { redisPlace, withRedis } from './redis-connection.ts';
import { infoField, infoNumber } from './redis-info.ts';

const With = z.strictObject({
  url: Text.meta({ description: 'the server as seen from Slipway' }),
  maxUsedPercent: z.number().min(1).max(100).default(80).meta({
    description: 'of `maxmemory`, or of the memory of the machine where Redis has no `maxmemory`',
  }),
  maxmemory: z
    .strictObject({ min: z.int().min(1).meta({ description: 'bytes' }) })
    .optional()
    .meta({ description: 'what `maxmemory` must be at least; no limit at all does not meet it' }),
  maxFragmentation: z.number().min(1).optional().meta({
    description: 'resident memory divided by used memory; only judged above 100 MB resident',
  }),
  maxEvicted: z.int().min(0).optional().meta({ description: 'keys evicted since the server was started' }),
});

/** Below this the ratio says nothing: the program itself is larger than its data. */
const fragmentationMatters = 100_000_000;

/** Redis has memory to spare; https://redis.io/docs/latest/commands/info/ tells what the fields mean. */
export const redisMemory = defineStep({
  uses: 'redis/memory',
  summary: 'Redis has memory to spare.',
  with: With,
  timeout: '30s',
  check: async (wanted, { signal }) => {
    const where = redisPlace(wanted.url);
    const [memory, stats] = await withRedis(wanted.url, signal, async (redis) => [
      await redis.info('memory'),
      await redis.info('stats'),
    ]);
    const [used, limit] = [infoNumber(memory, 'used_memory'), infoNumber(memory, 'maxmemory')];
    const of = limit || infoNumber(memory, 'total_system_memory');
    const ofWhat = limit > 0 ? 'maxmemory' : 'the memory of the machine, since maxmemory is not set';
    const percent = Math.round((1_000 * used) / (of || 1)) / 10;
    const [resident, ratio] = [
      infoNumber(memory, 'used_memory_rss'),
      infoNumber(memory, 'mem_fragmentation_ratio'),
    ];
    const evicted = infoNumber(stats, 'evicted_keys');
    const policy = infoField(memory, 'maxmemory_policy');
    const use = `uses ${megabytes(used)}, ${percent} % of ${megabytes(of)} (${ofWhat})`;
    const evidence = {
      asked: 'INFO memory, INFO stats',
      of: where,
      answered: `${use}; policy ${policy}, fragmentation ${ratio}, ${evicted} keys evicted since the start`,
    };
    const wrong: string[] = [];
    if (percent > wanted.maxUsedPercent) wrong.push(`${use}, wanted are at most ${wanted.maxUsedPercent} %`);
    if (wanted.maxmemory && limit < wanted.maxmemory.min) {
      const found = limit === 0 ? 'no maxmemory' : `maxmemory ${megabytes(limit)}`;
      wrong.push(`has ${found}, wanted are at least ${megabytes(wanted.maxmemory.min)}`);
    }
    if (
      wanted.maxFragmentation !== undefined &&
      ratio > wanted.maxFragmentation &&
      resident > fragmentationMatters
    ) {
      wrong.push(`has a fragmentation of ${ratio}, wanted is at most ${wanted.maxFragmentation}`);
    }
    if (wanted.maxEvicted !== undefined && evicted > wanted.maxEvicted) {
      wrong.push(
        `has evicted ${evicted} keys since its start (policy ${policy}), wanted are at most ${wanted.maxEvicted}`,
      );
    }
    return wrong.length === 0
      ? satisfied(evidence)
      : unsatisfied(`Redis at ${where} ${wrong.join(', ')}.`, evidence);
  },
});

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 104_857.6) / 10} MB`;
}
