import { describe, expect, test } from 'vitest';
import { alertStats, type Happening, isNight } from '../../src/alerts/stats.ts';

const minute = 60_000;
const noon = Date.UTC(2026, 10, 22, 12);

function told(
  ...parts: readonly [group: string, after: number, what: Happening['what']][]
): readonly Happening[] {
  return parts.map(([group, after, what]) => ({
    group,
    name: group.toUpperCase(),
    at: noon + after * minute,
    what,
  }));
}

describe('what alerts cost', () => {
  test('is nothing without alerts', () => {
    expect(alertStats([], 'UTC')).toEqual({
      opened: 0,
      unattended: 0,
      pages: 0,
      pagesAtNight: 0,
      noisiest: [],
    });
  });

  test('counts from each opening to its first acknowledgement and to its end', () => {
    const stats = alertStats(
      told(
        ['a', 0, 'opened'],
        ['a', 2, 'acknowledged'],
        ['a', 5, 'acknowledged'],
        ['a', 10, 'closed'],
        ['a', 60, 'opened'],
        ['a', 64, 'acknowledged'],
        ['a', 90, 'closed'],
        ['b', 0, 'opened'],
        ['b', 1, 'closed'],
        ['c', 0, 'opened'],
      ),
      'UTC',
    );

    expect(stats).toMatchObject({ opened: 4, unattended: 1 });
    expect(stats.toAcknowledge).toEqual({ count: 2, mean: 3 * minute, p95: 4 * minute });
    expect(stats.toResolve).toMatchObject({ count: 3, p95: 30 * minute });
  });

  test('leaves out an end and an acknowledgement whose opening was before the span', () => {
    const stats = alertStats(told(['a', 0, 'acknowledged'], ['a', 1, 'closed']), 'UTC');

    expect(stats).toMatchObject({ opened: 0, unattended: 0 });
    expect(stats.toResolve).toBeUndefined();
  });

  test('names what fires most often, and how often within an hour', () => {
    const noisy = [0, 10, 20, 59, 200].flatMap((after): [string, number, Happening['what']][] => [
      ['a', after, 'opened'],
      ['a', after + 1, 'closed'],
    ]);

    expect(alertStats(told(...noisy, ['b', 0, 'opened']), 'UTC').noisiest).toEqual([
      { name: 'A', opened: 5, inAnHour: 4 },
      { name: 'B', opened: 1, inAnHour: 1 },
    ]);
  });

  test('counts a page as one at night by the clock of the people who were woken', () => {
    const pages = told(['a', 0, 'opened'], ['a', 0, 'paged'], ['a', 9 * 60, 'paged']);

    expect(alertStats(pages, 'Europe/Berlin')).toMatchObject({ pages: 2, pagesAtNight: 1 });
    expect(alertStats(pages, 'America/Los_Angeles')).toMatchObject({ pages: 2, pagesAtNight: 1 });
    expect(alertStats(pages, 'Asia/Tokyo')).toMatchObject({ pages: 2, pagesAtNight: 1 });
  });

  test.each([
    ['21:59', Date.UTC(2026, 0, 1, 21, 59), false],
    ['22:00', Date.UTC(2026, 0, 1, 22), true],
    ['06:59', Date.UTC(2026, 0, 1, 6, 59), true],
    ['07:00', Date.UTC(2026, 0, 1, 7), false],
  ])('night at %s', (_, at, expected) => {
    expect(isNight('UTC', at)).toBe(expected);
  });
});
