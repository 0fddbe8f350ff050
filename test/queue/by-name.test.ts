import { expect, test } from 'vitest';
import { byName } from '../../src/queue/by-name.ts';

test('a job goes to the work of its name, and any other to the rest', async () => {
  const done: string[] = [];
  const work = byName({ page: async ({ group }) => void done.push(`page ${group}`) }, async ({ name }) => {
    done.push(`rest ${name}`);
  });

  await work({ name: 'page', data: { group: 'g' }, at: 0 });
  await work({ name: 'toString', data: {}, at: 0 });

  expect(done).toEqual(['page g', 'rest toString']);
});

test('a job that nobody works on is an error, so that the queue keeps it', async () => {
  await expect(byName({})({ name: 'page', data: {}, at: 0 })).rejects.toThrow('nobody works on page');
});
