import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keepable, redacting } from '../../src/engine/redact.ts';
import { Secret } from '../../src/secret.ts';

const secrets = (...values: readonly string[]) =>
  Object.fromEntries(values.map((value, index) => [`S${index}`, new Secret(`S${index}`, value)]));

/** Characters that the names which stand in for secrets have none of, so that a find is a leak. */
const value = fc
  .string({ minLength: 4, maxLength: 40, unit: fc.constantFrom(...'äß€😀/+=?&%"\\\n xyzXYZ6789') })
  .filter((text) => text.isWellFormed());

const spell: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  'a URL': encodeURIComponent,
  'a URL in lower-case digits': (text) =>
    encodeURIComponent(text).replace(/%../g, (code) => code.toLowerCase()),
  'a form': (text) => new URLSearchParams({ a: text }).toString().slice(2),
  JSON: (text) => JSON.stringify(text).slice(1, -1),
  hex: (text) => Buffer.from(text).toString('hex'),
  Base64: (text) => Buffer.from(text).toString('base64'),
  'Base64 for URLs': (text) => Buffer.from(text).toString('base64url'),
};

describe('redacting', () => {
  test.each(Object.keys(spell))('leaves no secret of four or more characters in %s', (spelling) => {
    fc.assert(
      fc.property(value, fc.string(), fc.string(), (secret, before, after) => {
        const written = spell[spelling]?.(secret) ?? '';

        const redacted = redacting(secrets(secret))(`${before}${written}${after}`);

        expect(redacted).not.toContain(written.replace(/=+$/, ''));
        expect(redacted).not.toContain(secret);
      }),
    );
  });

  test('finds a password in the header of basic authentication, wherever it stands', () => {
    const redact = redacting(secrets('correct horse battery'));

    for (const user of ['a', 'ab', 'abc', 'abcd']) {
      const header = Buffer.from(`${user}:correct horse battery`).toString('base64');
      const redacted = redact(`authorization: Basic ${header}`);

      expect(redacted).toContain('[secret S0]');
      const left = redacted.replace('authorization: Basic ', '').replace('[secret S0]', '');
      expect(left.length).toBeLessThan(10);
    }
  });

  test('removes a secret that contains another as a whole', () => {
    const redact = redacting(secrets('hunter2', 'postgres://u:hunter2@db/x'));

    expect(redact('at postgres://u:hunter2@db/x and hunter2')).toBe('at [secret S1] and [secret S0]');
  });

  test('leaves alone what is too short to be told from ordinary text, and what is no secret', () => {
    const redact = redacting({ ...secrets('abc'), NAME: 'production' });

    expect(redact('abc in production')).toBe('abc in production');
  });
});

describe('evidence', () => {
  const entry = (text: string) => ({ asked: text, of: 'host', answered: text });
  const same = (text: string) => text;

  test('is kept whole when it is small', () => {
    expect(keepable([entry('select 1')], same)).toEqual([entry('select 1')]);
  });

  test('is redacted before it is cut, so that no half of a secret stays', () => {
    const secret = 'x'.repeat(6_000);
    const [kept] = keepable([entry(`${'a'.repeat(3_900)}${secret}`)], redacting(secrets(secret)));

    expect(kept?.answered).toBe(`${'a'.repeat(3_900)}[secret S0]`);
  });

  test('is bounded in all, however many and long its entries are, and says what is left out', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 30_000 }), (count, length) => {
        const kept = keepable(
          Array.from({ length: count }, () => entry('y'.repeat(length))),
          same,
        );

        const size = kept.reduce(
          (sum, { asked, of, answered }) => sum + asked.length + of.length + answered.length,
          0,
        );
        expect(size).toBeLessThan(100_000);
        if (kept.length < count) expect(kept.at(-1)?.asked).toContain('left out');
      }),
      { numRuns: 30 },
    );
  });

  test('holds only characters that the database takes', () => {
    const [kept] = keepable([entry('a\u0000b\ud800c')], same);

    expect(kept?.answered).toBe('a\uFFFDb\uFFFDc');
  });
});
