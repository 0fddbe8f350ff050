import { describe, expect, test } from 'vitest';
import type { IncidentCommand } from '../../src/incidents/commands.ts';
import { incidentJobs } from '../../src/incidents/jobs.ts';
import {
  addAction,
  alice,
  bob,
  carol,
  completeAction,
  completeReview,
  dan,
  decided,
  detailOf,
  eve,
  hour,
  incidentAfter,
  minute,
  noon,
  type Played,
  pin,
  remindReview,
  remindUpdate,
  reopen,
  resolve,
  ruling,
  severity,
  told,
  update,
} from './play-incident.ts';

describe('an action', () => {
  test('has a number, an owner and a day', () => {
    const { actions } = incidentAfter(addAction(), addAction({ title: 'Write it down', due: '2026-11-22' }));

    expect(actions).toEqual([
      {
        number: 1,
        title: 'Alert before the pool is full',
        owner: 'U0DAN',
        due: '2026-11-29',
        by: 'U0CAROL',
      },
      { number: 2, title: 'Write it down', owner: 'U0DAN', due: '2026-11-22', by: 'U0CAROL' },
    ]);
  });

  test.each([
    ['yesterday', '2026-11-21'],
    ['a day that no month has', '2026-11-31'],
    ['a month that no year has', '2026-13-01'],
    ['a time', '2026-11-29T12:00'],
    ['a word', 'tomorrow'],
    ['nothing', ''],
  ])('is not due on %s', (_, due) => {
    expect(told(decided(incidentAfter(), addAction({ due })))).toBe('refused: day-invalid');
  });

  test('may be due today wherever its owner is', () => {
    // At 06:00 UTC it is still the day before in Honolulu.
    expect(told(decided(incidentAfter(), addAction({ due: '2026-11-22' }), 18 * 60))).toEqual([
      'ActionAdded',
    ]);
    expect(told(decided(incidentAfter(), addAction({ due: '2026-11-22' }), 25 * 60))).toBe(
      'refused: day-invalid',
    );
  });

  test('is added once, and as often as it is done again', () => {
    expect(told(decided(incidentAfter(addAction()), addAction()))).toEqual([]);
    expect(told(decided(incidentAfter(addAction()), addAction({ owner: 'U0EVE' })))).toEqual(['ActionAdded']);
    expect(told(decided(incidentAfter(addAction(), completeAction()), addAction()))).toEqual(['ActionAdded']);
  });

  test('is done once, by its owner too', () => {
    const done = incidentAfter(addAction(), [completeAction(1, dan), 30]);
    const again = decided(done, completeAction(), 40);

    expect(done.actions[0]).toMatchObject({ doneBy: 'U0DAN', doneAt: noon + 30 * minute });
    expect(told(again)).toBe('refused: already-decided');
    expect(detailOf(again)).toBe('Done by <@U0DAN> at 2026-11-22 12:30 UTC.');
  });

  test.each<[string, readonly Played[], IncidentCommand, string]>([
    ['added without the right', [], addAction({ by: alice }), 'not-allowed'],
    ['added without a title', [], addAction({ title: ' ' }), 'text-required'],
    ['done by a stranger', [addAction()], completeAction(1, eve), 'not-allowed'],
    ['done though it is not there', [addAction()], completeAction(2), 'not-found'],
  ])('is refused when it is %s', (_, before, command, code) => {
    expect(told(decided(incidentAfter(...before), command))).toBe(`refused: ${code}`);
  });

  test('has company, but not without end', () => {
    const full = incidentAfter(
      ...Array.from({ length: 100 }, (_, index) => addAction({ title: `${index}` })),
    );

    expect(told(decided(full, addAction()))).toBe('refused: incident-full');
  });
});

describe('the review', () => {
  const resolved = [[resolve(), 10]] as const;

  test('is done once, with where it can be read, whatever actions are open', () => {
    const done = incidentAfter(...resolved, addAction(), [
      completeReview(bob, ' https://wiki.example/12\n'),
      60,
    ]);
    const again = decided(done, completeReview(), 70);

    expect(done.review?.done).toEqual({
      by: 'U0BOB',
      at: noon + 60 * minute,
      where: 'https://wiki.example/12',
    });
    expect(told(again)).toBe('refused: already-decided');
    expect(detailOf(again)).toContain('<@U0BOB> at 2026-11-22 13:00 UTC');
  });

  test('is refused without the right, and while the incident is open', () => {
    expect(told(decided(incidentAfter(...resolved), completeReview(alice)))).toBe('refused: not-allowed');
    expect(told(decided(incidentAfter(), completeReview()))).toBe('refused: nothing-waiting');
  });

  test('is reminded of until it is done, each time sets the next', () => {
    const { review } = incidentAfter(...resolved);
    const first = review?.remindAt ?? 0;
    const late = incidentAfter(...resolved, [remindReview(first), (first - noon) / minute + 7]);

    expect(late.review).toMatchObject({ reminders: 1, remindAt: first + 7 * minute + 12 * hour });
    expect(incidentJobs(late)).toEqual([
      expect.objectContaining({ name: 'room' }),
      {
        id: `incident-0123456789abcdef.review.${late.review?.remindAt}`,
        queue: 'timers',
        name: 'remind-review',
        data: { incident: 'incident-0123456789abcdef', remindAt: late.review?.remindAt },
        at: late.review?.remindAt,
      },
    ]);
  });

  test('is reminded of by no timer that is stale', () => {
    const incident = incidentAfter(...resolved);
    const first = incident.review?.remindAt ?? 0;

    expect(told(decided(incident, remindReview(first + 1)))).toEqual([]);
    expect(told(decided(incidentAfter(...resolved, reopen()), remindReview(first)))).toEqual([]);
    expect(told(decided(incidentAfter(...resolved, completeReview()), remindReview(first)))).toEqual([]);
    expect(told(decided(incidentAfter(...resolved, remindReview(first)), remindReview(first)))).toEqual([]);
  });
});

