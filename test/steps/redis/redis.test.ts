import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../../rehearsal/world/redis.ts';
import { Secret } from '../../../src/secret.ts';
import { redisRoundtrip, redisServer } from '../../../src/steps/redis/redis.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contract, failureOf } from '../contract.ts';

describeWith('redis-server', 'Redis', () => {
  let dir: string;
  let redis: RedisServer;
  let open: RedisServer;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-redis-'));
    redis = await started('closed', {});
    open = await started('open', { password: '', settings: { appendonly: 'no' } });
  });

  afterAll(async () => {
    await redis.stop();
    await open.stop();
    await rm(dir, { recursive: true, force: true });
  });

  contract(redisServer, { first: 'satisfied', last: 'satisfied' }, async () => ({
    wanted: { url: secret(redis.url), version: '>=7', persistence: ['aof'] },
    hung: (port) => ({ wanted: { url: secret(`redis://:hunter2@127.0.0.1:${port}`) } }),
    snapshot: keys,
    close: async () => {},
  }));

  contract(redisRoundtrip, { first: 'satisfied', last: 'satisfied' }, async () => ({
    wanted: { url: secret(redis.url) },
    hung: (port) => ({ wanted: { url: secret(`redis://:hunter2@127.0.0.1:${port}`) } }),
    snapshot: keys,
    close: async () => {},
  }));

  test('a server that lets anybody in is told', async () => {
    const check = await checking(redisServer, { url: open.url });

    expect(check).toMatchObject({
      is: 'unsatisfied',
      because: `default@127.0.0.1:${open.port}/0 lets clients in without a password, wanted is that it refuses.`,
    });
  });

  test('version and persistence that are not as wanted are told', async () => {
    const old = await checking(redisServer, { url: redis.url, version: '>=99.1' });
    const forgetful = await checking(redisServer, {
      url: open.url,
      authentication: false,
      persistence: ['aof', 'rdb'],
    });

    expect(old).toMatchObject({ is: 'unsatisfied', because: expect.stringContaining('wanted is >=99.1') });
    expect(forgetful).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringContaining('wanted is aof and rdb'),
    });
  });

  test.each([
    ['a wrong password', () => `redis://:wrong@127.0.0.1:${redis.port}`, 'authentication-failed'],
    ['no password', () => `redis://127.0.0.1:${redis.port}`, 'authentication-failed'],
    ['a closed port', () => 'redis://:x@127.0.0.1:1', 'connection-refused'],
    ['an unknown host', () => 'redis://:x@no-such-host.invalid', 'host-not-found'],
    ['an address that is no URL', () => 'redis.internal 6379', 'config-invalid'],
  ])('%s is told as what it is', async (_, url, code) => {
    const failure = await failureOf(checking(redisRoundtrip, { url: url() }));

    expect(failure.code, failure.message).toBe(code);
  });

  test('a server that hangs in mid-conversation is left at the time limit', async () => {
    const own = await started('hanging', {});
    own.pause();

    const failure = await failureOf(
      checking(redisRoundtrip, { url: own.url }, { signal: AbortSignal.timeout(200) }),
    );
    await own.stop();

    expect(failure.code).toBe('timed-out');
  });

  async function started(name: string, options: { password?: string; settings?: Record<string, string> }) {
    const server = await startRedis({ dir: join(dir, name), ...options });
    if (!server) throw new Error('redis-server is missing');
    return server;
  }

  async function keys(): Promise<unknown> {
    const client = new Redis(redis.url);
    const found = await client.keys('*');
    await client.quit();
    return found;
  }

  function secret(url: string): Secret {
    return new Secret('REDIS_URL', url);
  }
});
