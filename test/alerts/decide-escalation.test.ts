import { describe, expect, test } from 'vitest';
import type { Instant } from '../../src/alerts/group.ts';
import type { Given, Played } from './play-group.ts';
import {
  acknowledge,
  decided,
  deliver,
  ended,
  escalate,
  escalateLast,
  escalateNow,
  firing,
  groupOf,
  minute,
  noon,
  nothing,
  pageRefused,
  pageTold,
  played,
  quiet,
  resolve,
  ruling,
  told,
  unacknowledge,
} from './play-group.ts';

const at = noon + 5 * minute;
const one = played(nothing, deliver([firing('a')]));
const unpaged = played(
  nothing,
  deliver([firing('a')], { ruling: { ...ruling(), routing: { ...quiet.routing, policy: 'night' } } }),
);
const pages = (key: string) => escalate(0, { took: { wait: 5 * minute, tell: { page: key } }, people: [] });

describe('a timer of an escalation', () => {
  const rows: [string, Played, Given, Instant, string[]][] = [
    ['takes its step', one, escalate(0), at, ['Escalated 0']],
    [
      'does nothing for a step that was taken',
      played(one, [escalate(0), at]),
      escalate(0),
      at + 10 * minute,
      [],
    ],
    [
      'takes the step after it',
      played(one, [escalate(0), at]),
      escalate(1),
      at + 10 * minute,
      ['Escalated 1'],
    ],
    ['does nothing before its time', one, escalate(0), noon, []],
    [
      'may come a little early by the clock of another process',
      one,
      escalate(0),
      at - 1_000,
      ['Escalated 0'],
    ],
    [
      'comes at once when somebody will not wait',
      played(one, escalateNow()),
      escalate(0),
      noon,
      ['Escalated 0'],
    ],
    ['does nothing of another round', one, escalate(0, { round: 2 }), at, []],
    ['does nothing when somebody has it in hand', played(one, acknowledge()), escalate(0), at, []],
    ['does nothing when somebody has resolved it', played(one, resolve()), escalate(0), at, []],
    ['does nothing when nothing fires any more', played(one, deliver([ended('a')])), escalate(0), at, []],
    [
      'does nothing after the last step',
      played(one, [escalateLast(0), at]),
      escalate(1),
      at + 10 * minute,
      [],
    ],
    [
      'does nothing where nobody is to be told',
      played(nothing, deliver([firing('a')], { ruling: quiet })),
      escalate(0),
      at,
      [],
    ],
    [
      'does nothing when the wait began anew meanwhile',
      played(one, [acknowledge(), noon + minute], [unacknowledge(), noon + 4 * minute]),
      escalate(0),
      at,
      [],
    ],
    [
      'pages a service that knows nothing yet',
      unpaged,
      pages('infra'),
      at,
      ['Escalated 0', 'PageWanted triggered by infra'],
    ],
    [
      'pages another service beside the first',
      one,
      pages('managers'),
      at,
      ['Escalated 0', 'PageWanted triggered by managers'],
    ],
    ['does not page a service twice', played(one, pageTold(1)), pages('infra'), at, ['Escalated 0']],
    ['does not page a service that is about to be paged', one, pages('infra'), at, ['Escalated 0']],
    [
      'pages a service anew that refused before',
      played(one, pageRefused(1)),
      pages('infra'),
      at,
      ['Escalated 0', 'PageWanted triggered by infra'],
    ],
  ];

  test.each(rows)('%s', (_, before, given, now, expected) => {
    expect(told(decided(before, given, now))).toEqual(expected);
  });

  test('records who was told, and when the next step is due', () => {
    const play = played(one, [escalate(0, { because: 'nobody is next' }), at]);

    expect(groupOf(play).escalation).toEqual({
      policy: 'night',
      step: 1,
      nextAt: at + 10 * minute,
      status: 'running',
      told: [{ at, step: 0, people: ['U0CAROL'], because: 'nobody is next' }],
    });
  });

  test('leaves an escalation at its end after the last step', () => {
    const play = played(one, [escalateLast(0), at]);

    expect(groupOf(play).escalation).toMatchObject({ status: 'exhausted', step: 1 });
  });

  test('pages another service as well, and closes both when the alerts have ended', () => {
    const both = played(one, pageTold(1), [pages('managers'), at], pageTold(2));

    const { page, otherPages } = groupOf(played(both, deliver([ended('a')])));

    expect(groupOf(both).otherPages).toMatchObject([
      { key: 'managers', wanted: 'triggered', told: 'triggered' },
    ]);
    expect([page, ...otherPages]).toMatchObject([
      { key: 'infra', wanted: 'resolved', turn: 3 },
      { key: 'managers', wanted: 'resolved', turn: 4 },
    ]);
  });
});
