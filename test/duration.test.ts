import { describe, expect, test } from 'vitest';
import { Duration, milliseconds, readable } from '../src/duration.ts';

describe('a written duration', () => {
  const right: [string, number][] = [
    ['500ms', 500],
    ['30s', 30_000],
    ['1.5s', 1_500],
    ['10m', 600_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['0s', 0],
  ];
  test.each(right)('%s is %d ms', (text, expected) => {
    expect(Duration.parse(text)).toBe(expected);
    expect(milliseconds(text)).toBe(expected);
  });

  const wrong = ['', '30', 's', '30 s', '-1s', '1h30m', '2w', '1e3s', '.5s', ' 30s', '30S'];
  test.each(wrong)('"%s" is refused, with what was expected', (text) => {
    const parsed = Duration.safeParse(text);

    expect(parsed.error?.issues[0]?.message).toContain('30s, 10m, 2h or 7d');
    expect(() => milliseconds(text)).toThrow(RangeError);
  });
});

describe('a span of time reads as', () => {
  const spans: [number, string][] = [
    [0, '0 s'],
    [49, '0 s'],
    [420, '0.4 s'],
    [1_000, '1 s'],
    [9_949, '9.9 s'],
    [9_999, '10 s'],
    [12_345, '12 s'],
    [59_499, '59 s'],
    [59_500, '1 min'],
    [185_000, '3 min 5 s'],
    [3_599_499, '59 min 59 s'],
    [3_599_500, '1 h'],
    [7_800_000, '2 h 10 min'],
    [172_799_000, '47 h 59 min'],
    [172_800_000, '2 d'],
    [532_800_000, '6 d 4 h'],
  ];
  test.each(spans)('%d ms: %s', (span, expected) => {
    expect(readable(span)).toBe(expected);
  });
});
