import { describe, expect, test } from 'vitest';
import { isQuiet } from '../../src/alerts/quiet-hours.ts';
import type { QuietHours } from '../../src/alerts/settings.ts';

const everyDay = [1, 2, 3, 4, 5, 6, 7];

const hours = (
  timeZone: string,
  from: string,
  to: string,
  days: readonly number[] = everyDay,
): QuietHours => ({
  name: 'test',
  timeZone,
  days,
  from: minutes(from),
  to: minutes(to),
});

function minutes(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return hour * 60 + minute;
}

describe('quiet hours', () => {
  // 2026-11-02 is a Monday.
  test.each([
    ['before they begin', '2026-11-02T20:59:59.999Z', false],
    ['when they begin', '2026-11-02T21:00:00Z', true],
    ['before midnight', '2026-11-02T22:59:59Z', true],
    ['at midnight', '2026-11-02T23:00:00Z', true],
    ['just before they end', '2026-11-03T05:59:59.999Z', true],
    ['when they end', '2026-11-03T06:00:00Z', false],
    ['in the evening of a day on which none begin', '2026-11-07T22:00:00Z', false],
    ['in the morning after a day on which they began', '2026-11-07T02:00:00Z', true],
    ['in the morning after a day on which none began', '2026-11-08T02:00:00Z', false],
    ['in the morning of Monday, after Sunday', '2026-11-02T02:00:00Z', false],
  ])('over midnight, from Monday to Friday: %s', (_when, at, expected) => {
    const nights = hours('Europe/Berlin', '22:00', '07:00', [1, 2, 3, 4, 5]);

    expect(isQuiet(nights, Date.parse(at))).toBe(expected);
  });

  test.each([
    ['2026-11-07T05:00:00Z', true],
    ['2026-11-08T04:59:59Z', true],
    ['2026-11-08T05:00:00Z', false],
    ['2026-11-07T04:59:59Z', false],
  ])('last all day when they end as the day does: %s', (at, expected) => {
    expect(isQuiet(hours('America/New_York', '00:00', '24:00', [6]), Date.parse(at))).toBe(expected);
    expect(isQuiet(hours('America/New_York', '00:00', '00:00', [6]), Date.parse(at))).toBe(expected);
  });

  test.each([
    [
      'Europe/Berlin',
      '2026-03-29',
      'in spring the night has no 02:30',
      '2026-03-28T21:00Z',
      '2026-03-29T05:00Z',
      8,
    ],
    ['Europe/Berlin', '2026-10-25', 'in autumn it has two', '2026-10-24T20:00Z', '2026-10-25T06:00Z', 10],
    [
      'America/New_York',
      '2026-03-08',
      'in spring the night has no 02:30',
      '2026-03-08T03:00Z',
      '2026-03-08T11:00Z',
      8,
    ],
    [
      'America/New_York',
      '2026-11-01',
      'in autumn 01:30 comes twice',
      '2026-11-01T02:00Z',
      '2026-11-01T12:00Z',
      10,
    ],
    ['Asia/Kolkata', '2026-06-01', 'an offset of half an hour', '2026-05-31T16:30Z', '2026-06-01T01:30Z', 9],
  ])('%s on %s, %s: from 22:00 to 07:00 by the clock on the wall', (zone, _day, _what, begin, end, long) => {
    const nights = hours(zone, '22:00', '07:00');
    const [from, to] = [Date.parse(begin), Date.parse(end)];

    const quiet = Array.from({ length: 48 }, (_, half) => from - 6 * 3_600_000 + half * 1_800_000).filter(
      (at) => isQuiet(nights, at),
    );

    expect(to - from).toBe(long * 3_600_000);
    expect(quiet.filter((at) => at < from - 3_600_000 || (at >= to && at < to + 3_600_000))).toEqual([]);
    expect([isQuiet(nights, from - 1), isQuiet(nights, from)]).toEqual([false, true]);
    expect([isQuiet(nights, to - 1), isQuiet(nights, to)]).toEqual([true, false]);
    expect(quiet.filter((at) => at >= from && at < to)).toHaveLength(long * 2);
  });

  test.each([
    ['Europe/Berlin', '2026-03-29T00:59:59Z', '2026-03-29T01:00:00Z', false, false],
    ['Europe/Berlin', '2026-10-25T00:15:00Z', '2026-10-25T01:15:00Z', true, true],
    ['America/New_York', '2026-03-08T06:59:59Z', '2026-03-08T07:00:00Z', false, false],
    ['America/New_York', '2026-11-01T06:15:00Z', '2026-11-01T07:15:00Z', false, true],
  ])('%s: hours within the hour that is left out or comes twice, at %s and %s', (zone, a, b, atA, atB) => {
    const narrow = hours(zone, '02:00', '03:00');

    expect([isQuiet(narrow, Date.parse(a)), isQuiet(narrow, Date.parse(b))]).toEqual([atA, atB]);
  });
});
