import { describe, expect, test } from 'vitest';
import {
  knownZone,
  nextWorkingHours,
  silenceUntil,
} from '../../../../src/bot/actions/alerts/silence-span.ts';

const at = (text: string) => Date.parse(text);
const iso = (instant: number) => new Date(instant).toISOString();
/** A Sunday night. */
const now = at('2026-11-22T03:04:05Z');

describe('the next working hours', () => {
  test.each([
    ['on a Sunday are those of Monday', 'Europe/Berlin', '2026-11-22T03:04:05Z', '2026-11-23T08:00:00.000Z'],
    ['before nine are those of the day', 'Europe/Berlin', '2026-11-24T07:59:59Z', '2026-11-24T08:00:00.000Z'],
    [
      'at nine are those of the next day',
      'Europe/Berlin',
      '2026-11-24T08:00:00Z',
      '2026-11-25T08:00:00.000Z',
    ],
    ['on a Friday at noon are those of Monday', 'UTC', '2026-11-27T12:00:00Z', '2026-11-30T09:00:00.000Z'],
    ['are by the date of the zone', 'Asia/Tokyo', '2026-11-22T15:30:00Z', '2026-11-23T00:00:00.000Z'],
    ['follow a change of the clocks', 'America/New_York', '2026-03-07T12:00:00Z', '2026-03-09T13:00:00.000Z'],
    ['come after the end of a year', 'UTC', '2026-12-31T10:00:00Z', '2027-01-01T09:00:00.000Z'],
  ])('%s', (_, zone, from, wanted) => {
    const next = nextWorkingHours(zone, at(from));

    expect(iso(next)).toBe(wanted);
  });
});

describe('a silence ends', () => {
  test.each([
    [{ span: '30m' }, '2026-11-22T03:34:05.000Z'],
    [{ span: '2h' }, '2026-11-22T05:04:05.000Z'],
    [{ span: '8h' }, '2026-11-22T11:04:05.000Z'],
    [{ span: 'working-hours' }, '2026-11-23T08:00:00.000Z'],
    [{ span: 'custom', date: '2026-11-22', time: '18:30' }, '2026-11-22T17:30:00.000Z'],
    // What was chosen for another span is not meant.
    [{ span: '2h', date: '2020-01-01', time: '00:00' }, '2026-11-22T05:04:05.000Z'],
  ] as const)('when %o was asked for, by the clock of Berlin', (answers, wanted) => {
    const found = silenceUntil(answers, 'Europe/Berlin', now);

    expect(found).toEqual({ until: at(wanted) });
  });

  test.each([
    [{}, { span: 'Choose for how long.' }],
    [{ span: 'custom' }, { date: 'Choose the date and the time at which it ends.' }],
    [{ span: 'custom', date: '2026-11-22' }, { time: 'Choose the date and the time at which it ends.' }],
    [{ span: 'custom', date: '2026-02-30', time: '10:00' }, { date: 'No calendar has this date.' }],
    [
      { span: 'custom', date: '2026-11-22', time: '04:04' },
      { date: 'That is over already, by the clock of Europe/Berlin.' },
    ],
    [{ span: 'custom', date: '2026-12-23', time: '10:00' }, { date: 'A silence lasts 30 days at most.' }],
  ] as const)('at no time when %o was asked for, and the dialogue says why', (answers, wrong) => {
    const found = silenceUntil(answers, 'Europe/Berlin', now);

    expect(found).toEqual({ wrong });
  });
});

test.each([
  ['Europe/Berlin', 'Europe/Berlin'],
  ['Mars/Olympus', undefined],
  ['', undefined],
  [undefined, undefined],
])('a time zone that Slack calls %s is known as %s', (name, wanted) => {
  const zone = knownZone(name);

  expect(zone).toBe(wanted);
});
