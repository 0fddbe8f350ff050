import { describe, expect, test } from 'vitest';
import { flaps } from '../../src/alerts/flapping.ts';
import { hour, minute, noon } from './play-group.ts';

const budget = { episodes: 3, within: hour };

describe('a group that opens', () => {
  const rows: [string, readonly number[], number, boolean][] = [
    ['for the first time does not flap', [], noon, false],
    ['for the second time does not flap', [noon], noon + minute, false],
    ['for the third time within the span flaps', [noon, noon + minute], noon + 2 * minute, true],
    ['for the third time at the end of the span flaps', [noon, noon + minute], noon + hour - 1, true],
    ['for the third time after the span does not flap', [noon, noon + minute], noon + hour, false],
  ];

  test.each(rows)('%s', (_, openings, now, expected) => {
    expect(flaps(openings, now, budget)).toBe(expected);
  });

  test('flaps by a budget that is larger than what is kept', () => {
    const openings = Array.from({ length: 50 }, (_, index) => noon + index);

    expect(flaps(openings, noon + minute, { episodes: 1_000, within: hour })).toBe(true);
  });
});
