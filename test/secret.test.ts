import { format, inspect } from 'node:util';
import pino from 'pino';
import { describe, expect, test } from 'vitest';
import { canonical } from '../src/canonical.ts';
import { reveal, Secret } from '../src/secret.ts';

const value = 'hunter2-correct-horse';
const secret = new Secret('DB_PASSWORD', value);
const inside = { deep: [{ secret }] };

describe('a secret', () => {
  const ways: [string, () => string][] = [
    ['a template', () => `${secret}`],
    ['a concatenation', () => `the `.concat(String(secret))],
    ['JSON', () => JSON.stringify(inside)],
    ['canonical JSON', () => canonical(inside)],
    ['inspect', () => inspect(inside, { depth: 9, showHidden: true })],
    ['format with %s', () => format('%s', secret)],
    ['format with %o', () => format('%o', secret)],
    ['format with %j', () => format('%j', inside)],
    ['an error message', () => inspect(new Error(`no login with ${secret}`, { cause: inside }))],
    ['its own properties', () => JSON.stringify(Object.entries(secret))],
    ['a copy by spread', () => JSON.stringify({ ...secret })],
    ['a structured clone', () => inspect(structuredClone(secret))],
    ['its list', () => [secret].join()],
  ];
  test.each(ways)('does not show through %s', (_, print) => {
    const text = print();

    expect(text).toContain('DB_PASSWORD');
    expect(text).not.toContain(value);
  });

  test('does not show in a log line', () => {
    const lines: string[] = [];
    const log = pino({}, { write: (line: string) => lines.push(line) });

    log.error(
      { err: new Error('no login', { cause: secret }), secret, inside },
      'failed %s %o',
      secret,
      inside,
    );

    expect(lines.join()).toContain('[secret DB_PASSWORD]');
    expect(lines.join()).not.toContain(value);
  });

  test('gives its value only when it is revealed', () => {
    expect(secret.reveal()).toBe(value);
    expect(reveal(secret)).toBe(value);
    expect(reveal('plain')).toBe('plain');
  });
});
