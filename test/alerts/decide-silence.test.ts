import { describe, expect, test } from 'vitest';
import type { Silence } from '../../src/alerts/group.ts';
import type { Given, Played } from './play-group.ts';
import {
  carol,
  changeSilence,
  dan,
  day,
  decided,
  deliver,
  ended,
  eve,
  firing,
  groupOf,
  hour,
  minute,
  noon,
  nothing,
  played,
  silence,
  silenceEnded,
  silenceFailed,
  silenceMade,
  told,
} from './play-group.ts';

const one = played(nothing, deliver([firing('a')]));
const asked = played(one, silence());
const active = played(asked, silenceMade(1));
const extended = played(active, changeSilence(1, noon + 3 * hour));
const ending = played(active, changeSilence(1, noon));
const over = played(ending, silenceEnded(1));
const failed = played(asked, silenceFailed(1));
const closed = played(active, deliver([ended('a')]));
const full = played(one, ...Array.from({ length: 20 }, () => silence()));

type Row = [string, Played, Given, string | string[]];

describe('a silence', () => {
  const rows: Row[] = [
    ['is asked for', one, silence(), ['SilenceAsked']],
    ['is asked for beside others', active, silence({ by: dan }), ['SilenceAsked']],
    ['needs the right to silence', one, silence({ by: eve }), 'refused: not-allowed'],
    [
      'needs that right even of those who may respond',
      one,
      silence({ by: { id: 'U1', may: ['respond'] } }),
      'refused: not-allowed',
    ],
    ['does not begin when nothing fires any more', closed, silence(), 'refused: alerts-resolved'],
    ['does not begin for a round that is over', one, silence({ round: 7 }), 'refused: alerts-resolved'],
    ['does not end before it begins', one, silence({ until: noon }), 'refused: silence-end-invalid'],
    ['may last thirty days', one, silence({ until: noon + 30 * day }), ['SilenceAsked']],
    ['does not last longer', one, silence({ until: noon + 30 * day + 1 }), 'refused: silence-end-invalid'],
    ['ends at a time', one, silence({ until: Number.NaN }), 'refused: silence-end-invalid'],
    ['is not asked for where there are many', full, silence(), 'refused: too-many-silences'],
    [
      'is not asked for where many are yet to be ended',
      played(full, changeSilence(3, noon)),
      silence(),
      'refused: too-many-silences',
    ],
    [
      'is asked for where many have ended',
      played(full, changeSilence(3, noon), silenceEnded(3)),
      silence(),
      ['SilenceAsked'],
    ],
    ['ends later', active, changeSilence(1, noon + 3 * hour, dan), ['SilenceChanged 1']],
    [
      'ends later though it is still being made',
      asked,
      changeSilence(1, noon + 3 * hour),
      ['SilenceChanged 1'],
    ],
    ['ends now', active, changeSilence(1, noon), ['SilenceChanged 1']],
    ['ends now though its group is closed', closed, changeSilence(1, noon), ['SilenceChanged 1']],
    ['stays when it is to end when it would', active, changeSilence(1, noon + 2 * hour), []],
    [
      'is not changed without the right to silence',
      active,
      changeSilence(1, noon, eve),
      'refused: not-allowed',
    ],
    [
      'is not made too long afterwards',
      active,
      changeSilence(1, noon + 31 * day),
      'refused: silence-end-invalid',
    ],
    ['that has ended is not changed', over, changeSilence(1, noon + hour), 'refused: nothing-waiting'],
    [
      'that is about to end is not changed',
      ending,
      changeSilence(1, noon + hour),
      'refused: nothing-waiting',
    ],
    ['that failed is not changed', failed, changeSilence(1, noon + hour), 'refused: nothing-waiting'],
    ['that is unknown is not changed', one, changeSilence(1, noon + hour), 'refused: nothing-waiting'],
  ];

  test.each(rows)('%s', (_, before, given, expected) => {
    expect(told(decided(before, given))).toEqual(expected);
  });

  test('whose time has run out is not changed', () => {
    expect(told(decided(active, changeSilence(1, noon + 4 * hour), noon + 2 * hour))).toBe(
      'refused: nothing-waiting',
    );
  });

  test('says what was asked, by whom, on one line', () => {
    const [made] = groupOf(played(one, silence({ comment: 'known,\nsee\u202e wiki' }))).silences;

    expect(made).toEqual({
      number: 1,
      scope: 'group',
      matchers: [{ name: 'alertname', value: 'DiskFull', isRegex: false, isEqual: true }],
      by: { via: 'slack', id: carol.id },
      comment: 'known, see wiki',
      until: noon + 2 * hour,
      status: 'asked',
      turn: 1,
    });
  });

  test('keeps its number when those before it are forgotten', () => {
    const many = Array.from({ length: 15 }, (_, index) => [
      silence(),
      silenceMade(index + 1),
      silenceEnded(index + 1),
    ]);

    const group = groupOf(played(one, ...many.flat(), silence()));

    expect(group.silences.map(({ number }) => number)).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
    expect(group.silencesSoFar).toBe(16);
  });
});

