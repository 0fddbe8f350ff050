import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe } from 'vitest';
import { type RedisServer, startRedis } from '../../rehearsal/world/redis.ts';
import { openQueues, type Queues } from '../../src/queue/queues.ts';
import { describeWith } from './parts.ts';

/** The two homes of the queue, which must behave alike. */
export type Backend = 'postgres' | 'redis';

/** Where a test's queues live; a Redis is started when it is wanted. */
export interface QueueHome {
  readonly redis: RedisServer | undefined;
  /** Opens the queues beside the given database, as one more process would. */
  readonly open: (databaseUrl: string) => Promise<Queues>;
  readonly close: () => Promise<void>;
}

/** One suite for both backends; without redis-server its half is left out and says so. */
export function describeOnBoth(name: string, body: (backend: Backend) => void): void {
  describe(`${name} on PostgreSQL`, () => body('postgres'));
  describeWith('redis-server', `${name} on Redis`, () => body('redis'));
}

export async function queueHome(backend: Backend): Promise<QueueHome> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-queue-'));
  const redis = backend === 'redis' ? await startRedis({ dir, settings: { appendonly: 'no' } }) : undefined;
  const opened: Queues[] = [];
  return {
    redis,
    open: async (databaseUrl) => {
      const queues = await openQueues({
        redisUrl: redis?.url,
        databaseUrl,
        prefix: 'slipway',
        lockMs: 2_000,
        log: pino({ level: process.env.TEST_LOG ?? 'silent' }),
      });
      opened.push(queues);
      return queues;
    },
    close: async () => {
      await Promise.all(opened.map((queues) => queues.close()));
      await redis?.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
