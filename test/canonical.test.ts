import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonical, sha256 } from '../src/canonical.ts';

describe('canonical JSON', () => {
  const rows: [string, unknown, string][] = [
    ['sorts keys', { b: 1, a: 2 }, '{"a":2,"b":1}'],
    ['sorts keys at every depth', { z: [{ b: 1, a: { d: 1, c: 2 } }] }, '{"z":[{"a":{"c":2,"d":1},"b":1}]}'],
    ['sorts capital letters first', { a: 1, B: 2 }, '{"B":2,"a":1}'],
    ['sorts by code unit, not by language', { ä: 1, z: 2 }, '{"z":2,"ä":1}'],
    ['keeps the order of lists', [3, 1, 2], '[3,1,2]'],
    ['leaves out what is undefined', { a: undefined, b: null }, '{"b":null}'],
    ['escapes text', { a: '"\n' }, '{"a":"\\"\\n"}'],
    ['takes a date as its time', new Date(0), '"1970-01-01T00:00:00.000Z"'],
  ];
  test.each(rows)('%s', (_, value, expected) => {
    expect(canonical(value)).toBe(expected);
  });

  test('is the same in whatever order the keys came', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());

        expect(canonical(turned)).toBe(canonical(value));
      }),
    );
  });

  test('reads back as the value it was made of', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonical(value);

        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonical(JSON.parse(text))).toBe(text);
      }),
    );
  });
});

describe('a hash', () => {
  test('of a text is the SHA-256 that everybody computes', () => {
    // FIPS 180-2, appendix B.1
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  test('of a value is that of its canonical JSON', () => {
    expect(sha256({ b: 1, a: 2 })).toBe(sha256('{"a":2,"b":1}'));
  });

  test('changes with any value', () => {
    expect(sha256({ a: 1 })).not.toBe(sha256({ a: '1' }));
  });
});
