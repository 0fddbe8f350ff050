import { describe, expect, test } from 'vitest';
import type { IncidentCommand } from '../../src/incidents/commands.ts';
import {
  alice,
  bob,
  completeReview,
  decided,
  declaring,
  detailOf,
  eve,
  hour,
  incidentAfter,
  minute,
  noon,
  type Played,
  reopen,
  resolve,
  roomMade,
  ruling,
  severity,
  told,
  update,
} from './play-incident.ts';

const rename = (title: string, by = bob): IncidentCommand => ({ type: 'Rename', title, by });

describe('declaring an incident', () => {
  test('opens it with a commander, a channel to be made, and a time for the first update', () => {
    expect(incidentAfter()).toEqual({
      id: 'incident-0123456789abcdef',
      number: 12,
      title: 'Payments fail',
      severity: 'high',
      status: 'investigating',
      declaredBy: 'U0ALICE',
      declaredAt: noon,
      from: { channel: 'C0ALERTS', thread: '1.2' },
      roles: { commander: 'U0CAROL' },
      room: {
        name: 'inc-12-payments-fail',
        turn: 1,
        invited: [],
        wanted: ['U0ALICE', 'U0CAROL', 'U0ONCALL'],
      },
      groups: [{ group: 'group-0123456789abcdef', round: 1 }],
      runs: ['deployment-1'],
      updates: [],
      updatesSoFar: 0,
      updateDueAt: noon + hour,
      reminders: 0,
      pins: [],
      actions: [],
      notices: [],
      noticesSoFar: 0,
    });
  });

  test('owes no update where the configuration wants none', () => {
    const decision = decided(undefined, { ...declaring, severity: 'low' });

    expect(decision).toMatchObject({ ok: true, events: [{ type: 'IncidentDeclared' }] });
    expect(JSON.stringify(decision)).not.toContain('updateDueAt');
  });

  test('keeps a title on one bounded line, and each group and run once', () => {
    const [group = { group: '', round: 0 }] = declaring.groups;
    const decision = decided(undefined, {
      ...declaring,
      title: ` Pay\u202ements\n${'x'.repeat(500)}`,
      groups: [group, group, { ...group, round: 2 }],
      runs: ['deployment-1', 'deployment-1'],
    });

    const [event] = decision.ok ? decision.events : [];
    if (event?.type !== 'IncidentDeclared') throw new Error('not declared');
    expect(event.title).toMatch(/^Payments x+…$/);
    expect(event.title).toHaveLength(150);
    expect(event.groups).toHaveLength(2);
    expect(event.runs).toEqual(['deployment-1']);
  });

  test('is refused without the right, and without a title', () => {
    expect(told(decided(undefined, { ...declaring, by: eve }))).toBe('refused: not-allowed');
    expect(told(decided(undefined, { ...declaring, title: '\u200b \n' }))).toBe('refused: text-required');
  });

  test('a second time says which one there is, where, and who declared it', () => {
    const soon = decided(incidentAfter(), declaring, 1);
    const later = decided(incidentAfter(roomMade()), { ...declaring, by: bob }, 5);

    expect(soon).toMatchObject({ ok: false, refusal: { code: 'incident-known' } });
    expect(detailOf(soon)).toContain('#12, its channel is being made');
    expect(later).toMatchObject({ ok: false, refusal: { code: 'incident-known' } });
    expect(detailOf(later)).toBe('It is #12, in <#C0INC12>, declared by <@U0ALICE> at 2026-11-22 12:00 UTC.');
  });

  test('is needed before anything else', () => {
    expect(told(decided(undefined, update('Looking.')))).toBe('refused: incident-unknown');
  });
});

