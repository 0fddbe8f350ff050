import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startDispatcher } from '../../src/queue/dispatcher.ts';
import { append } from '../../src/store/streams.ts';
import { type QueueHome, queueHome } from '../support/backends.ts';
import { describeWith } from '../support/parts.ts';
import { changeOf, type TestStore, testStore } from '../support/store.ts';
import { until } from '../support/until.ts';

const log = pino({ level: 'silent' });

describeWith('redis-server', 'a Redis that hangs', () => {
  let home: QueueHome;
  let store: TestStore;

  beforeEach(async () => {
    home = await queueHome('redis');
    store = await testStore();
  });

  afterEach(async () => {
    home.redis?.resume();
    await home.close();
    await store.drop();
  });

  const job = (id: string) =>
    changeOf(id, { jobs: [{ id: `${id}.job`, queue: 'phases', name: 'phase', data: { id } }] });

  test('lets what is to be added fail within seconds, and the outbox keeps it until Redis goes on', async () => {
    const queues = await home.open(store.url);
    const done: unknown[] = [];
    await queues.work('phases', 1, async ({ data }) => void done.push(data.id));
    const dispatcher = startDispatcher(store.pool, queues, { now: () => Date.now(), sweepMs: 200, log });

    home.redis?.pause();
    await append(store.pool, [job('held')]);
    dispatcher.nudge();
    const adding = queues.add(
      [{ id: 'direct', queue: 'timers', name: 'wake', data: {}, runAt: null }],
      Date.now(),
    );
    await expect(adding).rejects.toThrow();
    home.redis?.resume();

    await until('the job', () => done.includes('held'));
    await dispatcher.close();
  });

  test('does not keep the program from ending', async () => {
    const queues = await home.open(store.url);
    await queues.work('phases', 1, async () => undefined);
    const dispatcher = startDispatcher(store.pool, queues, { now: () => Date.now(), sweepMs: 200, log });
    home.redis?.pause();
    await append(store.pool, [job('stuck')]);
    dispatcher.nudge();
    const startedAt = Date.now();

    await dispatcher.close();
    await queues.close();

    expect(Date.now() - startedAt).toBeLessThan(15_000);
  }, 40_000);

  test('does not keep the program from ending while jobs are being fetched', async () => {
    const queues = await home.open(store.url);
    const ids = Array.from({ length: 30 }, (_, index) => `job-${index}`);
    await queues.add(
      ids.map((id) => ({ id, queue: 'phases', name: 'phase', data: {}, runAt: null })),
      Date.now(),
    );
    let worked = 0;
    await queues.work('phases', 1, async () => {
      worked += 1;
    });
    await until('the first job', () => worked > 0);
    home.redis?.pause();

    await queues.close();

    expect(worked).toBeLessThanOrEqual(ids.length);
  }, 60_000);
});
