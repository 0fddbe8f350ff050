import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accept, refuse } from '../../src/deploy/decision.ts';
import { firstBreak } from '../../src/store/chain.ts';
import { handle, type Rules } from '../../src/store/handle.ts';
import { historyOf } from '../../src/store/record.ts';
import { load } from '../../src/store/streams.ts';
import { countOf, type TestStore, testStore } from '../support/store.ts';

interface Tally {
  readonly sum: number;
}

type Command = { readonly type: 'Add' | 'Take'; readonly amount: number };

type Event = { readonly type: 'Added'; readonly amount: number; readonly at: number };

/** A tally that only grows, and ends at a hundred. */
const rules: Rules<Tally, Command, Event> = {
  kind: 'tally',
  decide: (_, { type, amount }, at) => {
    if (type === 'Take') return refuse('not-allowed', 'It only grows.');
    return amount === 0 ? accept() : accept({ type: 'Added', amount, at });
  },
  evolve: (tally, { amount }) => ({ sum: (tally?.sum ?? 0) + amount }),
  react: (_, { sum }) =>
    sum === 100 ? [{ id: 'full', queue: 'timers', name: 'full', data: { sum }, at: 7_000 }] : [],
  hasEnded: ({ sum }) => sum >= 100,
  holds: ({ sum }) => (sum === 13 ? 'bad luck' : null),
  drawDelay: () => 500,
};

describe('bringing commands to a stream', () => {
  let store: TestStore;

  beforeAll(async () => {
    store = await testStore();
  });

  afterAll(async () => {
    await store.drop();
  });

  const bring = (stream: string, command: Command) => handle(store.pool, rules, stream, command, 1_000);

  test('loses nothing when a hundred come at once', async () => {
    const handled = await Promise.all(
      Array.from({ length: 100 }, () => bring('crowded', { type: 'Add', amount: 1 })),
    );

    expect(handled.every(({ ok }) => ok)).toBe(true);
    expect(await load(store.pool, 'crowded')).toMatchObject({ state: { sum: 100 }, version: 100 });
    const history = await historyOf(store.pool, 'crowded');
    expect(history).toHaveLength(100);
    expect(firstBreak('crowded', history)).toBeUndefined();
    const { rows } = await store.pool.query("select ended from streams where id = 'crowded'");
    expect(rows).toEqual([{ ended: true }]);
    expect((await store.pool.query("select id from outbox where id = 'full'")).rowCount).toBe(1);
  });

  test('writes nothing when a command is refused or changes nothing', async () => {
    await bring('quiet', { type: 'Add', amount: 5 });
    const before = await countOf(store.pool, 'events');

    const refused = await bring('quiet', { type: 'Take', amount: 1 });
    const idle = await bring('quiet', { type: 'Add', amount: 0 });

    expect(refused).toEqual({
      ok: false,
      refusal: { code: 'not-allowed', detail: 'It only grows.' },
      state: { sum: 5 },
    });
    expect(idle).toEqual({ ok: true, state: { sum: 5 }, events: [] });
    expect(await countOf(store.pool, 'events')).toBe(before);
  });

  test('says that there is no such stream when nothing happened to none', async () => {
    const handled = await bring('void', { type: 'Add', amount: 0 });

    expect(handled).toMatchObject({ ok: false, refusal: { code: 'run-not-found' } });
  });

  test('says that another holds the same', async () => {
    await bring('first-13', { type: 'Add', amount: 13 });

    const handled = await bring('second-13', { type: 'Add', amount: 13 });

    expect(handled).toMatchObject({ ok: false, refusal: { code: 'environment-busy' } });
    expect(await load(store.pool, 'second-13')).toBeUndefined();
  });
});
