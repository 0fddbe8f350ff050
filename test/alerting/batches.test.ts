import { describe, expect, test } from 'vitest';
import { type Batching, inBatches } from '../../src/alerting/batches.ts';
import { until } from '../support/until.ts';

interface Piece {
  readonly key: string;
  readonly name: string;
  readonly weight: number;
}

const piece = (name: string, { key = name, weight = 1 }: Partial<Piece> = {}): Piece => ({
  key,
  name,
  weight,
});

/** Work that is under way until the test lets it end. */
function heldWork(about: Partial<Batching<Piece, string>> = {}) {
  const begun: (readonly string[])[] = [];
  const ends: (() => void)[] = [];
  const ask = inBatches<Piece, string>({
    keyOf: ({ key }) => key,
    weightOf: ({ weight }) => weight,
    most: 3,
    heaviest: 10,
    lanes: 1,
    patienceFor: () => 60_000,
    work: async (pieces) => {
      begun.push(pieces.map(({ name }) => name));
      await new Promise<void>((resolve) => ends.push(resolve));
      return pieces.map(({ name }) =>
        name === 'bad'
          ? { status: 'rejected', reason: new RangeError('bad') }
          : { status: 'fulfilled', value: `${name} done` },
      );
    },
    ...about,
  });
  const endAll = async (count: number) => {
    for (let ended = 0; ended < count; ended += 1) {
      const end = await until('work has begun', () => ends.shift());
      end();
    }
  };
  return { ask, begun, endAll };
}

describe('work in batches', () => {
  test('begins at once when nothing is under way, and then with all that came meanwhile', async () => {
    const { ask, begun, endAll } = heldWork();

    const all = ['a', 'b', 'c', 'd', 'e'].map((name) => ask(piece(name)));
    await endAll(3);

    expect(await Promise.all(all)).toEqual(['a done', 'b done', 'c done', 'd done', 'e done']);
    expect(begun).toEqual([['a'], ['b', 'c', 'd'], ['e']]);
  });

  test('does pieces of one key one after the other, in the order in which they came', async () => {
    const { ask, begun, endAll } = heldWork({ lanes: 2 });

    const all = ['a1', 'b1', 'a2', 'c1', 'a3'].map((name) => ask(piece(name, { key: name.slice(0, 1) })));
    await endAll(4);
    await Promise.all(all);

    expect(begun.slice(0, 2)).toEqual([['a1'], ['b1']]);
    expect(begun.flat().filter((name) => name.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
  });

  test('does what is too heavy alone, and leaves a lane to what is not', async () => {
    const { ask, begun, endAll } = heldWork({ lanes: 2 });

    const all = [
      ask(piece('whale', { weight: 99 })),
      ask(piece('second whale', { weight: 50 })),
      ask(piece('a', { weight: 6 })),
      ask(piece('b', { weight: 6 })),
    ];
    const atFirst = [...begun];
    await endAll(4);
    await Promise.all(all);

    expect(atFirst).toEqual([['whale'], ['a']]);
    expect(begun.slice(2).toSorted()).toEqual([['b'], ['second whale']]);
  });

  test('fails a piece without failing the others of its batch', async () => {
    const { ask, endAll } = heldWork();

    const all = ['a', 'b', 'bad', 'c'].map((name) => ask(piece(name)));
    const settled = Promise.allSettled(all);
    await endAll(2);

    expect((await settled).map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
  });

  test('fails all pieces of a batch that fails, and goes on with the next', async () => {
    let batches = 0;
    const { ask } = heldWork({
      work: async (pieces) => {
        batches += 1;
        if (batches === 1) throw new RangeError('the first fails');
        return pieces.map(({ name }) => ({ status: 'fulfilled', value: name }));
      },
    });

    const [first, second] = await Promise.allSettled([ask(piece('a')), ask(piece('b'))]);

    expect(first).toMatchObject({ status: 'rejected', reason: { message: 'the first fails' } });
    expect(second).toEqual({ status: 'fulfilled', value: 'b' });
  });

  test('drops what has waited too long, and tells who waited', async () => {
    const { ask, begun, endAll } = heldWork({ patienceFor: () => 100 });

    const [first, second] = await Promise.allSettled([ask(piece('a')), ask(piece('b'))]);
    const third = ask(piece('c'));
    await endAll(2);

    expect(first).toMatchObject({ status: 'rejected', reason: { code: 'store-unreachable' } });
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'store-unreachable' } });
    await third.catch(() => undefined);
    expect(begun).toEqual([['a'], ['c']]);
  });
});
