import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  action,
  encode,
  encodeMetadata,
  listensTo,
  parse,
  parseMetadata,
} from '../../../src/bot/blocks/action.ts';

describe('what a button carries', () => {
  test('comes back as it was written', () => {
    const reference = { run: 'run-42', phase: 'database', step: 'create-role', digest: 'a'.repeat(64) };

    const back = parse(encode(reference));

    expect(back).toEqual(reference);
  });

  test('is nothing when somebody else wrote it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.json(), fc.string()), (value) => {
        const back = parse(value);

        expect(back).toBeUndefined();
      }),
    );
  });

  test('cannot name what no run can be called', () => {
    const writing = () => encode({ run: '<!channel>' });

    expect(writing).toThrow();
  });
});

test('what a modal carries comes back as it was written, also without a run', () => {
  const metadata = { environment: 'production', channel: 'C012', message: '1712.0001' };

  const back = parseMetadata(encodeMetadata(metadata));

  expect(back).toEqual(metadata);
  expect(parseMetadata('{"run":7}')).toBeUndefined();
});

test.each([
  ['step.skip', true],
  ['step.skip:12', true],
  ['step.skipped', false],
  ['stepxskip', false],
])('a listener for skipping hears %s: %s', (id, hears) => {
  const heard = listensTo(action.skip).test(id);

  expect(heard).toBe(hears);
});
