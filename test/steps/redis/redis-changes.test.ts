import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../../rehearsal/world/free-port.ts';
import { type RedisServer, startRedis } from '../../../rehearsal/world/redis.ts';
import { Secret } from '../../../src/secret.ts';
import { redisMemory } from '../../../src/steps/redis/redis-memory.ts';
import { redisPassword } from '../../../src/steps/redis/redis-password.ts';
import { redisSettings } from '../../../src/steps/redis/redis-settings.ts';
import type { Step } from '../../../src/steps/step.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contextOf, contract, failureOf } from '../contract.ts';

const settings = {
  save: '300 10 900 1',
  appendonly: 'YES',
  maxmemory: '512mb',
  'maxmemory-policy': 'allkeys-lru',
};

describeWith('redis-server', 'Redis that is changed', () => {
  let dir: string;
  const servers: RedisServer[] = [];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-redis-'));
  });

  afterAll(async () => {
    await stopAll();
    await rm(dir, { recursive: true, force: true });
  });

  contract(redisSettings, { first: 'unsatisfied', last: 'satisfied', undoes: true }, async () => {
    const redis = await started('settings', { settings: { appendonly: 'no' } });
    return {
      wanted: { url: secret(redis.url), settings },
      hung: (port) => ({ wanted: { url: hungUrl(port), settings } }),
      snapshot: () => asked(redis.url, Object.keys(settings)),
      close: stopAll,
    };
  });

  contract(redisPassword, { first: 'unsatisfied', last: 'satisfied', undoes: true }, async () => {
    const redis = await started('password', { password: '' });
    return {
      wanted: { url: withPassword(redis, "p w'd") },
      hung: (port) => ({ wanted: { url: hungUrl(port) } }),
      snapshot: () => answers(redis.url),
      close: stopAll,
    };
  });

  contract(redisMemory, { first: 'satisfied', last: 'satisfied' }, async () => {
    const redis = await started('memory', {});
    return {
      wanted: { url: secret(redis.url), maxUsedPercent: 90, maxEvicted: 0 },
      hung: (port) => ({ wanted: { url: hungUrl(port) } }),
      snapshot: () => asked(redis.url, ['maxmemory']),
      close: stopAll,
    };
  });

  describe('redis/settings', () => {
    afterEach(stopAll);

    test('what is set is also in the file, and a changed value is named and repaired', async () => {
      const redis = await started('drift', {});
      const wanted = { url: redis.url, settings };
      await applied(redisSettings, wanted);
      const client = new Redis(redis.url);
      await client.config('SET', 'maxmemory-policy', 'noeviction');
      await client.quit();

      const drifted = await checking(redisSettings, wanted);
      await applied(redisSettings, wanted);
      const file = await readFile(join(dir, 'drift', 'redis.conf'), 'utf8');

      expect(drifted).toMatchObject({
        is: 'unsatisfied',
        because: `Redis at default@127.0.0.1:${redis.port}/0: maxmemory-policy is "noeviction", wanted is "allkeys-lru".`,
      });
      expect(file).toMatch(/^maxmemory-policy allkeys-lru$/m);
      expect(file).toMatch(/^appendonly yes$/m);
      expect(file.match(/^save .*$/gm)?.join(' ')).toContain('300 10');
    });

    test('a value that Redis refuses changes nothing', async () => {
      const redis = await started('refused', {});
      const wanted = { url: redis.url, settings: { 'maxmemory-policy': 'oldest', maxmemory: '1gb' } };
      const before = await asked(redis.url, ['maxmemory', 'maxmemory-policy']);

      const failure = await failureOf(applied(redisSettings, wanted));

      expect(failure.code).toBe('config-refused');
      expect(failure.message).toContain('maxmemory-policy "oldest"');
      expect(await asked(redis.url, ['maxmemory', 'maxmemory-policy'])).toEqual(before);
    });

    test('a setting that this server does not have is told', async () => {
      const redis = await started('unknown', {});

      const failure = await failureOf(
        checking(redisSettings, { url: redis.url, settings: { colour: 'red' } }),
      );

      expect(failure.code).toBe('not-found');
      expect(failure.message).toContain('has no setting colour');
    });

    test('a file that cannot be written is told, and the settings are as before', async () => {
      const redis = await started('unwritable', {});
      await rm(join(dir, 'unwritable'), { recursive: true });

      const failure = await failureOf(
        applied(redisSettings, { url: redis.url, settings: { maxmemory: '1gb' } }),
      );

      expect(failure.code).toBe('command-failed');
      expect(failure.message).toMatch(/cannot write .*redis\.conf, so the settings were set back/);
      expect(await asked(redis.url, ['maxmemory'])).toEqual(['0']);
    });

    test('a value that somebody has changed since is left by undo, the rest goes back', async () => {
      const redis = await started('changed-since', {});
      const wanted = redisSettings.with.parse({
        url: redis.url,
        settings: { maxmemory: '1gb', 'maxmemory-policy': 'allkeys-lru' },
      });
      const done = await redisSettings.apply?.(wanted, contextOf());
      const client = new Redis(redis.url);
      await client.config('SET', 'maxmemory', '2gb');
      await client.quit();

      const failure = await failureOf(
        Promise.resolve(redisSettings.undo?.(wanted, contextOf(), done?.remember)),
      );

      expect(failure.code).toBe('not-undone');
      expect(failure.message).toContain('changed maxmemory of');
      expect(await asked(redis.url, ['maxmemory', 'maxmemory-policy'])).toEqual(['2147483648', 'noeviction']);
    });

    test('a secret has no place among the settings', () => {
      const parsed = redisSettings.with.safeParse({ url: 'redis://h', settings: { requirepass: 'x' } });

      expect(parsed.success).toBe(false);
    });
  });

  describe('redis/password', () => {
    afterEach(stopAll);

    test('what was set is kept in the file', async () => {
      const redis = await started('kept', { password: '' });

      await applied(redisPassword, { url: withPassword(redis, 'hunter2') });
      const file = await readFile(join(dir, 'kept', 'redis.conf'), 'utf8');

      expect(file).toMatch(/^requirepass "?hunter2"?$/m);
    });

    test('another password than the wanted one is a failure, and nothing is changed', async () => {
      const redis = await started('other', { password: 'theirs' });
      const wanted = { url: withPassword(redis, 'hunter2') };

      const failures = [
        await failureOf(checking(redisPassword, wanted)),
        await failureOf(applied(redisPassword, wanted)),
      ];

      expect(failures.map(({ code }) => code)).toEqual(['authentication-failed', 'authentication-failed']);
      expect(await answers(redis.url)).toBe('PONG');
    });

    test('a password that was there before stays when the run is taken back', async () => {
      const redis = await started('before', { password: 'theirs' });
      const wanted = redisPassword.with.parse({ url: redis.url });
      const done = await redisPassword.apply?.(wanted, contextOf());

      const evidence = await redisPassword.undo?.(wanted, contextOf(), done?.remember);

      expect(evidence).toEqual([]);
      expect(await answers(redis.url.replace(':theirs@', ''))).toBe('refused');
    });

    test('undo leaves a password that somebody has set since', async () => {
      const redis = await started('since', { password: '' });
      const url = withPassword(redis, 'hunter2');
      const wanted = redisPassword.with.parse({ url });
      const done = await redisPassword.apply?.(wanted, contextOf());
      const client = new Redis(url.reveal());
      await client.config('SET', 'requirepass', 'theirs');
      await client.quit();

      const failure = await failureOf(
        Promise.resolve(redisPassword.undo?.(wanted, contextOf(), done?.remember)),
      );

      expect(failure.code).toBe('not-undone');
      expect(failure.message).toContain('has another password by now');
    });

    test('a server without a file keeps nothing, so nothing is set', async () => {
      const fileless = await startedWithoutFile();

      const failure = await failureOf(applied(redisPassword, { url: withPassword(fileless, 'hunter2') }));
      const answer = await answers(fileless.url);
      await fileless.stop();

      expect(failure.code).toBe('command-failed');
      expect(failure.message).toContain('started without a configuration file');
      expect(answer).toBe('PONG');
    });

    test.each([
      ['no password', 'redis://127.0.0.1:6379/0'],
      ['another user than the default one', 'redis://app:hunter2@127.0.0.1:6379/0'],
      ['no URL', 'redis.internal 6379'],
    ])('an address with %s is told before anything is asked', async (_, url) => {
      const failure = await failureOf(checking(redisPassword, { url }));

      expect(failure.code).toBe('config-invalid');
      expect(failure.message).not.toContain('hunter2');
    });
  });

  describe('redis/memory', () => {
    afterEach(stopAll);

    test('a full server, a missing limit and evictions are told with their numbers', async () => {
      const redis = await started('full', {
        settings: { maxmemory: '3mb', 'maxmemory-policy': 'allkeys-lru' },
      });
      const client = new Redis(redis.url);
      for (let n = 0; n < 300; n += 1) await client.set(`key${n}`, 'x'.repeat(20_000));
      await client.quit();
      const unlimited = await started('unlimited', {});

      const full = await checking(redisMemory, { url: redis.url, maxUsedPercent: 50, maxEvicted: 10 });
      const missing = await checking(redisMemory, { url: unlimited.url, maxmemory: { min: 1_048_576 } });

      expect(full).toMatchObject({
        is: 'unsatisfied',
        because: expect.stringMatching(
          /uses [\d.]+ MB, [\d.]+ % of 3 MB \(maxmemory\), wanted are at most 50 %, has evicted \d+ keys since its start \(policy allkeys-lru\), wanted are at most 10\.$/,
        ),
      });
      expect(missing).toMatchObject({
        because: `Redis at default@127.0.0.1:${unlimited.port}/0 has no maxmemory, wanted are at least 1 MB.`,
        evidence: [
          { answered: expect.stringContaining('the memory of the machine, since maxmemory is not set') },
        ],
      });
    });
  });

  async function stopAll() {
    for (const server of servers.splice(0)) await server.stop();
  }

  async function started(name: string, options: { password?: string; settings?: Record<string, string> }) {
    const server = await startRedis({ dir: join(dir, name), ...options });
    if (!server) throw new Error('redis-server is missing');
    servers.push(server);
    return server;
  }
});

