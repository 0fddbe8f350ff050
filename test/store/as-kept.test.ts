import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asKept } from '../../src/store/as-kept.ts';
import { type TestStore, testStore } from '../support/store.ts';

let store: TestStore;

beforeAll(async () => {
  store = await testStore();
});
afterAll(() => store.drop());

test('a value is as PostgreSQL gives it back, down to the order of its members', async () => {
  const name = fc.oneof(
    fc.constantFrom('job', 'pod', 'instance', 'é', 'zz', '中', '10', '9', '__proto__', 'constructor'),
    fc.string({ unit: 'grapheme', maxLength: 4 }).filter((text) => !text.includes('\u0000')),
  );
  const labels = fc.dictionary(name, fc.constantFrom('a', 'b'), { maxKeys: 8 });
  const value = fc.record({ labels, all: fc.array(labels, { maxLength: 3 }), at: fc.nat(), more: labels });
  await fc.assert(
    fc.asyncProperty(value, async (given) => {
      const { rows } = await store.pool.query<{ kept: unknown }>('select $1::jsonb as kept', [
        JSON.stringify(given),
      ]);

      expect(JSON.stringify(asKept(given))).toBe(JSON.stringify(rows[0]?.kept));
    }),
    { numRuns: 200 },
  );
});
