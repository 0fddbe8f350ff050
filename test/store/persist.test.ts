import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Failure } from '../../src/errors.ts';
import { isPassing, persist } from '../../src/store/persist.ts';
import { type TestStore, testStore } from '../support/store.ts';

describe('what passes by itself', () => {
  let store: TestStore;

  beforeEach(async () => {
    store = await testStore();
  });

  afterEach(async () => {
    await store.drop();
  });

  const faultOf = (work: Promise<unknown>) =>
    work.then(
      () => 'nothing',
      (error: unknown) => error,
    );

  test('a server that is not there, that ends the session, or that hangs up', async () => {
    const closed = await faultOf(new pg.Client({ port: 1, host: '127.0.0.1' }).connect());
    const client = new pg.Client({ connectionString: store.url });
    client.on('error', () => undefined);
    await client.connect();
    const ended = await faultOf(client.query('select pg_terminate_backend(pg_backend_pid())'));
    const hangUp = await faultOf(talkToNobody());

    expect([closed, ended, hangUp].map(isPassing)).toEqual([true, true, true]);
  });

  test('a pipe that broke, although its code looks like one of the database', () => {
    expect(isPassing(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))).toBe(true);
  });

  test.each([
    ['a wrong statement', 'select nothing_like_this'],
    ['a row that is there already', "insert into leases values ('a', 'a', now()), ('a', 'a', now())"],
  ])('not %s', async (_, statement) => {
    expect(isPassing(await faultOf(store.pool.query(statement)))).toBe(false);
  });

  test('neither a foreseen stop nor a bug', () => {
    const faults = [
      new Failure('timed-out', 'too late'),
      new TypeError('a bug'),
      new RangeError('a bug'),
      'text',
    ];

    expect(faults.map(isPassing)).toEqual([false, false, false, false]);
  });

  test('work is done again until the database is back', async () => {
    let tries = 0;

    const done = await persist(5_000, async () => {
      tries += 1;
      if (tries < 3) await new pg.Client({ port: 1, host: '127.0.0.1' }).connect();
      return 'done';
    });

    expect([done, tries]).toEqual(['done', 3]);
  });

  test('what does not pass is thrown at once, and what does at the end of the span', async () => {
    let tries = 0;
    const wrong = persist(5_000, () => {
      tries += 1;
      return store.pool.query('select nothing_like_this');
    });
    await expect(wrong).rejects.toMatchObject({ code: '42703' });
    expect(tries).toBe(1);

    const away = persist(120, () => new pg.Client({ port: 1, host: '127.0.0.1' }).connect());

    await expect(away).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

async function talkToNobody(): Promise<void> {
  const server = createServer((socket: Socket) => socket.once('data', () => socket.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    await new pg.Client({ port, host: '127.0.0.1' }).connect();
  } finally {
    server.close();
  }
}
