import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../src/canonical.ts';
import { firstBreak } from '../../src/store/chain.ts';
import { evidenceOf, historyOf, planCopy } from '../../src/store/record.ts';
import { append, appendEach, load } from '../../src/store/streams.ts';
import { changeOf, type TestStore, testStore } from '../support/store.ts';
import { until } from '../support/until.ts';

describe('appending to streams', () => {
  let store: TestStore;

  beforeAll(async () => {
    store = await testStore();
  });

  afterAll(async () => {
    await store.drop();
  });

  const outboxOf = async (stream: string) => {
    const { rows } = await store.pool.query<{ id: string; due: number; data: unknown }>(
      `select id, extract(epoch from due)::float8 * 1000 as due, data from outbox
       where id like '%' || $1 || '%' order by id`,
      [stream],
    );
    return rows;
  };

  test('writes the state, the history and the jobs of a change', async () => {
    const job = { id: 'whole.job', queue: 'phases', name: 'phase', data: { run: 'whole' } } as const;
    const events = [
      { type: 'Born', at: 1_000, of: 'nothing' },
      { type: 'Grown', at: 2_000 },
    ];

    const appended = await append(store.pool, [changeOf('whole', { events, jobs: [job], drawAt: 5_000 })]);

    expect(appended).toBe('appended');
    const history = await historyOf(store.pool, 'whole');
    expect(history).toMatchObject([
      { version: 1, type: 'Born', at: 1_000, data: { of: 'nothing' } },
      { version: 2, type: 'Grown', at: 2_000, data: {} },
    ]);
    expect(firstBreak('whole', history)).toBeUndefined();
    expect(await load(store.pool, 'whole')).toEqual({
      state: { id: 'whole' },
      version: 2,
      hash: history.at(-1)?.hash,
    });
    expect(await outboxOf('whole')).toEqual([
      { id: 'draw.whole', due: 5_000, data: { stream: 'whole' } },
      { id: 'whole.job', due: 0, data: { run: 'whole' } },
    ]);
  });

  test('knows no stream that nobody has begun', async () => {
    expect(await load(store.pool, 'nobody')).toBeUndefined();
    expect(await historyOf(store.pool, 'nobody')).toEqual([]);
  });

  test('lets one of two writers win and writes nothing of the other', async () => {
    const writer = (name: string) =>
      changeOf('raced', {
        state: { name },
        jobs: [{ id: `raced.${name}`, queue: 'phases', name: 'phase', data: {} }],
        evidence: [{ hash: sha256({ name }), body: { name } }],
        plans: [{ hash: sha256([name]), body: [name] }],
      });

    const outcomes = await Promise.all(['a', 'b'].map((name) => append(store.pool, [writer(name)])));

    expect(outcomes.toSorted()).toEqual(['appended', 'conflict']);
    const [winner, loser] = outcomes[0] === 'appended' ? ['a', 'b'] : ['b', 'a'];
    expect((await load(store.pool, 'raced'))?.state).toEqual({ name: winner });
    expect(await historyOf(store.pool, 'raced')).toHaveLength(1);
    expect((await outboxOf('raced')).map(({ id }) => id)).toEqual(['draw.raced', `raced.${winner}`]);
    expect((await evidenceOf(store.pool, 'raced')).map(({ body }) => body)).toEqual([{ name: winner }]);
    expect(await planCopy(store.pool, sha256([loser]))).toBeUndefined();
    expect(await planCopy(store.pool, sha256([winner]))).toEqual([winner]);
  });

  test('refuses a change that leaves an older version', async () => {
    await append(store.pool, [changeOf('older')]);
    const loaded = await load(store.pool, 'older');
    const from = { version: loaded?.version ?? 0, hash: loaded?.hash ?? '' };
    await append(store.pool, [changeOf('older', { from, state: { newer: true } })]);

    const outcome = await append(store.pool, [changeOf('older', { from, state: { late: true } })]);

    expect(outcome).toBe('conflict');
    expect((await load(store.pool, 'older'))?.state).toEqual({ newer: true });
  });

  test('writes several streams or none', async () => {
    await append(store.pool, [changeOf('second')]);

    const failed = await append(store.pool, [changeOf('first'), changeOf('second')]);
    const done = await append(store.pool, [changeOf('first'), changeOf('third')]);

    expect(failed).toBe('conflict');
    expect(done).toBe('appended');
    expect(await historyOf(store.pool, 'first')).toHaveLength(1);
    expect(await historyOf(store.pool, 'second')).toHaveLength(1);
    expect(await historyOf(store.pool, 'third')).toHaveLength(1);
  });

  test('writes nothing of several when one of them fails in the database', async () => {
    const unstorable = changeOf('unstorable', { state: { text: 'a\u0000b' } });

    await expect(append(store.pool, [changeOf('before'), unstorable])).rejects.toMatchObject({
      code: '22P05',
    });

    expect(await load(store.pool, 'before')).toBeUndefined();
  });

  test('lets one stream at a time hold a thing, and the next in the change that lets go', async () => {
    const held = changeOf('holder', { holds: 'environment:x' });
    await append(store.pool, [held]);
    const hash = (await load(store.pool, 'holder'))?.hash ?? '';
    const next = changeOf('next', { holds: 'environment:x' });
    const letGo = changeOf('holder', { from: { version: 1, hash }, holds: null });

    const refused = await append(store.pool, [next]);
    const both = await append(store.pool, [letGo, next]);

    expect(refused).toBe('held');
    expect(both).toBe('appended');
    expect(await historyOf(store.pool, 'next')).toHaveLength(1);
  });

  test('says that a thing is held when only the last of several streams would take it', async () => {
    await append(store.pool, [changeOf('keeper', { holds: 'environment:y' })]);

    const outcome = await append(store.pool, [
      changeOf('bystander'),
      changeOf('taker', { holds: 'environment:y' }),
    ]);

    expect(outcome).toBe('held');
    expect(await load(store.pool, 'bystander')).toBeUndefined();
  });

  test('keeps one outbox row for a job that is asked for again, with the earliest due', async () => {
    await append(store.pool, [changeOf('merged', { drawAt: 9_000 })]);
    const hash = (await load(store.pool, 'merged'))?.hash ?? '';
    await append(store.pool, [changeOf('merged', { from: { version: 1, hash }, drawAt: 4_000 })]);
    const later = (await load(store.pool, 'merged'))?.hash ?? '';
    await append(store.pool, [changeOf('merged', { from: { version: 2, hash: later }, drawAt: 20_000 })]);

    expect(await outboxOf('merged')).toMatchObject([{ id: 'draw.merged', due: 4_000 }]);
  });

  test('keeps the same evidence and the same plan once', async () => {
    const kept = { hash: sha256('same'), body: 'same' };
    await append(store.pool, [changeOf('kept', { evidence: [kept], plans: [kept] })]);
    const hash = (await load(store.pool, 'kept'))?.hash ?? '';

    const again = await append(store.pool, [
      changeOf('kept', { from: { version: 1, hash }, evidence: [kept], plans: [kept] }),
    ]);

    expect(again).toBe('appended');
    expect(await evidenceOf(store.pool, 'kept')).toEqual([kept]);
    expect(await planCopy(store.pool, kept.hash)).toBe('same');
  });

  test('writes each of several streams for itself', async () => {
    await append(store.pool, [changeOf('moved')]);
    const hash = (await load(store.pool, 'moved'))?.hash ?? '';
    const about = { state: { late: true }, evidence: [{ hash: 'late', body: 'late' }] };
    const late = changeOf('moved', about);
    const timely = changeOf('moved', { ...about, from: { version: 1, hash } });
    const job = { id: 'fresh.job', queue: 'phases', name: 'phase', data: { run: 'fresh' } } as const;
    const board = { draws: 'board.1', drawAt: 9_000 };

    const first = await appendEach(store.pool, [
      changeOf('fresh', { jobs: [job], ...board }),
      late,
      changeOf('another', { ...board, drawAt: 4_000 }),
    ]);
    const second = await appendEach(store.pool, [timely]);

    expect([...first].toSorted()).toEqual(['another', 'fresh']);
    expect([...second]).toEqual(['moved']);
    expect((await load(store.pool, 'moved'))?.state).toEqual({ late: true });
    expect(await historyOf(store.pool, 'fresh')).toHaveLength(1);
    expect(await historyOf(store.pool, 'another')).toHaveLength(1);
    expect(await evidenceOf(store.pool, 'moved')).toHaveLength(1);
    expect(await outboxOf('fresh')).toMatchObject([{ id: 'fresh.job' }]);
    expect(await outboxOf('board.1')).toMatchObject([{ id: 'draw.board.1', due: 4_000 }]);
  });

  test('takes streams in one order whatever the order they are given in, so that two writers never wait for each other', async () => {
    await append(store.pool, [changeOf('order-1'), changeOf('order-2')]);
    const from = (stream: string) =>
      load(store.pool, stream).then((loaded) => loaded ?? { version: 0, hash: '' });
    const late = [
      changeOf('order-2', { from: await from('order-2') }),
      changeOf('order-1', { from: await from('order-1') }),
    ];
    const other = await store.pool.connect();
    const lock = 'select id from streams where id = $1 for update nowait';
    await other.query('begin');
    await other.query(lock, ['order-1']);

    const writing = appendEach(store.pool, late);
    await until('it waits for the first', async () => {
      const { rowCount } = await store.pool.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return rowCount !== 0;
    });
    const second = await other.query(lock, ['order-2']);
    await other.query('rollback');
    other.release();

    expect(second.rowCount).toBe(1);
    expect(await writing).toEqual(new Set(['order-1', 'order-2']));
  });

  test('has nothing to do for no change', async () => {
    expect(await append(store.pool, [])).toBe('appended');
  });
});
