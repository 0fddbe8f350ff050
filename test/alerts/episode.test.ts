import { describe, expect, test } from 'vitest';
import type { Alert, Episode } from '../../src/alerts/alert.ts';
import type { Given, Played } from './play-group.ts';
import { decided, deliver, ended, firing, kept, look, minutes, nothing, played, told } from './play-group.ts';

const one = played(nothing, deliver([firing('a')]));
const over = played(one, deliver([ended('a', 0, 5)]));
const two = played(nothing, deliver([firing('a'), firing('b')]));

/** A row as a table can show it: its name, the minutes from and until, and its round. */
function brief({ fingerprint, status, startsAt, endsAt, round }: Episode): string {
  const since = minutesOf(startsAt);
  const until = endsAt === undefined ? '' : minutesOf(endsAt);
  return `${fingerprint} ${status} ${since}-${until} #${round}`;
}

function minutesOf(stamp: string): string {
  return stamp === minutes(0) ? '0' : String((Date.parse(stamp) - Date.parse(minutes(0))) / 60_000);
}

type Row = [string, Played, Given, string[], string[]];

const rows: Row[] = [
  [
    'that is new fires',
    one,
    deliver([firing('a'), firing('b', 1)]),
    ['AlertsFired 1 (2 firing, 0 resolved)'],
    ['b firing 1- #1'],
  ],
  ['that is told again does nothing', one, deliver([firing('a')]), [], []],
  [
    'that a peer tells again does nothing',
    one,
    deliver([firing('a')], { externalUrl: 'http://peer:9093' }),
    [],
    [],
  ],
  [
    'ends by its own start',
    two,
    deliver([ended('a', 0, 5), firing('b')]),
    ['AlertsResolved 1 (1 firing, 1 resolved)'],
    ['a resolved 0-5 #1'],
  ],
  [
    'does not end by the end of an earlier one',
    played(nothing, deliver([firing('a', 10)])),
    deliver([ended('a', 0, 5)]),
    [],
    [],
  ],
  [
    'ends with one that began before it and lasted into it, which a peer knows as the same',
    played(nothing, deliver([firing('a', 1), firing('b')])),
    deliver([ended('a', 0, 5), firing('b')]),
    ['AlertsResolved 1 (1 firing, 1 resolved)'],
    ['a resolved 1-5 #1'],
  ],
  [
    'that ended is not ended again',
    played(two, deliver([ended('a'), firing('b')])),
    deliver([ended('a', 0, 6), firing('b')]),
    [],
    [],
  ],
  ['does not fire again by a late delivery', over, deliver([firing('a')]), [], []],
  ['does not fire by one that is older than what is known', over, deliver([firing('a', -5)]), [], []],
  ['that fires does not fire again as an older one', one, deliver([firing('a', -5)]), [], []],
  ['does not fire again by the start that another replica saw', over, deliver([firing('a', 3)]), [], []],
  ['does not fire again by a start at the very end of the last one', over, deliver([firing('a', 5)]), [], []],
  [
    'fires anew when it began after the last one had ended',
    played(two, deliver([ended('a', 0, 5), firing('b')])),
    deliver([firing('a', 6), firing('b')]),
    ['AlertsFired 1 (2 firing, 1 resolved)'],
    ['a firing 6- #1'],
  ],
  [
    'fires again when Alertmanager shows it, whatever was told',
    played(two, deliver([ended('a', 0, 5), firing('b')])),
    look([firing('a')]),
    ['AlertsFired 1 (2 firing, 0 resolved)'],
    ['a firing 0- #1'],
  ],
  [
    'fires again when Alertmanager shows it with an earlier start, as the episode that is known',
    played(two, deliver([ended('a', 0, 5), firing('b')])),
    look([firing('a', -5)]),
    ['AlertsFired 1 (2 firing, 0 resolved)'],
    ['a firing 0- #1'],
  ],
  [
    'goes on when it is told with a later start, and nobody is told',
    one,
    deliver([firing('a', 10)]),
    ['GroupDescribed'],
    ['a resolved 0-10 #0', 'a firing 10- #1'],
  ],
  [
    'ends as the later one that it had become',
    two,
    deliver([ended('a', 10, 15), firing('b')]),
    ['AlertsResolved 1 (1 firing, 1 resolved)'],
    ['a resolved 0-10 #0', 'a resolved 10-15 #1'],
  ],
  [
    'of which only the end is told is counted in a group that fires',
    one,
    deliver([firing('a'), ended('b', 1, 2)]),
    ['AlertsResolved 1 (1 firing, 1 resolved)'],
    ['b resolved 1-2 #1'],
  ],
  [
    'of which only the end is told opens no group',
    over,
    deliver([ended('b', 1, 2)]),
    ['GroupDescribed'],
    ['b resolved 1-2 #0'],
  ],
  [
    'of which only the end is told is kept of a group that is new',
    nothing,
    deliver([ended('b', 1, 2)]),
    ['GroupNoted'],
    ['b resolved 1-2 #0'],
  ],
  [
    'of which only the end was told does not fire late',
    played(nothing, deliver([ended('b', 1, 2)])),
    deliver([firing('b', 1)]),
    [],
    [],
  ],
  [
    'is found once where it is told twice',
    one,
    deliver([firing('a'), firing('b', 1), ended('b', 1, 2), firing('b', 0)]),
    ['AlertsResolved 1 (1 firing, 1 resolved)'],
    ['b resolved 1-2 #1'],
  ],
];

