import { describe, expect, test } from 'vitest';
import { groupJobs } from '../../src/alerts/jobs.ts';
import type { Given, Played } from './play-group.ts';
import {
  acknowledge,
  decided,
  deliver,
  ended,
  escalate,
  firing,
  groupOf,
  minute,
  noon,
  nothing,
  pageChanged,
  pageRefused,
  pageTold,
  paula,
  played,
  quiet,
  resolve,
  told,
} from './play-group.ts';

const one = played(nothing, deliver([firing('a')]));
const paged = played(one, pageTold(1));
const mine = played(paged, acknowledge());
const over = played(paged, deliver([ended('a')]));
const both = played(paged, [
  escalate(0, { took: { wait: 0, tell: { page: 'managers' } } }),
  noon + 5 * minute,
]);

type Row = [string, Played, Given, string | string[]];

describe("PagerDuty's answer to a call", () => {
  const rows: Row[] = [
    ['is known by its turn', one, pageTold(1), ['PageTold triggered']],
    ['to what is no longer wanted does nothing', mine, pageTold(1), []],
    ['to the newest call counts', mine, pageTold(2), ['PageTold acknowledged']],
    ['that comes again does nothing', paged, pageTold(1), []],
    ['counts when the group is closed', over, pageTold(2), ['PageTold resolved']],
    [
      'counts when the group has opened anew',
      played(over, deliver([firing('a', 10)])),
      pageTold(2),
      ['PageTold resolved'],
    ],
    ['may be that it refuses for good', one, pageRefused(1), ['PageRefused']],
    ['that it refuses does nothing when it comes again', played(one, pageRefused(1)), pageRefused(1), []],
    ['that it refuses an older call does nothing', mine, pageRefused(1), []],
    [
      'about no page does nothing',
      played(nothing, deliver([firing('a')], { ruling: quiet })),
      pageTold(1),
      [],
    ],
  ];

  test.each(rows)('%s', (_, before, given, expected) => {
    expect(told(decided(before, given))).toEqual(expected);
  });

  test('is told in the thread when it pages or refuses', () => {
    expect(groupOf(paged).changes).toMatchObject([{ what: 'paged' }]);
    expect(groupOf(played(one, pageRefused(1))).changes).toMatchObject([
      { what: 'page-refused', detail: 'invalid key' },
    ]);
  });

  test('that it refused a page leaves nothing to acknowledge or close there', () => {
    const refused = played(one, pageRefused(1));

    expect(told(decided(refused, acknowledge()))).toEqual(['Acknowledged', 'EscalationStopped']);
    expect(told(decided(refused, resolve()))).toEqual(['Dismissed', 'EscalationStopped']);
  });
});

describe('a call that PagerDuty refused', () => {
  const refused = played(mine, pageRefused(2));

  test('is not made again', () => {
    expect(groupOf(refused).page).toMatchObject({
      wanted: 'acknowledged',
      told: 'triggered',
      refused: 'invalid key',
    });
    expect(groupJobs(groupOf(refused))).toEqual([]);
  });

  test('does not hinder the next one', () => {
    const { page } = groupOf(played(refused, resolve()));

    expect(page).toEqual({
      key: 'infra',
      dedupKey: 'dedup-1',
      wanted: 'resolved',
      told: 'triggered',
      turn: 3,
    });
  });

  test('is forgotten when somebody does it there', () => {
    const { page } = groupOf(played(refused, pageChanged('acknowledged')));

    expect(page).toEqual({
      key: 'infra',
      dedupKey: 'dedup-1',
      wanted: 'acknowledged',
      told: 'acknowledged',
      turn: 2,
    });
  });
});

describe('what somebody does in PagerDuty', () => {
  const rows: Row[] = [
    [
      'acknowledges the group',
      paged,
      pageChanged('acknowledged'),
      ['Acknowledged', 'EscalationStopped', 'PageFollowed acknowledged'],
    ],
    [
      'acknowledges it before the call is known to be accepted',
      one,
      pageChanged('acknowledged'),
      ['Acknowledged', 'EscalationStopped', 'PageFollowed acknowledged'],
    ],
    ['acknowledges it once', played(paged, pageChanged('acknowledged')), pageChanged('acknowledged'), []],
    [
      'is our own acknowledgement come back',
      mine,
      pageChanged('acknowledged'),
      ['PageFollowed acknowledged'],
    ],
    [
      'takes the acknowledgement back',
      mine,
      pageChanged('unacknowledged', { escalateAfter: 5 * minute }),
      ['Unacknowledged', 'EscalationStarted at 0 in 5 min', 'PageFollowed triggered'],
    ],
    [
      'lets the next step be taken at once where no wait is told',
      mine,
      pageChanged('unacknowledged'),
      ['Unacknowledged', 'EscalationStarted at 0 in 0 min', 'PageFollowed triggered'],
    ],
    ['takes nothing back where nobody acknowledged', paged, pageChanged('unacknowledged'), []],
    [
      'resolves it as Resolve does',
      paged,
      pageChanged('resolved'),
      ['Dismissed', 'EscalationStopped', 'PageFollowed resolved'],
    ],
    ['resolves it once', played(paged, pageChanged('resolved')), pageChanged('resolved'), []],
    ['is our own resolving come back', over, pageChanged('resolved'), []],
    [
      'resolves all services that were paged, since it is not told which one it was',
      both,
      pageChanged('resolved'),
      ['Dismissed', 'EscalationStopped', 'PageWanted resolved by infra', 'PageWanted resolved by managers'],
    ],
    [
      'gives it to somebody else',
      paged,
      pageChanged('reassigned', { assignees: ['Ann', 'Bo'] }),
      ['Reassigned'],
    ],
    [
      'gives it to the same people once',
      played(paged, pageChanged('reassigned', { assignees: ['Ann'] })),
      pageChanged('reassigned', { assignees: ['Ann'] }),
      [],
    ],
    ['does nothing about another incident', paged, pageChanged('acknowledged', { dedupKey: 'dedup-2' }), []],
    ['does nothing when nothing fires any more', over, pageChanged('acknowledged'), []],
    ['does nothing when somebody has resolved it', played(paged, resolve()), pageChanged('acknowledged'), []],
    [
      'does nothing where nobody was paged',
      played(nothing, deliver([firing('a')], { ruling: quiet })),
      pageChanged('acknowledged'),
      [],
    ],
  ];

  test.each(rows)('%s', (_, before, given, expected) => {
    expect(told(decided(before, given))).toEqual(expected);
  });

  test.each(['acknowledged', 'unacknowledged', 'resolved'] as const)('is not told back to it: %s', (to) => {
    const before = groupOf(to === 'unacknowledged' ? played(mine, pageTold(2)) : paged);

    const { page } = groupOf(
      played(to === 'unacknowledged' ? played(mine, pageTold(2)) : paged, pageChanged(to)),
    );

    expect(page?.turn).toBe(before.page?.turn);
    expect(page?.told).toBe(page?.wanted);
  });

  test('is shown with the name', () => {
    const play = played(
      paged,
      pageChanged('acknowledged'),
      pageChanged('reassigned', { assignees: ['Ann\u202e', 'Bo'] }),
    );

    expect(groupOf(play).acknowledged).toEqual({ by: paula, at: noon });
    expect(groupOf(play).page?.assignees).toEqual(['Ann', 'Bo']);
    expect(groupOf(play).changes.at(-1)).toMatchObject({ what: 'reassigned', by: paula, detail: 'Ann, Bo' });
  });
});
