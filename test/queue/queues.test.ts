import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openQueues, type Queues } from '../../src/queue/queues.ts';
import type { OutboxRow } from '../../src/store/outbox.ts';
import { describeOnBoth, type QueueHome, queueHome } from '../support/backends.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';
import { until } from '../support/until.ts';

const log = pino({ level: 'silent' });

describeOnBoth('queues', (backend) => {
  let home: QueueHome;
  let database: TestDatabase;
  let queues: Queues;

  beforeAll(async () => {
    home = await queueHome(backend);
  });

  afterAll(async () => {
    await home.close();
  });

  beforeEach(async () => {
    database = await testDatabase();
    queues = await openQueues({
      redisUrl: home.redis?.url,
      databaseUrl: database.url,
      // A Redis has no databases that could be thrown away.
      prefix: database.name,
      lockMs: 2_000,
      log,
    });
  });

  afterEach(async () => {
    await queues.close();
    await database.drop();
  });

  const row = (id: string, more: Partial<OutboxRow> = {}): OutboxRow => ({
    id,
    queue: 'phases',
    name: 'phase',
    data: { id },
    runAt: null,
    ...more,
  });
  const add = (...rows: readonly OutboxRow[]) => queues.add(rows, Date.now());

  test('hand each job with its data to what works on its queue', async () => {
    const done: unknown[] = [];
    for (const name of ['phases', 'timers', 'views'] as const)
      await queues.work(name, 2, async (job) => void done.push([name, job.name, job.data]));

    await add(
      row('a'),
      row('b', { queue: 'timers', name: 'wake' }),
      row('c', { queue: 'views', name: 'draw' }),
    );

    await until('three jobs', () => done.length === 3);
    expect(done).toEqual(
      expect.arrayContaining([
        ['phases', 'phase', { id: 'a' }],
        ['timers', 'wake', { id: 'b' }],
        ['views', 'draw', { id: 'c' }],
      ]),
    );
  });

  test('ignore a job that is queued already, and take it again when it is done', async () => {
    await add(row('once'), row('once'));
    await add(row('once'));
    let runs = 0;
    await queues.work('phases', 2, async () => {
      runs += 1;
    });
    await until('the first run', async () => runs === 1 && (await queues.depths()).phases === 0);

    await add(row('once'));

    await until('the second run', async () => runs === 2 && (await queues.depths()).phases === 0);
  });

  test('ignore a job that is being worked on', async () => {
    let runs = 0;
    let finish = (): void => undefined;
    await queues.work('phases', 4, async () => {
      runs += 1;
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    await add(row('busy'));
    await until('the job', () => runs === 1);

    await add(row('busy'));
    await delay(150);
    finish();

    await until('an empty queue', async () => (await queues.depths()).phases === 0);
    expect(runs).toBe(1);
  });

  test('draw once for many that ask, and once more for those that ask while it draws', async () => {
    const draw = row('draw.run', { queue: 'views', name: 'draw', data: { stream: 'run' } });
    await add(draw, draw);
    await add(draw);
    let runs = 0;
    const finish: (() => void)[] = [];
    await queues.work('views', 4, async () => {
      runs += 1;
      await new Promise<void>((resolve) => void finish.push(resolve));
    });
    await until('the first drawing', () => finish.length === 1);

    await add(draw);
    await add(draw);
    finish[0]?.();
    await until('the second drawing', () => finish.length === 2);
    finish[1]?.();

    await until('an empty queue', async () => (await queues.depths()).views === 0);
    expect(runs).toBe(2);
    await add(draw);
    await until('a drawing long after', () => finish.length === 3);
    finish[2]?.();
  });

  test('run a job at its time and not before', async () => {
    const due = Date.now() + 600;
    let ranAt = 0;
    await queues.work('timers', 1, async () => {
      ranAt = Date.now();
    });

    await add(row('later', { queue: 'timers', runAt: due }));

    expect((await queues.depths()).timers).toBe(1);
    await until('the timer', () => ranAt > 0);
    // The clock of the queue's server may be a little ahead.
    expect(ranAt).toBeGreaterThan(due - 50);
  });

  test('run a job at once whose time is over', async () => {
    let runs = 0;
    await queues.work('timers', 1, async () => {
      runs += 1;
    });

    await add(row('late', { queue: 'timers', runAt: 1_000 }));

    await until('the timer', () => runs === 1);
  });

  test('try a job again that throws, until it does not', async () => {
    let tries = 0;
    await queues.work('phases', 1, async () => {
      tries += 1;
      if (tries < 3) throw new Error('not yet');
    });

    await add(row('stubborn'));

    await until('the third try', () => tries === 3);
    await until('an empty queue', async () => (await queues.depths()).phases === 0);
  });

  test('work on as many at a time as they may', async () => {
    let active = 0;
    let most = 0;
    await queues.work('phases', 3, async () => {
      active += 1;
      most = Math.max(most, active);
      await delay(60);
      active -= 1;
    });

    await add(...Array.from({ length: 9 }, (_, index) => row(`job-${index}`)));

    await until('all done', async () => (await queues.depths()).phases === 0);
    expect(most).toBe(3);
  });

  test('tell how much is left in each', async () => {
    await add(row('a'), row('b'), row('c', { queue: 'timers', runAt: Date.now() + 60_000 }));

    expect(await queues.depths()).toEqual({ phases: 2, timers: 1, views: 0, calls: 0 });
  });

  test('wait for what is being worked on before they close', async () => {
    let isDone = false;
    let isBegun = false;
    await queues.work('phases', 1, async () => {
      isBegun = true;
      await delay(200);
      isDone = true;
    });
    await add(row('last'));
    await until('the job', () => isBegun);

    await queues.close();

    expect(isDone).toBe(true);
  });
});

test('a Redis that is not there is told within seconds, with its address and what to do', async () => {
  const redisUrl = 'redis://:secret-word@127.0.0.1:1/0';
  const opening = openQueues({ redisUrl, databaseUrl: '', prefix: 'slipway', lockMs: 2_000, log });

  const error = await opening.catch((reason: unknown) => reason);

  expect(error).toMatchObject({ code: 'queue-unreachable' });
  expect(String(error)).toContain('127.0.0.1:1');
  expect(String(error)).toContain('REDIS_URL');
  expect(String(error)).not.toContain('secret-word');
});

test('a Redis that takes the connection and says nothing is told within seconds', async () => {
  const silent = createServer((socket) => socket.resume());
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;

  const opening = openQueues({
    redisUrl: `redis://127.0.0.1:${port}`,
    databaseUrl: '',
    prefix: 'slipway',
    lockMs: 2_000,
    log,
  });

  await expect(opening).rejects.toMatchObject({ code: 'queue-unreachable' });
  await new Promise((resolve) => silent.close(resolve));
}, 15_000);