function applied(step: Step, wanted: unknown) {
  return Promise.resolve(step.apply?.(step.with.parse(wanted), contextOf()));
}

/** The values of settings, by their names in order. */
async function asked(url: string, names: readonly string[]): Promise<unknown> {
  const client = new Redis(url);
  const values: unknown[] = [];
  for (const name of names) {
    const answer = await client.config('GET', name);
    values.push(Array.isArray(answer) ? answer[1] : answer);
  }
  await client.quit();
  return values;
}

/** What a client with this address gets to a PING. */
async function answers(url: string): Promise<string> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, enableReadyCheck: false });
  client.on('error', () => {});
  try {
    await client.connect();
    return await client.ping();
  } catch {
    return 'refused';
  } finally {
    client.disconnect();
  }
}

async function startedWithoutFile() {
  const port = await freePort();
  const words = ['--port', String(port), '--bind', '127.0.0.1', '--save', ''];
  const child = spawn('/usr/bin/redis-server', words, { stdio: 'ignore', cwd: tmpdir() });
  const url = `redis://127.0.0.1:${port}/0`;
  while ((await answers(url)) !== 'PONG') await sleep(20);
  const stop = async () => {
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  return { url, port, stop };
}

function withPassword({ port }: { readonly port: number }, password: string): Secret {
  return secret(`redis://:${encodeURIComponent(password)}@127.0.0.1:${port}/0`);
}

function secret(url: string): Secret {
  return new Secret('REDIS_URL', url);
}

function hungUrl(port: number): Secret {
  return secret(`redis://:hunter2@127.0.0.1:${port}/0`);
}
