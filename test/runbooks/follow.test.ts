import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Followed, follow } from '../../src/runbooks/follow.ts';
import { until } from '../support/until.ts';

let folder = '';
const followed: { readonly close: () => Promise<void> }[] = [];
const silent = { info: () => undefined, error: () => undefined };
const hour = 3_600_000;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'follow-'));
});

afterEach(async () => {
  await Promise.all(followed.splice(0).map((one) => one.close()));
  await rm(folder, { recursive: true });
});

function start(looking: Pick<Followed, 'lookMs' | 'look'> & Partial<Followed>) {
  const one = follow({ folder, log: silent, ...looking });
  followed.push(one);
  return one;
}

const whole = new Map([['', 1n]]);

test('what changes between a look and the watch that it begins is looked at', async () => {
  let looks = 0;
  const look = async () => {
    looks += 1;
    if (looks === 1) await writeFile(join(folder, 'a.md'), 'words');
    return whole;
  };

  start({ lookMs: hour, look });

  await until('another look', () => looks >= 2);
});

test('a look that fails is told of, and the next one comes', async () => {
  let looks = 0;
  const told: unknown[] = [];
  const look = async () => {
    looks += 1;
    if (looks === 1) throw new Error('no');
    return whole;
  };

  start({ lookMs: 5, look, log: { ...silent, error: (what: unknown) => told.push(what) } });

  await until('another look', () => looks >= 2);
  expect(told).toMatchObject([{ folder, error: { message: 'no' } }]);
});

test('a folder that nobody can watch is looked at all the same', async () => {
  let looks = 0;
  const told: unknown[] = [];
  const look = async () => {
    looks += 1;
    return new Map([['not/there', 1n]]);
  };

  start({ lookMs: 5, look, log: { ...silent, info: (what: unknown) => told.push(what) } });

  await until('more looks', () => looks >= 5);
  expect(told).toHaveLength(1);
});

test('closing waits for the look at work and ends with it', async () => {
  let release = () => {};
  let looks = 0;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const one = start({
    lookMs: 1,
    look: async () => {
      looks += 1;
      await held;
      return new Map();
    },
  });
  await until('the look', () => looks === 1);

  let isClosed = false;
  const closing = one.close().then(() => {
    isClosed = true;
  });
  let others = 0;
  start({
    lookMs: 1,
    look: async () => {
      others += 1;
      return new Map();
    },
  });
  await until('looks of another', () => others >= 5);
  expect(isClosed).toBe(false);
  release();
  await closing;
  others = 0;
  await until('later looks of another', () => others >= 5);

  expect(looks).toBe(1);
});