describe('an episode', () => {
  test.each(rows)('%s', (_, before, given, events, episodes) => {
    const decision = decided(before, given);

    expect(told(decision)).toEqual(events);
    expect(kept(before, given).map(brief)).toEqual(episodes);
  });
});

describe('what an episode says of itself', () => {
  const hot = played(nothing, deliver([firing('a', 0, { value: '90' }), firing('b')]));
  const annotationsOf = (play: Played, given: Given) =>
    kept(play, given).map(({ annotations }) => annotations);

  const cases: [string, Played, Given, unknown[]][] = [
    [
      'is kept new while it fires',
      hot,
      deliver([firing('a', 0, { value: '95' }), firing('b')]),
      [{ value: '95' }],
    ],
    [
      'stays when it ends as it was when it fired',
      hot,
      deliver([ended('a', 0, 5, { value: '20' }), firing('b')]),
      [{ value: '90' }],
    ],
    [
      'stays when it ends as a later one',
      hot,
      deliver([ended('a', 9, 10, { value: '20' }), firing('b')]),
      [{ value: '90' }, { value: '90' }],
    ],
    [
      'is that of the end where nothing else was told',
      hot,
      deliver([firing('a', 0, { value: '90' }), firing('b'), ended('c', 1, 2, { value: '1' })]),
      [{ value: '1' }],
    ],
    [
      'is new when it goes on',
      hot,
      deliver([firing('a', 9, { value: '97' }), firing('b')]),
      [{ value: '90' }, { value: '97' }],
    ],
    [
      'does not change by a delivery that misses what fires',
      hot,
      deliver([firing('a', 0, { value: '95' })]),
      [],
    ],
    ['does not change by a look', hot, look([firing('a', 0, { value: '95' }), firing('b')]), []],
    [
      'does not change back by an earlier delivery that comes late',
      played(hot, deliver([firing('a', 0, { value: '95' }), firing('b')])),
      deliver([firing('a', 0, { value: '90' }), firing('b')]),
      [],
    ],
  ];

  test.each(cases)('%s', (_, before, given, annotations) => {
    expect(annotationsOf(before, given)).toEqual(annotations);
  });

  test('is written with an event, since only what happened is written', () => {
    const decision = decided(hot, deliver([firing('a', 0, { value: '95' }), firing('b')]));

    expect(told(decision)).toEqual(['GroupDescribed']);
  });

  test('may be called anything, even what objects are made of', () => {
    const strange: Alert = { ...firing('a'), annotations: JSON.parse('{"__proto__":"x"}') };

    const before = played(nothing, deliver([strange]));

    expect(told(decided(before, deliver([strange])))).toEqual([]);
    expect(told(decided(before, deliver([firing('a', 0, { constructor: 'x' })])))).toEqual([
      'GroupDescribed',
    ]);
  });
});
