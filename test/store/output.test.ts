import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { outputsOf, outputTails, writeOutput } from '../../src/store/output.ts';
import { type TestStore, testStore } from '../support/store.ts';

describe('what steps said', () => {
  let store: TestStore;

  beforeEach(async () => {
    store = await testStore();
  });

  afterEach(async () => {
    await store.drop();
  });

  const attempt = (step: string, fence: number, number = 1, phase = 'main') => ({
    phase,
    step,
    fence,
    try: number,
  });
  const write = (key: ReturnType<typeof attempt>, ...texts: readonly string[]) =>
    texts.reduce(
      (before, text, index) =>
        before.then(() =>
          writeOutput(store.pool, 'run-1', key, { seq: index + 1, text, at: key.fence * 1_000 + index }),
        ),
      Promise.resolve(),
    );

  test('is kept in its pieces for each attempt, oldest first', async () => {
    await write(attempt('build', 2), 'second\n');
    await write(attempt('build', 1), 'one\n', 'two\n');
    await write(attempt('other', 3), 'other\n');
    await write(attempt('build', 4, 1, 'later'), 'later\n');

    const all = await outputsOf(store.pool, 'run-1');
    const some = await outputsOf(store.pool, 'run-1', { phase: 'main', step: 'build' });
    const none = await outputsOf(store.pool, 'run-2');

    expect(all.map(({ pieces }) => pieces)).toEqual([
      ['one\n', 'two\n'],
      ['second\n'],
      ['other\n'],
      ['later\n'],
    ]);
    expect(some).toEqual([
      { ...attempt('build', 1), pieces: ['one\n', 'two\n'] },
      { ...attempt('build', 2), pieces: ['second\n'] },
    ]);
    expect(none).toEqual([]);
  });

  test('is written anew when a piece comes again, as after an answer that was lost', async () => {
    await write(attempt('build', 1), 'one\n', 'two\n');
    await write(attempt('build', 1), 'one\n', 'two and more\n');

    const [found] = await outputsOf(store.pool, 'run-1');

    expect(found?.pieces).toEqual(['one\n', 'two and more\n']);
  });

  test('is shown by the end of the newest attempt of each step', async () => {
    await write(attempt('build', 1, 2), 'older\n');
    await write(attempt('build', 2, 1), 'first try\n');
    await write(attempt('build', 2, 2), 'ä beginning\n', 'the end\n');
    await write(attempt('other', 1), 'x\n');

    const tails = await outputTails(store.pool, 'run-1', 'main', 10);

    expect(tails).toEqual([
      { ...attempt('build', 2, 2), tail: 'g\nthe end\n', characters: 20 },
      { ...attempt('other', 1), tail: 'x\n', characters: 2 },
    ]);
  });
});
