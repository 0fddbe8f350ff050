import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { onCallAt } from '../../src/alerts/schedule.ts';
import type { Rotation } from '../../src/alerts/settings.ts';
import { faceAt, faceOf, instantOf } from '../../src/alerts/wall-clock.ts';

const rotation = (given: Partial<Rotation> = {}): Rotation => ({
  name: 'primary',
  timeZone: 'Europe/Berlin',
  start: '2026-11-02T09:00',
  days: 7,
  people: ['U0A', 'U0B', 'U0C'],
  overrides: [],
  ...given,
});

const override = (from: string, to: string, person: string) => ({ from, to, person });

const on = (given: Rotation, at: string) => {
  const { now, next, until } = onCallAt(given, Date.parse(at));
  return [now, next, new Date(until).toISOString().slice(0, 16)];
};

describe('a schedule', () => {
  test.each([
    ['2026-11-02T07:59:59Z', undefined, 'U0A', '2026-11-02T08:00'],
    ['2020-01-01T00:00:00Z', undefined, 'U0A', '2026-11-02T08:00'],
    ['2026-11-02T08:00:00Z', 'U0A', 'U0B', '2026-11-09T08:00'],
    ['2026-11-09T07:59:59Z', 'U0A', 'U0B', '2026-11-09T08:00'],
    ['2026-11-09T08:00:00Z', 'U0B', 'U0C', '2026-11-16T08:00'],
    ['2026-11-22T03:00:00Z', 'U0C', 'U0A', '2026-11-23T08:00'],
    ['2027-03-29T06:59:59Z', 'U0C', 'U0A', '2027-03-29T07:00'],
    ['2027-03-29T07:00:00Z', 'U0A', 'U0B', '2027-04-05T07:00'],
  ])('has everybody take a turn: %s', (at, now, next, until) => {
    expect(on(rotation(), at)).toEqual([now, next, until]);
  });

  test.each([
    ['Europe/Berlin', '2026-03-28T12:00', '2026-03-28T11:00:00Z', '2026-03-29T10:00'],
    ['Europe/Berlin', '2026-10-24T12:00', '2026-10-24T10:00:00Z', '2026-10-25T11:00'],
    ['America/New_York', '2026-03-07T12:00', '2026-03-07T17:00:00Z', '2026-03-08T16:00'],
    ['America/New_York', '2026-10-31T12:00', '2026-10-31T16:00:00Z', '2026-11-01T17:00'],
    ['Europe/Berlin', '2026-03-28T02:30', '2026-03-28T01:30:00Z', '2026-03-29T01:00'],
    ['Europe/Berlin', '2026-10-24T02:30', '2026-10-24T00:30:00Z', '2026-10-25T00:30'],
    ['America/New_York', '2026-10-31T01:30', '2026-10-31T05:30:00Z', '2026-11-01T05:30'],
    ['Australia/Lord_Howe', '2026-10-03T02:15', '2026-10-02T15:45:00Z', '2026-10-03T15:30'],
  ])('changes at the time on the wall, whatever the clocks do: %s from %s', (timeZone, start, at, until) => {
    expect(on(rotation({ timeZone, start, days: 1 }), at)).toEqual(['U0A', 'U0B', until]);
  });

  test.each([
    ['2026-11-03T11:59:59Z', 'U0A', 'U0C', '2026-11-03T12:00'],
    ['2026-11-03T12:00:00Z', 'U0C', 'U0A', '2026-11-03T14:00'],
    ['2026-11-03T14:00:00Z', 'U0A', 'U0B', '2026-11-09T08:00'],
    // Across the end of a turn.
    ['2026-11-16T09:00:00Z', 'U0D', 'U0C', '2026-11-17T23:00'],
    ['2026-11-15T09:00:00Z', 'U0B', 'U0D', '2026-11-15T11:00'],
    // Beside their own turn.
    ['2026-11-22T12:00:00Z', 'U0C', 'U0A', '2026-11-24T11:00'],
    ['2026-11-23T12:00:00Z', 'U0C', 'U0A', '2026-11-24T11:00'],
    // Before the first turn.
    ['2026-11-01T12:00:00Z', 'U0E', 'U0A', '2026-11-02T08:00'],
    ['2026-10-01T12:00:00Z', undefined, 'U0E', '2026-11-01T11:00'],
  ])('lets somebody stand in: %s', (at, now, next, until) => {
    const given = rotation({
      overrides: [
        override('2026-11-01T12:00', '2026-11-02T09:00', 'U0E'),
        override('2026-11-03T13:00', '2026-11-03T15:00', 'U0C'),
        override('2026-11-15T12:00', '2026-11-18T00:00', 'U0D'),
        override('2026-11-23T09:00', '2026-11-24T12:00', 'U0C'),
      ],
    });

    expect(on(given, at)).toEqual([now, next, until]);
  });

  test('has whoever took over still on call when clocks go back to before that', () => {
    const given = rotation({ start: '2026-10-24T02:30', days: 1 });

    expect(on(given, '2026-10-25T00:30:00Z')).toEqual(['U0B', 'U0C', '2026-10-26T01:30']);
    expect(on(given, '2026-10-25T01:15:00Z')).toEqual(['U0B', 'U0C', '2026-10-26T01:30']);
  });

  test('has its first person next when somebody stands in long before it begins', () => {
    const given = rotation({ overrides: [override('2026-10-31T12:00', '2026-11-01T12:00', 'U0E')] });

    expect(on(given, '2026-11-01T00:00:00Z')).toEqual(['U0E', 'U0A', '2026-11-01T11:00']);
    expect(on(given, '2026-11-01T11:00:00Z')).toEqual([undefined, 'U0A', '2026-11-02T08:00']);
  });

  test('of one person has that person next, too, until the turn is over', () => {
    expect(on(rotation({ people: ['U0A'] }), '2026-11-10T00:00Z')).toEqual([
      'U0A',
      'U0A',
      '2026-11-16T08:00',
    ]);
  });

  test('with an override that ends a gap before it began lets nobody stand in', () => {
    const given = rotation({
      start: '2026-03-01T09:00',
      overrides: [override('2026-03-29T02:10', '2026-03-29T02:50', 'U0D')],
    });

    expect(on(given, '2026-03-29T00:30:00Z')).toEqual(['U0A', 'U0B', '2026-03-29T07:00']);
  });

  const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC'];
  const local = fc
    .integer({ min: Date.parse('2025-12-01T00:00Z') / 60_000, max: Date.parse('2027-02-01T00:00Z') / 60_000 })
    .map((minute) => new Date(minute * 60_000).toISOString().slice(0, 16));
  const person = fc.constantFrom('U0A', 'U0B', 'U0C', 'U0D');
  const anyRotation = fc.record({
    timeZone: fc.constantFrom(...zones),
    start: local,
    days: fc.integer({ min: 1, max: 14 }),
    people: fc.uniqueArray(person, { minLength: 1, maxLength: 4 }),
    overrides: fc.array(
      fc
        .tuple(local, local, person)
        .map(([a, b, who]) => (a < b ? override(a, b, who) : override(b, a, who))),
      { maxLength: 3 },
    ),
  });
  const instant = fc.integer({ min: Date.parse('2026-01-01T00:00Z'), max: Date.parse('2027-01-01T00:00Z') });

  test('has exactly one person at any time after its start, who hands over exactly then', () => {
    fc.assert(
      fc.property(anyRotation, instant, (given, at) => {
        const whole = rotation(given);

        const { now, next, until } = onCallAt(whole, at);

        const begins = instantOf(whole.timeZone, faceOf(whole.start) ?? 0);
        if (at >= begins) expect(now).toBeDefined();
        expect(until).toBeGreaterThan(at);
        expect(onCallAt(whole, until).now).toBe(
          until < begins && next !== onCallAt(whole, until).now ? undefined : next,
        );
        expect(onCallAt(whole, until - 1).now).toBe(now);
        for (const part of [0.1, 0.5, 0.9]) {
          expect(onCallAt(whole, Math.floor(at + (until - at) * part)).now).toBe(now);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('without overrides gives turns in order, each of whole days on the wall', () => {
    fc.assert(
      fc.property(anyRotation, instant, (given, at) => {
        const whole = rotation({ ...given, overrides: [], people: ['U0A', 'U0B', 'U0C'] });
        const { now = '', next, until } = onCallAt(whole, at);

        const turns = [now, next, onCallAt(whole, until).next];
        const long = faceAt(whole.timeZone, onCallAt(whole, until).until) - faceAt(whole.timeZone, until);

        const order =
          now === ''
            ? ['', 'U0A', 'U0B']
            : [...whole.people, ...whole.people].slice(whole.people.indexOf(now)).slice(0, 3);
        expect(turns).toEqual(order);
        // A turn that begins or ends in the hour that is left out does so when the clocks change.
        expect(Math.abs(long - whole.days * 86_400_000)).toBeLessThanOrEqual(3_600_000);
      }),
      { numRuns: 300 },
    );
  });
});
