import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instantOf, isZero, readStamp, stampOf } from '../../src/alerts/stamp.ts';

describe('a time of a webhook', () => {
  test.each([
    ['of UTC', '2026-11-22T03:04:05Z', '2026-11-22T03:04:05.000000000Z'],
    ['with nanoseconds', '2026-11-22T03:04:05.123456789Z', '2026-11-22T03:04:05.123456789Z'],
    ['with few decimals', '2026-11-22T03:04:05.12Z', '2026-11-22T03:04:05.120000000Z'],
    ['with more than nanoseconds', '2026-11-22T03:04:05.1234567899Z', '2026-11-22T03:04:05.123456789Z'],
    ['east of Greenwich', '2026-11-22T03:04:05.5+05:45', '2026-11-21T21:19:05.500000000Z'],
    ['west of Greenwich', '2026-12-31T20:00:00-08:00', '2027-01-01T04:00:00.000000000Z'],
    ['in small letters', '2026-11-22t03:04:05z', '2026-11-22T03:04:05.000000000Z'],
    ['of a leap day', '2028-02-29T23:59:59Z', '2028-02-29T23:59:59.000000000Z'],
    ['of a leap second', '2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000000000Z'],
    ['of the year 1', '0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000000000Z'],
    ['of the year 99', '0099-06-01T00:00:00Z', '0099-06-01T00:00:00.000000000Z'],
    ['of the year 9999', '9999-12-31T23:59:59.999999999Z', '9999-12-31T23:59:59.999999999Z'],
    [
      'that its offset carries before the year 1',
      '0001-01-01T00:00:00+14:00',
      '0001-01-01T00:00:00.000000000Z',
    ],
    ['that its offset carries behind 9999', '9999-12-31T23:59:59-12:00', '9999-12-31T23:59:59.999999999Z'],
    ['of the year 0', '0000-05-05T00:00:00Z', '0001-01-01T00:00:00.000000000Z'],
  ])('%s is brought to UTC', (_, text, stamp) => {
    expect(readStamp(text)).toBe(stamp);
  });

  test.each([
    '',
    'yesterday',
    '2026-11-22',
    '2026-11-22T03:04:05',
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-11-22T24:00:00Z',
    '2026-11-22T03:60:05Z',
    '2026-11-22T03:04:61Z',
    '2026-11-22T03:04:05+24:00',
    '2026-11-22T03:04:05+01:60',
    '12026-11-22T03:04:05Z',
    '2026-11-22T03:04:05Z\n',
    ' 2026-11-22T03:04:05Z',
    '１026-11-22T03:04:05Z',
  ])('is not “%s”', (text) => {
    expect(readStamp(text)).toBeUndefined();
  });

  test('that is none is known by being zero', () => {
    const zero = ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000000001Z'].map(
      (text) => readStamp(text) ?? '',
    );

    expect(zero.map(isZero)).toEqual([true, false]);
  });

  test('is the same instant after it was read, whatever its offset', () => {
    const minutes = fc.integer({ min: -14 * 60, max: 14 * 60 });
    const instants = fc.date({
      min: new Date('0001-01-02'),
      max: new Date('9999-12-30'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instants, minutes, (at, offset) => {
        const local = new Date(at.getTime() + offset * 60_000).toISOString().slice(0, 23);
        const [hours, rest] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
        const pad = (number: number) => String(number).padStart(2, '0');

        const stamp = readStamp(`${local}${offset < 0 ? '-' : '+'}${pad(hours)}:${pad(rest)}`) ?? '';

        expect(instantOf(stamp)).toBe(at.getTime());
        expect(stamp).toBe(stampOf(at.getTime()));
      }),
    );
  });

  test('compares as text as it does in time', () => {
    const instants = fc.date({
      min: new Date('0001-01-02'),
      max: new Date('9999-12-30'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instants, instants, (a, b) => {
        expect(stampOf(a.getTime()) < stampOf(b.getTime())).toBe(a.getTime() < b.getTime());
      }),
    );
  });
});
