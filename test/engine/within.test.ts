import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { pause, within } from '../../src/engine/within.ts';

const tooLate = () => new Error('too late');
const open = () => new AbortController().signal;

test('gives what the work gives, and throws what it throws', async () => {
  await expect(within(1_000, open(), tooLate, async () => 'done')).resolves.toBe('done');
  await expect(within(1_000, open(), tooLate, () => Promise.reject(new Error('broken')))).rejects.toThrow(
    'broken',
  );
});

test('throws at the limit, whatever the work makes of the signal', async () => {
  const deaf = within(20, open(), tooLate, () => new Promise(() => undefined));
  const clever = within(20, open(), tooLate, async (signal) => {
    await delay(60_000, undefined, { signal }).catch(() => undefined);
    throw new Error('socket hang up');
  });

  await expect(deaf).rejects.toThrow('too late');
  await expect(clever).rejects.toThrow('too late');
});

test('throws the outer reason when it is aborted from outside, before or in the middle', async () => {
  const controller = new AbortController();
  const running = within(60_000, controller.signal, tooLate, () => new Promise(() => undefined));
  controller.abort(new Error('stopped'));

  await expect(running).rejects.toThrow('stopped');
  let isCalled = false;
  const late = within(60_000, controller.signal, tooLate, async () => {
    isCalled = true;
  });
  await expect(late).rejects.toThrow('stopped');
  expect(isCalled).toBe(false);
});

test('a pause ends early with its signal and never throws', async () => {
  const controller = new AbortController();
  const startedAt = Date.now();
  const pausing = pause(60_000, controller.signal);
  controller.abort();

  await pausing;
  await pause(60_000, controller.signal);

  expect(Date.now() - startedAt).toBeLessThan(5_000);
});