describe('an update that is owed', () => {
  const due = noon + hour;

  test('is reminded of, again after as long, and counted until it comes', () => {
    const once = incidentAfter([remindUpdate(due), 60]);
    const twice = incidentAfter([remindUpdate(due), 60], [remindUpdate(due + hour), 125]);
    const told = incidentAfter([remindUpdate(due), 60], [update('Still looking.'), 70]);

    expect(once).toMatchObject({ reminders: 1, updateDueAt: due + hour });
    expect(twice).toMatchObject({ reminders: 2, updateDueAt: due + hour + 65 * minute });
    expect(told).toMatchObject({ reminders: 0, updateDueAt: noon + 130 * minute });
  });

  test('has a timer of its own', () => {
    expect(incidentJobs(incidentAfter()).find(({ name }) => name === 'remind-update')).toEqual({
      id: `incident-0123456789abcdef.update.${due}`,
      queue: 'timers',
      name: 'remind-update',
      data: { incident: 'incident-0123456789abcdef', dueAt: due },
      at: due,
    });
  });

  test('is reminded of later than before by a clock that is behind', () => {
    expect(incidentAfter([remindUpdate(due), 59.9]).updateDueAt).toBe(due + hour);
  });

  test('is reminded of by no timer that is stale', () => {
    expect(told(decided(incidentAfter(update('Looking.')), remindUpdate(due), 60))).toEqual([]);
    expect(told(decided(incidentAfter(severity('critical')), remindUpdate(due), 60))).toEqual([]);
    expect(told(decided(incidentAfter(resolve()), remindUpdate(due), 60))).toEqual([]);
    expect(told(decided(incidentAfter(remindUpdate(due)), remindUpdate(due), 60))).toEqual([]);
  });

  test('is reminded of where the configuration has come to want none', () => {
    const incident = incidentAfter();
    const changed: IncidentCommand = {
      type: 'RemindUpdate',
      dueAt: due,
      ruling: { ...ruling, updateEvery: {} },
    };

    expect(decided(incident, changed, 60)).toMatchObject({
      events: [{ type: 'UpdateReminded', updateDueAt: due + 12 * hour }],
    });
  });
});

describe('a pinned message', () => {
  test('stands by the time at which it was written, once', () => {
    const incident = incidentAfter(pin('1795348865.500100', 'second'), pin('1795348800.000200', ' first '));

    expect(incident.pins).toEqual([
      { ts: '1795348800.000200', at: noon, author: 'U0BOB', text: 'first', by: 'U0EVE' },
      { ts: '1795348865.500100', at: noon + 65_500, author: 'U0BOB', text: 'second', by: 'U0EVE' },
    ]);
    expect(told(decided(incident, pin('1795348800.000200', 'edited')))).toEqual([]);
  });

  test('can be taken off, once, and put on again', () => {
    const unpin: IncidentCommand = { type: 'Unpin', ts: '1795348800.000200', by: 'U0EVE' };
    const off = incidentAfter(pin('1795348800.000200'), unpin);

    expect(off.pins).toEqual([]);
    expect(told(decided(off, unpin))).toEqual([]);
    expect(incidentAfter(pin('1795348800.000200'), unpin, pin('1795348800.000200')).pins).toHaveLength(1);
  });

  test('is bounded, and so is how many the state keeps', () => {
    const { pins } = incidentAfter(
      ...Array.from({ length: 205 }, (_, index) => pin(`${1_795_348_800 + index}.000100`, 'x'.repeat(9_000))),
    );

    expect(pins).toHaveLength(200);
    expect(pins[0]?.at).toBe(noon + 5_000);
    expect(pins[0]?.text.length).toBeLessThanOrEqual(500);
  });

  test('has the name of a message', () => {
    expect(told(decided(incidentAfter(), pin('Infinity')))).toBe('refused: not-found');
  });

  test('may be pinned by anybody, also after the review', () => {
    expect(incidentAfter(resolve(), completeReview(carol), pin('1795348800.000200')).pins).toHaveLength(1);
  });
});
