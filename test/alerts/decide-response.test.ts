import { describe, expect, test } from 'vitest';
import type { Given, Played } from './play-group.ts';
import {
  acknowledge,
  carol,
  dan,
  decided,
  deliver,
  ended,
  escalate,
  escalateLast,
  escalateNow,
  eve,
  firing,
  groupOf,
  hour,
  minute,
  noon,
  nothing,
  pageChanged,
  pageTold,
  played,
  quiet,
  resolve,
  ruling,
  told,
  unacknowledge,
} from './play-group.ts';

const one = played(nothing, deliver([firing('a')]));
const paged = played(one, pageTold(1));
const silent = played(nothing, deliver([firing('a')], { ruling: quiet }));
const over = played(one, deliver([ended('a')]));
const newer = played(over, deliver([firing('a', 10)]));
const mine = played(paged, acknowledge());
const done = played(paged, resolve());
const stepped = played(one, [escalate(0, { took: { wait: 0, tell: { group: 'ops' } } }), noon + hour]);

type Row = [string, Played, Given, string | string[]];

describe('an acknowledgement', () => {
  const rows: Row[] = [
    [
      'stops the escalation and is told to PagerDuty',
      paged,
      acknowledge(),
      ['Acknowledged', 'EscalationStopped', 'PageWanted acknowledged by infra'],
    ],
    ['needs neither escalation nor page', silent, acknowledge(), ['Acknowledged']],
    ['is not given without the right to respond', paged, acknowledge(eve), 'refused: not-allowed'],
    ['is not given when nothing fires any more', over, acknowledge(), 'refused: alerts-resolved'],
    ['is not given for a round that is over', newer, acknowledge(), 'refused: alerts-resolved'],
    [
      'is given for the round that fires',
      newer,
      acknowledge(carol, 2),
      ['Acknowledged', 'EscalationStopped', 'PageWanted acknowledged by infra'],
    ],
    ['is given once', mine, acknowledge(dan), 'refused: already-decided'],
    ['is given once by the same person', mine, acknowledge(carol), 'refused: already-decided'],
    [
      'is given once, in PagerDuty too',
      played(paged, pageChanged('acknowledged')),
      acknowledge(),
      'refused: already-decided',
    ],
    ['is not given when somebody has resolved it', done, acknowledge(), 'refused: already-decided'],
    ['is not given for a group that is not there', nothing, acknowledge(), 'refused: group-unknown'],
    [
      'is taken back by anybody who may respond',
      mine,
      unacknowledge(dan),
      ['Unacknowledged', 'EscalationStarted at 0 in 5 min', 'PageWanted triggered by infra'],
    ],
    ['is not taken back without that right', mine, unacknowledge(eve), 'refused: not-allowed'],
    ['is not taken back when nobody has given it', paged, unacknowledge(), 'refused: nothing-waiting'],
    [
      'is not taken back when nothing fires any more',
      played(mine, deliver([ended('a')])),
      unacknowledge(),
      'refused: alerts-resolved',
    ],
    [
      'is not taken back when somebody has resolved it',
      played(mine, resolve()),
      unacknowledge(),
      'refused: already-decided',
    ],
    [
      'is taken back where nobody would have been told',
      played(silent, acknowledge()),
      unacknowledge(),
      ['Unacknowledged'],
    ],
    [
      'that is taken back lets the escalation go on where it was',
      played(one, [escalate(0), noon + 5 * minute], acknowledge()),
      unacknowledge(),
      ['Unacknowledged', 'EscalationStarted at 1 in 5 min', 'PageWanted triggered by infra'],
    ],
    [
      'that is taken back starts an escalation that had come to its end',
      played(one, [escalateLast(0), noon + 5 * minute], acknowledge()),
      unacknowledge(),
      ['Unacknowledged', 'EscalationStarted at 0 in 5 min', 'PageWanted triggered by infra'],
    ],
  ];

  test.each(rows)('%s', (_, before, given, expected) => {
    expect(told(decided(before, given))).toEqual(expected);
  });

  test('that comes second says who was first and when', () => {
    const here = decided(mine, acknowledge(dan), noon + hour);
    const there = decided(played(paged, pageChanged('acknowledged')), acknowledge(dan));

    expect(here).toMatchObject({
      refusal: { detail: 'Acknowledged by <@U0CAROL> at 2030-01-01 12:00 UTC.' },
    });
    expect(there).toMatchObject({
      refusal: { detail: 'Acknowledged by Paula in PagerDuty at 2030-01-01 12:00 UTC.' },
    });
  });

  test('that comes too late says when they were resolved, or that others fire now', () => {
    expect(decided(over, acknowledge())).toMatchObject({
      refusal: { detail: 'They were resolved at 2030-01-01 12:00 UTC.' },
    });
    expect(decided(newer, acknowledge())).toMatchObject({
      refusal: { detail: expect.stringContaining('a newer one fires now') },
    });
  });

  test('that is taken back is wanted back in PagerDuty too', () => {
    const group = groupOf(played(mine, pageTold(2), unacknowledge()));

    expect(group.page).toMatchObject({ wanted: 'triggered', told: 'acknowledged', turn: 3 });
    expect(group.changes.at(-1)).toMatchObject({ what: 'unacknowledged' });
    expect(group).not.toHaveProperty('acknowledged');
  });

  test('that is taken back pages for a round that was in hand from its start', () => {
    const flappy = ruling({ flapping: { episodes: 2, within: hour } });
    const flapping = played(
      nothing,
      deliver([firing('a')], { ruling: flappy }),
      acknowledge(),
      deliver([ended('a')], { ruling: flappy }),
      deliver([firing('a', 10)], { ruling: flappy }),
    );

    expect(told(decided(flapping, unacknowledge(carol, 2)))).toEqual([
      'Unacknowledged',
      'EscalationStarted at 0 in 5 min',
      'PageWanted triggered by infra',
    ]);
  });

  test('by somebody with a strange name in PagerDuty stays on one line', () => {
    const by = { via: 'pagerduty', id: 'P1', name: 'Eve\n\u202e<!channel>'.padEnd(500, 'x') } as const;

    const decision = decided(played(paged, pageChanged('acknowledged', { by })), acknowledge());

    const detail = decision.ok ? '' : decision.refusal.detail;
    expect(detail).not.toMatch(/[\n\u202e]/);
    expect(detail.length).toBeLessThan(200);
  });
});