describe("Alertmanager's answer", () => {
  const rows: [string, Played, Given, Partial<Silence>][] = [
    [
      'makes a silence active, with the id and end that it has there',
      asked,
      silenceMade(1, 1, 'x', noon + hour),
      { status: 'active', id: 'x', until: noon + hour, turn: 1 },
    ],
    [
      'to a change gives it another id',
      extended,
      silenceMade(1, 2, 'y', noon + 3 * hour),
      { status: 'active', id: 'y', turn: 2 },
    ],
    [
      'to an older call gives only the id',
      extended,
      silenceMade(1, 1, 'y', noon + hour),
      { status: 'asked', id: 'y', until: noon + 3 * hour, turn: 2 },
    ],
    [
      'that comes when it is to be ended has it ended by its id',
      played(asked, changeSilence(1, noon)),
      silenceMade(1, 1, 'x'),
      { status: 'ending', id: 'x', turn: 3 },
    ],
    [
      'that comes when it has ended has it ended once more',
      over,
      silenceMade(1, 1, 'x'),
      { status: 'ending', id: 'x', turn: 3 },
    ],
    ['that comes again when it has ended does nothing', over, silenceMade(1), { status: 'ended', turn: 2 }],
    [
      'may be that somebody made it end at another time there',
      active,
      silenceMade(1, 1, 'id-1', noon + 5 * hour),
      { status: 'active', id: 'id-1', until: noon + 5 * hour, turn: 1 },
    ],
    [
      'that comes again when it is to be ended does nothing',
      ending,
      silenceMade(1, 1, 'id-1', noon + 5 * hour),
      { status: 'ending', turn: 2, until: noon },
    ],
    [
      'that a change failed leaves it in force',
      extended,
      silenceFailed(1, 2),
      { status: 'active', id: 'id-1', because: 'no' },
    ],
    [
      'that it could not be ended leaves it in force',
      ending,
      silenceFailed(1, 2),
      { status: 'active', id: 'id-1' },
    ],
    ['ends it', ending, silenceEnded(1), { status: 'ended' }],
    ['may be that somebody ended it there', active, silenceEnded(1), { status: 'ended' }],
    ['may be that it failed', asked, silenceFailed(1), { status: 'failed', because: 'no' }],
    ['that an older call failed does nothing', extended, silenceFailed(1, 1), { status: 'asked', turn: 2 }],
    ['that it failed does nothing when it is active', active, silenceFailed(1), { status: 'active' }],
    [
      'that it was made counts after all when it had failed',
      failed,
      silenceMade(1),
      { status: 'active', id: 'id-1' },
    ],
    ['about another silence does nothing', asked, silenceMade(9), { status: 'asked' }],
  ];

  test.each(rows)('%s', (_, before, given, expected) => {
    const play = played(before, given);

    expect(groupOf(play).silences).toEqual([expect.objectContaining(expected)]);
  });

  test.each<[string, Played, Given]>([
    ['that it was made', active, silenceMade(1)],
    ['that it has ended', over, silenceEnded(1)],
    ['that it failed', failed, silenceFailed(1)],
    ['about no silence', one, silenceEnded(1)],
  ])('%s changes nothing when it comes again', (_, before, given) => {
    expect(told(decided(before, given))).toEqual([]);
  });

  test('is told in the thread, with who asked and who ended it', () => {
    const play = played(active, [silenceEnded(1), noon + minute]);

    expect(groupOf(play).changes).toMatchObject([
      { what: 'silenced', by: { id: carol.id }, detail: 'known' },
      { what: 'silence-ended', at: noon + minute },
    ]);
  });
});