describe('an update', () => {
  test('is kept with its number, and the next one is owed from then on', () => {
    const { updates, updatesSoFar, updateDueAt, status } = incidentAfter([update(' The pool is full. '), 20]);

    expect(updates).toEqual([
      { number: 1, at: noon + 20 * minute, by: 'U0CAROL', text: 'The pool is full.' },
    ]);
    expect(updatesSoFar).toBe(1);
    expect(updateDueAt).toBe(noon + 80 * minute);
    expect(status).toBe('investigating');
  });

  test('changes the status, and the first time it is only watched it is mitigated', () => {
    const watched = incidentAfter([update('Rolled back.', 'monitoring'), 10]);
    const again = incidentAfter(
      [update('Rolled back.', 'monitoring'), 10],
      [update('Not quite.', 'investigating'), 12],
      [update('Now.', 'monitoring'), 30],
    );

    expect(watched).toMatchObject({ status: 'monitoring', mitigatedAt: noon + 10 * minute });
    expect(watched.updates[0]?.status).toBe('monitoring');
    expect(again).toMatchObject({ status: 'monitoring', mitigatedAt: noon + 10 * minute });
  });

  test('names a status only when it is another', () => {
    expect(incidentAfter(update('Looking.', 'investigating')).updates[0]).not.toHaveProperty('status');
  });

  test('that is sent twice within a minute is one, and later it is another', () => {
    const once = incidentAfter([update('Still looking.'), 10]);

    expect(told(decided(once, update('Still looking.'), 10.5))).toEqual([]);
    expect(told(decided(once, update('Still looking.', undefined, bob), 10.5))).toEqual(['Updated']);
    expect(told(decided(once, update('Still looking.'), 40))).toEqual(['Updated']);
  });

  test('after many leaves the newest twenty', () => {
    const { updates, updatesSoFar } = incidentAfter(
      ...Array.from({ length: 25 }, (_, index) => update(`No. ${index + 1}`)),
    );

    expect(updates.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, index) => index + 6));
    expect(updatesSoFar).toBe(25);
  });

  test.each<[string, readonly Played[], IncidentCommand, string]>([
    ['without the right', [], update('Looking.', undefined, alice), 'refused: not-allowed'],
    ['without a text', [], update(' \n '), 'refused: text-required'],
    ['once it is resolved', [resolve()], update('Looking.'), 'refused: incident-resolved'],
  ])('is refused %s', (_, before, command, expected) => {
    expect(told(decided(incidentAfter(...before), command, 5))).toBe(expected);
  });
});

describe('the severity', () => {
  test.each<[string, readonly Played[], IncidentCommand, number, number | undefined]>([
    ['gets worse: sooner', [], severity('critical'), 5, 35],
    ['gets worse: never later than it was', [], severity('critical'), 50, 60],
    ['gets better: later', [], severity('medium'), 50, 290],
    ['gets so low that none is owed', [], severity('low'), 50, undefined],
    ['gets worse from there', [[severity('low'), 1]], severity('high'), 50, 110],
  ])('says when the next update is owed when it %s', (_, before, command, at, due) => {
    const { updateDueAt } = incidentAfter(...before, [command, at]);

    expect(updateDueAt).toBe(due === undefined ? undefined : noon + due * minute);
  });

  test('keeps an update owed that was, where the worse one owes none', () => {
    const odd = { ...ruling, updateEvery: { high: hour } };
    const worse = incidentAfter({ type: 'ChangeSeverity', severity: 'critical', by: bob, ruling: odd });

    expect(worse.updateDueAt).toBe(noon + hour);
  });

  test('can be put right once it is resolved, without owing an update', () => {
    const incident = incidentAfter(resolve(), severity('critical'));

    expect(incident.severity).toBe('critical');
    expect(incident.updateDueAt).toBeUndefined();
  });

  test('is changed by those who may respond, and only to another', () => {
    expect(told(decided(incidentAfter(), severity('critical', alice)))).toBe('refused: not-allowed');
    expect(told(decided(incidentAfter(), severity('high')))).toEqual([]);
  });
});

