import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { Failure } from '../../errors.ts';
import type { Secret } from '../../secret.ts';
import { defineStep, satisfied, Text, unsatisfied } from '../step.ts';
import { isReply, redisPlace, withRedis } from './redis-connection.ts';
import { infoField } from './redis-info.ts';

/** A Redis server answers, is new enough, refuses clients without a password and saves its data as wanted. */
export const redisServer = defineStep({
  uses: 'redis/server',
  summary: 'A Redis server answers, is new enough and refuses clients without a password.',
  with: z.strictObject({
    url: Text,
    version: z
      .string()
      .regex(/^>=\d+(\.\d+){0,2}$/, 'a minimum version such as >=7')
      .optional(),
    authentication: z
      .boolean()
      .default(true)
      .meta({ description: 'whether it must refuse clients without a password' }),
    persistence: z.array(z.enum(['aof', 'rdb'])).default([]),
  }),
  timeout: '30s',
  check: async ({ url, version, authentication, persistence }, { signal }) => {
    const where = redisPlace(url);
    const { server, saves } = await withRedis(url, signal, async (redis) => {
      const [about, saving] = [await redis.info('server'), await redis.info('persistence')];
      const lastSave = infoField(saving, 'rdb_last_bgsave_status');
      const saves = infoField(saving, 'aof_enabled') === '1' ? ['aof'] : [];
      // Whether snapshots are scheduled is only told by CONFIG, which managed servers deny.
      const schedule = await redis.config('GET', 'save').then(scheduled, () => lastSave === 'ok');
      return { server: infoField(about, 'redis_version'), saves: schedule ? [...saves, 'rdb'] : saves };
    });
    const open = authentication && (await letsAnybodyIn(url, signal));
    const evidence = {
      asked: 'INFO server, INFO persistence, PING without a password',
      of: where,
      answered: `Redis ${server}; saves by ${saves.join(' and ') || 'nothing'}; ${authentication ? `without a password: ${open ? 'let in' : 'refused'}` : 'authentication not looked at'}`,
    };
    if (version && below(server, version.slice(2))) {
      return unsatisfied(`${where} runs Redis ${server}, wanted is ${version}.`, evidence);
    }
    if (open)
      return unsatisfied(`${where} lets clients in without a password, wanted is that it refuses.`, evidence);
    const lacking = persistence.filter((way) => !saves.includes(way));
    if (lacking.length > 0) {
      return unsatisfied(
        `${where} saves by ${saves.join(' and ') || 'nothing'}, wanted is ${lacking.join(' and ')}.`,
        evidence,
      );
    }
    return satisfied(evidence);
  },
});

/** A value written to Redis is read back and gone after deletion; the key is the step's own and expires by itself. */
export const redisRoundtrip = defineStep({
  uses: 'redis/roundtrip',
  summary: 'A value written to Redis is read back and deleted again.',
  with: z.strictObject({ url: Text }),
  timeout: '30s',
  check: ({ url }, { signal }) =>
    withRedis(url, signal, async (redis) => {
      const key = `slipway:roundtrip:${randomUUID()}`;
      const began = performance.now();
      await redis.set(key, key, 'EX', 60);
      const back = await redis.get(key);
      const deleted = await redis.del(key);
      const took = Math.round((performance.now() - began) * 10) / 10;
      const evidence = {
        asked: `SET ${key} EX 60, GET, DEL`,
        of: redisPlace(url),
        answered: `${back === key ? 'the same value' : 'another value'}, ${deleted} deleted, ${took} ms`,
      };
      if (back === key && deleted === 1) return satisfied(evidence);
      return unsatisfied(`${redisPlace(url)} did not give back what was written to it.`, evidence);
    }),
});

async function letsAnybodyIn(url: string | Secret, signal: AbortSignal): Promise<boolean> {
  try {
    return await withRedis(url, signal, async (redis) => (await redis.ping()) === 'PONG', 'password');
  } catch (error) {
    const refused =
      error instanceof Failure && ['authentication-failed', 'permission-denied'].includes(error.code);
    if (refused && isReply(error)) return false;
    throw error;
  }
}

function scheduled(answer: unknown): boolean {
  return Array.isArray(answer) && typeof answer[1] === 'string' && answer[1] !== '';
}

function below(version: string, minimum: string): boolean {
  const [have, want] = [version, minimum].map((text) => text.split('.').map(Number));
  for (const [index, part] of (want ?? []).entries()) {
    const own = have?.[index] ?? 0;
    if (own !== part) return own < part;
  }
  return false;
}
