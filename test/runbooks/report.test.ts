import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instantOf, wallClock } from '../../src/alerts/wall-clock.ts';
import { decideReport, evolveReport, type Report } from '../../src/runbooks/report.ts';
import { lettersOf, type Week } from '../../src/runbooks/report-letters.ts';
import { reportsAround } from '../../src/runbooks/report-week.ts';
import type { Runbook } from '../../src/runbooks/runbook.ts';

const now = Date.parse('2026-11-23T09:00:00Z');
const monday = { day: 1, minute: 9 * 60, timeZone: 'UTC' };

const runbook = (name: string, rest: Partial<Runbook> = {}): Runbook => ({
  name,
  title: `About ${name}`,
  alerts: [],
  tags: [],
  hash: '',
  sections: [],
  reviewed: '2026-11-20',
  ...rest,
});

const week = (rest: Partial<Week> = {}): Week => ({
  now,
  runbooks: [],
  faults: [],
  unanswered: [],
  remarks: [],
  people: { ops: ['U0OPS'], web: ['U0WEB'] },
  announce: 'C0OPS',
  ...rest,
});

describe('when a report is due', () => {
  test.each([
    ['2026-11-23T08:59:59Z', 'report-2026-w47', '2026-11-16T09:00:00.000Z', 'report-2026-w48'],
    ['2026-11-23T09:00:00Z', 'report-2026-w48', '2026-11-23T09:00:00.000Z', 'report-2026-w49'],
    ['2026-11-22T23:00:00Z', 'report-2026-w47', '2026-11-16T09:00:00.000Z', 'report-2026-w48'],
    // The last days of 2026 are in its 53rd week, and so are the first of 2027.
    ['2027-01-01T00:00:00Z', 'report-2026-w53', '2026-12-28T09:00:00.000Z', 'report-2027-w01'],
    ['2024-12-31T00:00:00Z', 'report-2025-w01', '2024-12-30T09:00:00.000Z', 'report-2025-w02'],
  ])('at %s the last was %s', (at, last, due, next) => {
    const around = reportsAround(monday, Date.parse(at));

    expect(around.last.id).toBe(last);
    expect(new Date(around.last.due).toISOString()).toBe(due);
    expect(around.next.id).toBe(next);
  });

  test('its clock is that of its zone, also when clocks change', () => {
    const time = { day: 7, minute: 9 * 60, timeZone: 'Europe/Berlin' };

    const { last, next } = reportsAround(time, Date.parse('2026-10-20T00:00:00Z'));

    expect(new Date(last.due).toISOString()).toBe('2026-10-18T07:00:00.000Z');
    expect(new Date(next.due).toISOString()).toBe('2026-10-25T08:00:00.000Z');
  });

  test('every instant lies between the last and the next, which are a week and an id apart', () => {
    fc.assert(
      fc.property(
        fc.record({
          day: fc.integer({ min: 1, max: 7 }),
          minute: fc.integer({ min: 0, max: 1_439 }),
          timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'Pacific/Kiritimati', 'America/St_Johns'),
        }),
        fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2040, 0, 1) }),
        (time, at) => {
          const { last, next } = reportsAround(time, at);

          expect(last.due).toBeLessThanOrEqual(at);
          expect(next.due).toBeGreaterThan(at);
          expect(last.id).not.toBe(next.id);
          expect(reportsAround(time, last.due).last).toEqual(last);
          expect(reportsAround(time, next.due).last).toEqual(next);
          expect(wallClock(time.timeZone, last.due).weekday).toBe(time.day);
        },
      ),
    );
    expect(instantOf('UTC', now)).toBe(now);
  });
});

describe('the letters of a week', () => {
  test('bring to owners what is theirs, and to the channel what is nobody’s', () => {
    const letters = lettersOf(
      week({
        runbooks: [
          runbook('old', { owner: 'ops', reviewed: '2026-01-01' }),
          runbook('fresh', { owner: 'web' }),
          runbook('orphan', { owner: 'gone', reviewed: '2026-01-01' }),
        ],
        faults: [{ file: 'fresh.md', line: 3, message: 'title: expected a text' }],
        unanswered: [
          { alert: 'Rare', times: 1 },
          { alert: 'Often', times: 9 },
        ],
        remarks: [{ name: 'old', part: 't2', text: 'no such table', by: 'U0BOB', at: now }],
      }),
    );

    expect(letters.map(({ owner, people, channel }) => [owner, people, channel])).toEqual([
      ['ops', ['U0OPS'], undefined],
      ['web', ['U0WEB'], undefined],
      [undefined, [], 'C0OPS'],
    ]);
    const [ops, web, nobody] = letters.map(({ news }) => news);
    expect(ops?.stale.map(({ name }) => name)).toEqual(['old']);
    expect(ops?.remarks.map(({ text }) => text)).toEqual(['no such table']);
    expect(ops?.unanswered).toEqual([]);
    expect(web?.faults.map(({ file }) => file)).toEqual(['fresh.md']);
    expect(nobody?.stale.map(({ name }) => name)).toEqual(['orphan']);
    expect(nobody?.unanswered.map(({ alert }) => alert)).toEqual(['Often', 'Rare']);
  });

  test('are none when nothing is to be said', () => {
    expect(lettersOf(week({ runbooks: [runbook('fresh', { owner: 'ops' })] }))).toEqual([]);
    expect(lettersOf(week())).toEqual([]);
  });

  test('bring what nobody owns to every owner when there is no channel', () => {
    const { announce: _announce, ...silent } = week({
      runbooks: [runbook('fresh', { owner: 'ops' })],
      unanswered: [{ alert: 'Often', times: 9 }],
    });

    const letters = lettersOf(silent);

    expect(letters.map(({ owner, news }) => [owner, news.unanswered.length])).toEqual([['ops', 1]]);
  });

  test('go by the owner of today, and by that of then when the runbook is gone', () => {
    const remark = { text: 'wrong', by: 'U0BOB', at: now };

    const letters = lettersOf(
      week({
        runbooks: [runbook('moved', { owner: 'web' })],
        remarks: [
          { ...remark, name: 'moved', owner: 'ops' },
          { ...remark, name: 'deleted', owner: 'ops' },
        ],
      }),
    );

    expect(letters.map(({ owner, news }) => [owner, news.remarks.map(({ name }) => name)])).toEqual([
      ['ops', ['deleted']],
      ['web', ['moved']],
    ]);
  });

  test('hold thirty of each and count the rest', () => {
    const unanswered = Array.from({ length: 100 }, (_, index) => ({ alert: `A${index}`, times: 1 }));

    const [letter] = lettersOf(week({ unanswered }));

    expect(letter?.news.unanswered).toHaveLength(30);
    expect(letter?.news.left).toBe(70);
  });
});

test('a report is written once', () => {
  const id = 'report-2026-w48';
  const first = decideReport(undefined, { type: 'Write', id, letters: [] }, now);
  const report = first.events.reduce<Report | undefined>(evolveReport, undefined);

  const second = decideReport(report, { type: 'Write', id, letters: [] }, now + 1);

  expect(report).toEqual({ id, letters: [], at: now });
  expect(second).toEqual({ ok: true, events: [] });
});