describe('the title', () => {
  test('can be another, not the same and not empty', () => {
    expect(incidentAfter(rename('Payments of cards fail')).title).toBe('Payments of cards fail');
    expect(told(decided(incidentAfter(), rename('Payments fail')))).toEqual([]);
    expect(told(decided(incidentAfter(), rename(' ')))).toBe('refused: text-required');
    expect(told(decided(incidentAfter(), rename('Payments of cards fail', eve)))).toBe(
      'refused: not-allowed',
    );
  });
});

describe('resolving', () => {
  test('ends it, owes no update, and asks for the review', () => {
    const incident = incidentAfter([resolve('Rolled back.'), 90]);

    expect(incident).toMatchObject({
      status: 'resolved',
      resolvedAt: noon + 90 * minute,
      resolvedBy: 'U0CAROL',
      mitigatedAt: noon + 90 * minute,
      reminders: 0,
      review: {
        dueAt: noon + 90 * minute + 24 * hour,
        remindAt: noon + 90 * minute + 12 * hour,
        reminders: 0,
      },
    });
    expect(incident.updateDueAt).toBeUndefined();
    expect(incident.updates).toEqual([
      { number: 1, at: noon + 90 * minute, by: 'U0CAROL', text: 'Rolled back.', status: 'resolved' },
    ]);
  });

  test('keeps the time when it was mitigated', () => {
    expect(incidentAfter([update('Back.', 'monitoring'), 10], [resolve(), 20]).mitigatedAt).toBe(
      noon + 10 * minute,
    );
  });

  test('reminds one interval before the review is due, or then when it is due sooner', () => {
    const slow = incidentAfter([severity('low'), 1], [resolve(), 10]);
    const soon = { ...ruling, remindEvery: 48 * hour };
    const due = incidentAfter([{ type: 'Resolve', text: 'Done.', by: bob, ruling: soon }, 10]);

    expect(slow.review?.remindAt).toBe(noon + 10 * minute + 228 * hour);
    expect(due.review?.remindAt).toBe(due.review?.dueAt);
  });

  test('is refused without the right, without a text, and the second time with who was first', () => {
    const again = decided(incidentAfter([resolve(), 3]), resolve('Me too.', bob), 4);

    expect(told(decided(incidentAfter(), resolve('Done.', alice)))).toBe('refused: not-allowed');
    expect(told(decided(incidentAfter(), resolve('')))).toBe('refused: text-required');
    expect(told(again)).toBe('refused: incident-resolved');
    expect(detailOf(again)).toBe('Resolved by <@U0CAROL> at 2026-11-22 12:03 UTC.');
  });
});

describe('reopening', () => {
  test('takes the review away, owes an update, and what was mitigated is not', () => {
    const incident = incidentAfter([resolve(), 10], [reopen('It is back.', bob), 20]);

    expect(incident).toMatchObject({ status: 'investigating', updateDueAt: noon + 80 * minute });
    expect(incident.review).toBeUndefined();
    expect(incident.resolvedAt).toBeUndefined();
    expect(incident.resolvedBy).toBeUndefined();
    expect(incident.mitigatedAt).toBeUndefined();
    expect(incident.updates.at(-1)).toMatchObject({
      number: 2,
      text: 'It is back.',
      status: 'investigating',
    });
  });

  test('leads to a review again once it is resolved again', () => {
    const incident = incidentAfter([resolve(), 10], [reopen(), 20], [resolve('Now.', bob), 30]);

    expect(incident.review?.dueAt).toBe(noon + 30 * minute + 24 * hour);
    expect(incident.resolvedBy).toBe('U0BOB');
  });

  test.each<[string, readonly Played[], IncidentCommand, string]>([
    ['while it is open', [], reopen(), 'refused: nothing-waiting'],
    ['without a text', [resolve()], reopen(' '), 'refused: text-required'],
    ['without the right', [resolve()], reopen('Back.', alice), 'refused: not-allowed'],
    ['once the review is done', [resolve(), completeReview()], reopen(), 'refused: already-decided'],
  ])('is refused %s', (_, before, command, expected) => {
    expect(told(decided(incidentAfter(...before), command, 5))).toBe(expected);
  });
});
