import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import { startRedis } from '../../rehearsal/world/redis.ts';
import { describeWith } from '../support/parts.ts';
import { chance, crashRuns, freshSeed } from './chance.ts';
import { crashPlan } from './crash-plan.ts';
import { atOnce, startCrashSite } from './crash-site.ts';
import { endure } from './ordeal.ts';

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-crash-'));
  closers.push(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

describeWith(['local-slack', 'sshd', 'redis-server'], 'a queue that is lost in mid-run', () => {
  test('a flushed Redis is filled again from the streams', { timeout: 1_200_000 }, async () => {
    const seed = freshSeed();
    const random = chance(seed);
    const redis = await startRedis({ dir: await folder() });
    if (redis === undefined) throw new Error('redis-server is missing');
    closers.push(() => redis.stop());
    const client = new Redis(redis.url);
    closers.push(async () => client.disconnect());
    const site = await startCrashSite({ environments: atOnce, redisUrl: redis.url, plan: crashPlan });
    closers.push(() => site.stop());
    const { pool } = site.slipway;

    const faults = await endure(site, {
      runs: crashRuns(),
      random,
      pool,
      troubles: [
        { least: 200, most: 4_000, strike: () => client.flushall() },
        ...site.processes.map((keeper) => ({
          least: 4_000,
          most: 12_000,
          strike: () => keeper.restart('SIGKILL'),
        })),
      ],
    });

    expect(faults, `with SLIPWAY_CRASH_SEED=${seed}`).toEqual([]);
  });
});
