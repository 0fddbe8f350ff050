import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nextDue, type OutboxRow, sendDue } from '../../src/store/outbox.ts';
import { append } from '../../src/store/streams.ts';
import { changeOf, countOf, type TestStore, testStore } from '../support/store.ts';
import { until } from '../support/until.ts';

const now = 1_000_000;

describe('the outbox', () => {
  let store: TestStore;
  let sent: string[];

  beforeEach(async () => {
    store = await testStore();
    sent = [];
  });

  afterEach(async () => {
    await store.drop();
  });

  const put = async (id: string, due: number, data: unknown = {}) => {
    await store.pool.query(
      `insert into outbox (id, queue, name, data, due) values ($1, 'phases', 'phase', $2, to_timestamp($3 / 1000.0))
       on conflict (id) do update set due = least(outbox.due, excluded.due), asked = outbox.asked + 1`,
      [id, data, due],
    );
  };
  const send = async (rows: readonly OutboxRow[]) => {
    sent.push(...rows.map(({ id }) => id));
  };

  test('sends what is due, whole, and forgets it', async () => {
    await append(store.pool, [
      changeOf('run', {
        drawAt: now + 500,
        jobs: [{ id: 'run.timer', queue: 'timers', name: 'wake', data: { run: 'run' }, at: now + 60_000 }],
      }),
    ]);
    const rows: OutboxRow[] = [];

    const count = await sendDue(store.pool, now, async (due) => void rows.push(...due));

    expect(count).toBe(1);
    expect(rows).toEqual([
      { id: 'run.timer', queue: 'timers', name: 'wake', data: { run: 'run' }, runAt: now + 60_000 },
    ]);
    expect(await nextDue(store.pool)).toBe(now + 500);
  });

  test('is empty without an end', async () => {
    expect(await sendDue(store.pool, now, send)).toBe(0);
    expect(await nextDue(store.pool)).toBeUndefined();
  });

  test('keeps what could not be sent, due as it was', async () => {
    await put('kept', now - 1);
    const away = () => Promise.reject(new Error('the queue is away'));

    await expect(sendDue(store.pool, now, away)).rejects.toThrow('the queue is away');
    const count = await sendDue(store.pool, now, send);

    expect(count).toBe(1);
    expect(sent).toEqual(['kept']);
  });

  test('is sent once by two that look at the same time', async () => {
    for (let index = 0; index < 150; index += 1) await put(`job-${index}`, now - 1);

    await Promise.all([1, 2].map(() => sendDue(store.pool, now, send)));

    expect(sent).toHaveLength(150);
    expect(new Set(sent).size).toBe(150);
    expect(await countOf(store.pool, 'outbox')).toBe(0);
  });

  test('keeps a job that is asked for again while it is being sent', async () => {
    await put('again', now - 1);

    await sendDue(store.pool, now, async (rows) => {
      await send(rows);
      await put('again', now);
    });
    await sendDue(store.pool, now, send);

    expect(sent).toEqual(['again', 'again']);
    expect(await countOf(store.pool, 'outbox')).toBe(0);
  });

  test('lets changes of the same stream through while the queue hangs', async () => {
    await append(store.pool, [changeOf('busy', { drawAt: now })]);
    const { rows } = await store.pool.query<{ hash: string }>("select hash from streams where id = 'busy'");
    const hash = rows[0]?.hash ?? '';
    let hung = (): void => undefined;
    const answer = new Promise<void>((resolve) => {
      hung = resolve;
    });
    let isSending = false;
    const sending = sendDue(store.pool, now, () => {
      isSending = true;
      return answer;
    });
    await until('the sending', () => isSending);

    const appended = await append(store.pool, [
      changeOf('busy', { from: { version: 1, hash }, drawAt: now }),
    ]);

    expect(appended).toBe('appended');
    hung();
    await sending;
    expect(await sendDue(store.pool, now, send)).toBe(1);
  });

  test('is sent again some seconds after its sender died', async () => {
    await put('orphan', now - 1);
    const dead = sendDue(store.pool, now, () => new Promise(() => undefined));
    void dead;
    while ((await nextDue(store.pool)) === now - 1);

    expect(await sendDue(store.pool, now + 1_000, send)).toBe(0);
    expect(await sendDue(store.pool, now + 6_000, send)).toBe(1);

    expect(sent).toEqual(['orphan']);
  });
});
