import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dropLease, takeLease } from '../../src/store/leases.ts';
import { holderOf, newestStreams, newRunNumber, streamIds } from '../../src/store/record.ts';
import { append } from '../../src/store/streams.ts';
import {
  noteDrawn,
  noteGone,
  notePosting,
  noteStreamDrawn,
  placesOf,
  undrawnStreams,
} from '../../src/store/surfaces.ts';
import { changeOf, type TestStore, testStore } from '../support/store.ts';

let store: TestStore;

beforeAll(async () => {
  store = await testStore();
});

afterAll(async () => {
  await store.drop();
});

describe('a lease', () => {
  test('is for one owner at a time, who may renew it', async () => {
    expect(await takeLease(store.pool, 'mine', 'me', 60_000)).toBe(true);
    expect(await takeLease(store.pool, 'mine', 'you', 60_000)).toBe(false);
    expect(await takeLease(store.pool, 'mine', 'me', 60_000)).toBe(true);
  });

  test('is given to one of many that ask at once', async () => {
    const taken = await Promise.all(
      Array.from({ length: 10 }, (_, index) => takeLease(store.pool, 'one', `worker-${index}`, 60_000)),
    );

    expect(taken.filter(Boolean)).toHaveLength(1);
  });

  test('is free when it has run out, and when its owner gives it back', async () => {
    await takeLease(store.pool, 'short', 'me', -1);
    expect(await takeLease(store.pool, 'short', 'you', 60_000)).toBe(true);

    await dropLease(store.pool, 'short', 'me');
    expect(await takeLease(store.pool, 'short', 'me', 60_000)).toBe(false);
    await dropLease(store.pool, 'short', 'you');

    expect(await takeLease(store.pool, 'short', 'me', 60_000)).toBe(true);
  });
});

describe('the place of a message', () => {
  const placeOf = async (stream: string) => (await placesOf(store.pool, stream))[0];

  test('is unknown from the first try of a post until it is there', async () => {
    await notePosting(store.pool, 'run-1', 'card', 5_000);
    await notePosting(store.pool, 'run-1', 'card', 9_000);
    const trying = await placeOf('run-1');

    await noteDrawn(store.pool, 'run-1', 'card', { channel: 'C1', ts: '1.5', digest: 'abc' });

    expect(trying).toMatchObject({ ts: null, postingSince: 5_000 });
    expect(await placeOf('run-1')).toEqual({
      key: 'card',
      channel: 'C1',
      ts: '1.5',
      digest: 'abc',
      movedFrom: null,
      postingSince: null,
    });
  });

  test('is another one when the message is gone, and remembers where it was', async () => {
    await noteDrawn(store.pool, 'run-2', 'card', { channel: 'C1', ts: '1.5', digest: 'abc' });

    await noteGone(store.pool, 'run-2', 'card');
    const gone = await placeOf('run-2');
    await noteDrawn(store.pool, 'run-2', 'card', { channel: 'C1', ts: '2.5', digest: 'def' });

    expect(gone).toMatchObject({ ts: null, digest: null, movedFrom: '1.5' });
    expect(await placeOf('run-2')).toMatchObject({ ts: '2.5', movedFrom: '1.5' });
  });

  test('belongs to one stream', async () => {
    await noteDrawn(store.pool, 'run-3', 'card', { channel: 'C1', ts: '3.5', digest: 'abc' });

    expect(await placesOf(store.pool, 'run-3')).toHaveLength(1);
    expect(await placesOf(store.pool, 'run-4')).toEqual([]);
  });
});

describe('questions to the record', () => {
  test('which streams Slack does not show as they are', async () => {
    await append(store.pool, [changeOf('undrawn'), changeOf('environment.x', { kind: 'environment' })]);
    const before = await undrawnStreams(store.pool);

    await noteStreamDrawn(store.pool, 'undrawn', 1);
    await noteStreamDrawn(store.pool, 'undrawn', 0);

    expect(before).toContain('undrawn');
    expect(before).not.toContain('environment.x');
    expect(await undrawnStreams(store.pool)).not.toContain('undrawn');
  });

  test('which are the newest of an environment, and who holds it', async () => {
    for (const [index, id] of ['old', 'middle', 'new'].entries()) {
      const events = [{ type: 'Happened', at: 1_000 * (index + 1) }];
      const state = { id, environment: 'east' };
      const holds = id === 'new' ? 'environment:east' : null;
      await append(store.pool, [changeOf(id, { events, state, holds })]);
    }
    await append(store.pool, [changeOf('other', { state: { id: 'other', environment: 'west' } })]);

    const newest = await newestStreams<{ id: string }>(store.pool, 'run', 'east', 2);

    expect(newest.map(({ id }) => id)).toEqual(['new', 'middle']);
    expect(await holderOf(store.pool, 'environment:east')).toMatchObject({ id: 'new' });
    expect(await holderOf(store.pool, 'environment:west')).toBeUndefined();
    expect(await streamIds(store.pool, 'run')).toEqual(
      expect.arrayContaining(['old', 'middle', 'new', 'other']),
    );
  });

  test('a number that nobody has had', async () => {
    const numbers = await Promise.all(Array.from({ length: 20 }, () => newRunNumber(store.pool)));

    expect(new Set(numbers).size).toBe(20);
  });
});
