import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Dispatcher, startDispatcher } from '../../src/queue/dispatcher.ts';
import { append } from '../../src/store/streams.ts';
import { describeOnBoth, type QueueHome, queueHome } from '../support/backends.ts';
import { changeOf, countOf, type TestStore, testStore } from '../support/store.ts';
import { until } from '../support/until.ts';

const log = pino({ level: 'silent' });

describeOnBoth('the dispatcher', (backend) => {
  let home: QueueHome;
  let store: TestStore;
  let done: string[];
  let dispatchers: Dispatcher[];

  beforeEach(async () => {
    home = await queueHome(backend);
    store = await testStore();
    done = [];
    dispatchers = [];
  });

  afterEach(async () => {
    await Promise.all(dispatchers.map((dispatcher) => dispatcher.close()));
    await home.close();
    await store.drop();
  });

  const start = async (sweepMs: number) => {
    const queues = await home.open(store.url);
    const dispatcher = startDispatcher(store.pool, queues, { now: () => Date.now(), sweepMs, log });
    dispatchers.push(dispatcher);
    return { queues, dispatcher };
  };
  const commit = (id: string, drawAt = Date.now() + 60_000) =>
    append(store.pool, [
      changeOf(id, { drawAt, jobs: [{ id: `${id}.job`, queue: 'phases', name: 'phase', data: { id } }] }),
    ]);

  test('hands over what was committed at a nudge', async () => {
    const { queues, dispatcher } = await start(60_000);
    await queues.work('phases', 1, async ({ data }) => void done.push(String(data.id)));

    await commit('nudged');
    dispatcher.nudge();

    await until('the job', () => done.includes('nudged'));
  });

  test('hands over at the start and at each sweep what a crash left behind', async () => {
    await commit('before');
    const { queues } = await start(200);
    await queues.work('phases', 1, async ({ data }) => void done.push(String(data.id)));
    await until('the job from before', () => done.includes('before'));

    await commit('behind');

    await until('the job that nobody nudged for', () => done.includes('behind'));
  });

  test('hands over when a row becomes due, long before the next sweep', async () => {
    const { queues, dispatcher } = await start(60_000);
    await queues.work('views', 1, async ({ data }) => void done.push(String(data.stream)));

    await commit('drawn', Date.now() + 300);
    dispatcher.nudge();
    await delay(100);
    const early = [...done];

    await until('the drawing', () => done.includes('drawn'));
    expect(early).toEqual([]);
  });

  test('lets each of two processes hand over without doing it twice', async () => {
    const runs: string[] = [];
    const [one, two] = [await start(50), await start(50)];
    await one.queues.work('phases', 4, async ({ data }) => void runs.push(String(data.id)));

    for (let index = 0; index < 40; index += 1) {
      await commit(`job-${index}`);
      one.dispatcher.nudge();
      two.dispatcher.nudge();
    }

    await until('all jobs', () => new Set(runs).size === 40);
    expect(runs).toHaveLength(40);
    const left = async () => (await countOf(store.pool, "outbox where queue = 'phases'")) === 0;
    await until('an empty outbox', left);
  });

  test('keeps what the queue did not take and hands it over when it does', async () => {
    const queues = await home.open(store.url);
    await queues.work('phases', 1, async ({ data }) => void done.push(String(data.id)));
    let isAway = true;
    const flaky: typeof queues.add = async (rows, now) => {
      if (isAway) throw new Error('the queue is away');
      await queues.add(rows, now);
    };
    const options = { now: () => Date.now(), sweepMs: 100, log };
    const dispatcher = startDispatcher(store.pool, { add: flaky }, options);
    dispatchers.push(dispatcher);
    await commit('patient');
    dispatcher.nudge();
    await delay(250);
    const early = [...done];

    isAway = false;

    await until('the job', () => done.includes('patient'));
    expect(early).toEqual([]);
  });

  test('does nothing harmful when it is nudged after its end', async () => {
    const { dispatcher } = await start(60_000);

    await dispatcher.close();
    await commit('late');
    dispatcher.nudge();

    expect(await countOf(store.pool, "outbox where id = 'late.job'")).toBe(1);
  });
});