describe('Resolve', () => {
  const rows: Row[] = [
    [
      'closes the page and stops the escalation',
      paged,
      resolve(),
      ['Dismissed', 'EscalationStopped', 'PageWanted resolved by infra'],
    ],
    ['closes a page that was acknowledged', mine, resolve(), ['Dismissed', 'PageWanted resolved by infra']],
    ['needs neither escalation nor page', silent, resolve(), ['Dismissed']],
    ['works once', done, resolve(dan), 'refused: already-decided'],
    ['needs the right to respond', paged, resolve(eve), 'refused: not-allowed'],
    ['comes too late when nothing fires any more', over, resolve(), 'refused: alerts-resolved'],
    ['comes too late for a round that is over', newer, resolve(), 'refused: alerts-resolved'],
  ];

  test.each(rows)('%s', (_, before, given, expected) => {
    expect(told(decided(before, given))).toEqual(expected);
  });

  test('leaves the group firing until its source says otherwise', () => {
    expect(groupOf(done)).toMatchObject({
      status: 'firing',
      firing: 1,
      dismissed: { by: { via: 'slack', id: carol.id }, at: noon },
      escalation: { status: 'stopped' },
    });
  });
});

describe('Escalate', () => {
  const rows: Row[] = [
    ['takes the next step now', one, escalateNow(), ['EscalationHurried']],
    ['is not pressed twice', played(one, escalateNow()), escalateNow(dan), 'refused: already-decided'],
    ['does nothing when somebody has it in hand', mine, escalateNow(), 'refused: already-decided'],
    ['does nothing when somebody has resolved it', done, escalateNow(), 'refused: already-decided'],
    ['does nothing without a policy', silent, escalateNow(), 'refused: nothing-waiting'],
    [
      'does nothing when every step was taken',
      played(one, [escalateLast(0), noon + hour]),
      escalateNow(),
      'refused: nothing-waiting',
    ],
    ['goes on with the step after it', stepped, escalateNow(), ['EscalationHurried']],
    ['needs the right to respond', one, escalateNow(eve), 'refused: not-allowed'],
    ['comes too late when nothing fires any more', over, escalateNow(), 'refused: alerts-resolved'],
  ];

  test.each(rows)('%s', (_, before, given, expected) => {
    expect(told(decided(before, given))).toEqual(expected);
  });
});
