import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { changedLines, unifiedDiff } from '../../../src/steps/host/diff.ts';

const run = promisify(execFile);
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `${from + index}\n`).join('');

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-diff-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

test.each([
  ['equal texts', 'a\nb\n', 'a\nb\n', ''],
  ['a line in the middle', 'a\nb\nc\n', 'a\nB\nc\n', '@@ -1,3 +1,3 @@\n a\n-b\n+B\n c'],
  ['a new file', '', 'a\n', '@@ -0,0 +1,1 @@\n+a'],
  ['an emptied file', 'a\n', '', '@@ -1,1 +0,0 @@\n-a'],
  ['only the last line break', 'a', 'a\n', '@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a'],
  [
    'two changes far apart',
    numbers(1, 20),
    numbers(1, 20).replace('2\n', 'two\n').replace('19\n', 'nineteen\n'),
    '@@ -1,5 +1,5 @@\n 1\n-2\n+two\n 3\n 4\n 5\n@@ -16,5 +16,5 @@\n 16\n 17\n 18\n-19\n+nineteen\n 20',
  ],
])('%s', (_, before, after, shown) => {
  expect(unifiedDiff(before, after)).toBe(shown);
});

test('a long difference is bounded, in lines and in length of lines', () => {
  const long = unifiedDiff(numbers(1, 5_000), `${'x'.repeat(10_000)}\n${numbers(10_001, 15_000)}`);

  expect(long.split('\n')).toHaveLength(161);
  expect(long.split('\n').at(-1)).toMatch(/^… \d+ lines more$/);
  expect(unifiedDiff('', 'x'.repeat(10_000)).length).toBeLessThan(400);
});

test('changed lines are counted', () => {
  expect(changedLines('a\nb\nc\n', 'a\nc\nd\ne\n')).toEqual({ gone: 1, come: 2 });
});

test('what it shows turns the first text into the second, as patch(1) reads it', async () => {
  const text = fc
    .array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n'), { maxLength: 12 })
    .map((all) => all.join(''));

  await fc.assert(
    fc.asyncProperty(text, text, fc.constantFrom('', 'tail'), async (before, after, tail) => {
      const [old, fresh] = [before + tail, after];
      const patch = unifiedDiff(old, fresh);
      await writeFile(join(dir, 'old'), old);
      await writeFile(join(dir, 'patch'), patch === '' ? '' : `--- old\n+++ old\n${patch}\n`);

      const patched = await run('patch', ['-s', '-o', '-', join(dir, 'old'), join(dir, 'patch')]);

      expect(patched.stdout).toBe(fresh);
    }),
    { numRuns: 40 },
  );
});
