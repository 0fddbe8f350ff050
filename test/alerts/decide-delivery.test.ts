import { describe, expect, test } from 'vitest';
import type { Ruling } from '../../src/alerts/commands.ts';
import type { Instant } from '../../src/alerts/group.ts';
import type { Given, Played } from './play-group.ts';
import {
  acknowledge,
  carol,
  changeSilence,
  decided,
  deliver,
  ended,
  escalate,
  firing,
  groupOf,
  hour,
  look,
  minute,
  minutes,
  noon,
  nothing,
  pageTold,
  played,
  quiet,
  resolve,
  ruling,
  silence,
  silenceMade,
  told,
} from './play-group.ts';

const flappy: Ruling = ruling({ flapping: { episodes: 2, within: hour }, endSilences: true });
const tidy: Ruling = ruling({ endSilences: true });

const one = played(nothing, deliver([firing('a')]));
const over = played(one, deliver([ended('a')]));
const again = deliver([firing('a', 10)]);

/** Opens, closes, and would flap when it opens once more. */
const nearlyFlapping = played(
  nothing,
  deliver([firing('a')], { ruling: flappy }),
  deliver([ended('a')], { ruling: flappy }),
);

const opened = ['GroupOpened #1', 'AlertsFired 1 (1 firing, 0 resolved)'];
const reopened = ['GroupOpened #2', 'AlertsFired 1 (1 firing, 0 resolved)'];
const alarmed = ['EscalationStarted at 0 in 5 min', 'PageWanted triggered by infra'];
const closing = ['AlertsResolved 1 (0 firing, 1 resolved)', 'GroupClosed resolved'];

describe('a group', () => {
  const rows: [string, Played, Given, string[]][] = [
    ['opens with what fires first', nothing, deliver([firing('a')]), [...opened, ...alarmed]],
    ['opens quietly where nobody is to be told', nothing, deliver([firing('a')], { ruling: quiet }), opened],
    ['opens by what a look at Alertmanager finds', nothing, look([firing('a')]), [...opened, ...alarmed]],
    ['does not open with nothing', nothing, deliver([]), []],
    ['does not open by alerts that are left out', nothing, deliver([], { truncated: 3 }), []],
    [
      'opens with what fires and what has ended meanwhile',
      nothing,
      deliver([firing('a'), ended('b')]),
      [...opened, 'AlertsResolved 1 (1 firing, 1 resolved)', ...alarmed],
    ],
    [
      'opens after only an end was known of it',
      played(nothing, deliver([ended('b')])),
      deliver([firing('a')]),
      [...opened, ...alarmed],
    ],
    ['opens once more when it fires again', over, again, [...reopened, ...alarmed]],
    ['does not open by what comes late', over, deliver([firing('a')]), []],
    [
      'tells nobody again of what fires later',
      one,
      deliver([firing('a'), firing('b')]),
      ['AlertsFired 1 (2 firing, 0 resolved)'],
    ],
    [
      'keeps its routing while it fires',
      one,
      deliver([firing('a')], { ruling: ruling({ routing: { severity: 'critical', page: 'other' } }) }),
      [],
    ],
    [
      'closes when nothing fires any more',
      one,
      deliver([ended('a')]),
      [...closing, 'EscalationStopped', 'PageWanted resolved by infra'],
    ],
    [
      'closes when a look finds nothing any more',
      one,
      look([ended('a')]),
      [
        'AlertsResolved 1 (0 firing, 1 resolved)',
        'GroupClosed gone',
        'EscalationStopped',
        'PageWanted resolved by infra',
      ],
    ],
    ['is not closed twice', over, deliver([ended('a')]), []],
    [
      'does not close while something fires',
      played(one, deliver([firing('b')])),
      deliver([ended('a')]),
      ['AlertsResolved 1 (1 firing, 1 resolved)'],
    ],
    [
      'does not close by a delivery that leaves alerts out',
      one,
      deliver([ended('a')], { truncated: 1 }),
      ['AlertsResolved 1 (0 firing, 1 resolved)'],
    ],
    [
      'closes later by one that leaves none out',
      played(one, deliver([ended('a')], { truncated: 1 })),
      deliver([ended('a')]),
      ['GroupDescribed', 'GroupClosed resolved', 'EscalationStopped', 'PageWanted resolved by infra'],
    ],
    [
      'does not close by an old one that left none out',
      played(one, deliver([ended('a')], { truncated: 1 })),
      deliver([firing('a')], { delivery: 'not taken in before' }),
      [],
    ],
    [
      'does not close by the end of an alert of an earlier round',
      played(
        nothing,
        deliver([firing('a'), firing('b')]),
        deliver([ended('a'), ended('b')]),
        deliver([firing('a', 10)]),
        deliver([ended('a', 10)], { truncated: 1 }),
      ),
      deliver([ended('b')], { delivery: 'not taken in before' }),
      [],
    ],
    [
      'closes by a look that finds nothing at all',
      played(one, deliver([ended('a')], { truncated: 1 })),
      look([]),
      ['GroupClosed gone', 'EscalationStopped', 'PageWanted resolved by infra'],
    ],
    [
      'does not close by alerts that are missing',
      played(one, deliver([firing('b')])),
      deliver([firing('b')]),
      [],
    ],
    [
      'is told of by how many alerts are left out',
      one,
      deliver([firing('a')], { truncated: 7 }),
      ['GroupDescribed'],
    ],
    [
      'is told of by what its alerts have in common',
      one,
      deliver([firing('a')], { commonAnnotations: { summary: 'full' } }),
      ['GroupDescribed'],
    ],
    [
      'is not told of by what nothing has in common any more',
      over,
      deliver([], { commonAnnotations: { summary: 'full' } }),
      [],
    ],
    [
      'is not told of by a delivery that knows only some of it',
      played(one, deliver([firing('a'), firing('b')])),
      deliver([firing('a')], { commonAnnotations: { summary: 'full' } }),
      [],
    ],
    [
      'has nothing to stop or close where nobody was told',
      played(nothing, deliver([firing('a')], { ruling: quiet })),
      deliver([ended('a')]),
      closing,
    ],
    [
      'that somebody resolved is not paged for what fires later',
      played(one, resolve()),
      deliver([firing('a'), firing('b')]),
      ['AlertsFired 1 (2 firing, 0 resolved)'],
    ],
    [
      'that somebody resolved closes by the source alone',
      played(one, resolve()),
      deliver([ended('a')]),
      closing,
    ],
  ];

  test.each(rows)('%s', (_, before, given, expected) => {
    expect(told(decided(before, given))).toEqual(expected);
  });

  test('shows since when the first of its alerts fires, and keeps the round it opened in', () => {
    const play = played(nothing, [deliver([firing('b', 3), firing('a', -2)]), noon + 9 * minute]);

    expect(groupOf(play)).toMatchObject({
      status: 'firing',
      round: 1,
      since: minutes(-2),
      openedAt: noon + 9 * minute,
      routing: { severity: 'error' },
    });
  });

  test('forgets with a new round what was done in the old one', () => {
    const before = played(one, acknowledge(), pageTold(1), pageTold(2), deliver([ended('a')]), pageTold(3));

    const group = groupOf(played(before, again));

    expect(group).toMatchObject({ status: 'firing', round: 2, firing: 1, resolved: 0, message: 2 });
    expect(group).not.toHaveProperty('acknowledged');
    expect(group).not.toHaveProperty('closedAt');
    expect(group.page).toEqual({ key: 'infra', dedupKey: 'dedup-1', wanted: 'triggered', turn: 4 });
    expect(group.otherPages).toEqual([]);
    expect(group.escalation).toMatchObject({ step: 0, status: 'running', told: [] });
  });

  test('still has the page of the old round closed when a new one opens', () => {
    const before = played(one, pageTold(1), deliver([ended('a')]));

    const group = groupOf(played(before, again));

    expect(group.page).toMatchObject({ wanted: 'triggered', turn: 3 });
    expect(group.otherPages).toEqual([
      expect.objectContaining({ wanted: 'resolved', told: 'triggered', turn: 2 }),
    ]);
    expect(groupOf(played(before, again, pageTold(2))).otherPages).toEqual([]);
  });

  test('closes one incident once, however often it opened before PagerDuty was told', () => {
    const rounds = [10, 20, 30].flatMap((since) => [
      deliver([firing('a', since)]),
      deliver([ended('a', since)]),
    ]);

    const group = groupOf(played(over, ...rounds, deliver([firing('a', 40)])));

    expect(group.otherPages).toHaveLength(1);
  });

  test('says to those who have it in hand how many alerts are new', () => {
    const play = played(one, acknowledge(), deliver([firing('a'), firing('b'), firing('c'), firing('d')]));

    expect(groupOf(play).changes.at(-1)).toMatchObject({
      what: 'fired',
      count: 3,
      detail: '3 new alerts since it was acknowledged',
    });
    expect(groupOf(play).escalation).toMatchObject({ status: 'stopped' });
  });

  test('shows the labels that tell alerts apart, and all of them where nothing does', () => {
    const apart = played(nothing, deliver([firing('a')]), deliver([firing('a'), firing('b')]));
    const same = played(
      nothing,
      deliver([firing('a')]),
      deliver([{ ...firing('b'), labels: { alertname: 'DiskFull' } }]),
    );

    expect(groupOf(apart).changes.at(-1)).toMatchObject({ some: [{ instance: 'b' }] });
    expect(groupOf(same).changes.at(-1)).toMatchObject({ some: [{ alertname: 'DiskFull' }] });
  });
});

describe('what is shown of many alerts', () => {
  test('is ten of them, with twelve labels each, all of them short', () => {
    const labels = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`label${index}`, 'x'.repeat(300)]),
    );
    const many = Array.from({ length: 30 }, (_, index) => ({ ...firing(`b${index}`), labels }));

    const [change] = groupOf(played(one, deliver(many))).changes;

    expect(change).toMatchObject({ what: 'fired', count: 30 });
    expect(change?.some).toHaveLength(10);
    expect(change?.some?.map((shown) => Object.keys(shown).length)).toEqual(Array(10).fill(12));
    expect(Object.values(change?.some?.[0] ?? {})).toEqual(Array(12).fill('x'.repeat(200)));
  });
});

describe('a group that flaps', () => {
  const at = noon + 10 * minute;
  const rows: [string, Played, Given, Instant, string[]][] = [
    [
      'is one that opens too often',
      nearlyFlapping,
      deliver([firing('a', 10)], { ruling: flappy }),
      at,
      ['GroupOpened #2 flapping', ...reopened.slice(1), ...alarmed],
    ],
    [
      'is not one that opens seldom enough',
      nearlyFlapping,
      deliver([firing('a', 10)], { ruling: flappy }),
      noon + 2 * hour,
      [...reopened, ...alarmed],
    ],
    [
      'does not alarm again whoever acknowledged it lately',
      played(
        played(nothing, deliver([firing('a')], { ruling: flappy })),
        acknowledge(),
        deliver([ended('a')]),
      ),
      deliver([firing('a', 10)], { ruling: flappy }),
      at,
      ['GroupOpened #2 flapping', ...reopened.slice(1)],
    ],
    [
      'alarms again when it has become worse',
      played(
        played(nothing, deliver([firing('a')], { ruling: flappy })),
        acknowledge(),
        deliver([ended('a')]),
      ),
      deliver([firing('a', 10)], {
        ruling: { ...flappy, routing: { ...flappy.routing, severity: 'critical' } },
      }),
      at,
      ['GroupOpened #2 flapping', ...reopened.slice(1), ...alarmed],
    ],
    [
      'alarms again when it was acknowledged long ago, though it has flapped ever since',
      played(
        nothing,
        deliver([firing('a')], { ruling: flappy }),
        acknowledge(),
        deliver([ended('a')], { ruling: flappy }),
        [deliver([firing('a', 30)], { ruling: flappy }), noon + 30 * minute],
        deliver([ended('a', 30)], { ruling: flappy }),
      ),
      deliver([firing('a', 60)], { ruling: flappy }),
      noon + hour,
      ['GroupOpened #3 flapping', ...reopened.slice(1), ...alarmed],
    ],
  ];

  test.each(rows)('%s', (_, before, given, now, expected) => {
    expect(told(decided(before, given, now))).toEqual(expected);
  });

  test('stays in the hands of whoever acknowledged it, and on its message', () => {
    const play = played(
      nothing,
      deliver([firing('a')], { ruling: flappy }),
      acknowledge(),
      deliver([ended('a')], { ruling: flappy }),
      [deliver([firing('a', 10)], { ruling: flappy }), at],
    );

    expect(groupOf(play)).toMatchObject({
      round: 2,
      flapping: true,
      message: 1,
      acknowledged: { by: { id: carol.id }, at: noon },
    });
    expect(groupOf(play)).not.toHaveProperty('page');
  });

  test('gets a message of its own again when it opens seldom enough', () => {
    const flapping = played(
      nearlyFlapping,
      deliver([firing('a', 10)], { ruling: flappy }),
      deliver([ended('a', 10)]),
    );

    const group = groupOf(
      played(flapping, [deliver([firing('a', 200)], { ruling: flappy }), noon + 3 * hour]),
    );

    expect(groupOf(flapping)).toMatchObject({ round: 2, message: 1, flapping: true });
    expect(group).toMatchObject({ round: 3, message: 2, flapping: false });
  });
});

describe('the silences of a group that closes', () => {
  const silenced = played(one, silence(), silenceMade(1));
  const ofAlert = played(one, deliver([firing('a'), firing('b')]), silence({ scope: 'a' }), silenceMade(1));
  const end = deliver([ended('a')], { ruling: tidy });
  const rows: [string, Played, Given, boolean][] = [
    ['end where the configuration says so', silenced, end, true],
    ['stay where it does not', silenced, deliver([ended('a')]), false],
    ['end before they were made', played(one, silence()), end, true],
    ['stay ended', played(silenced, changeSilence(1, noon)), end, false],
    [
      'survive when it flaps',
      played(
        nearlyFlapping,
        deliver([firing('a', 10)], { ruling: flappy }),
        silence({ round: 2 }),
        silenceMade(1),
      ),
      deliver([ended('a', 10)], { ruling: flappy }),
      false,
    ],
    ['end with their one alert', ofAlert, deliver([ended('a'), firing('b')], { ruling: tidy }), true],
    ['do not end with another alert', ofAlert, deliver([firing('a'), ended('b')], { ruling: tidy }), false],
    ['of one alert end once, when it was the last', played(ofAlert, deliver([ended('b')])), end, true],
    [
      'of one alert end with the group where their alert ended before',
      played(ofAlert, deliver([ended('a'), firing('b')])),
      deliver([ended('b')], { ruling: tidy }),
      true,
    ],
  ];

  test.each(rows)('%s', (_, before, given, isEnding) => {
    const events = told(decided(before, given));

    expect([events].flat().filter((event) => event === 'SilenceChanged 1')).toHaveLength(isEnding ? 1 : 0);
  });

  test('are to be ended in Alertmanager', () => {
    const play = played(silenced, end);

    expect(groupOf(play).silences).toEqual([
      expect.objectContaining({ status: 'ending', turn: 2, id: 'id-1', until: noon }),
    ]);
  });
});

describe('an escalation of an earlier round', () => {
  test('does nothing in the next', () => {
    const play = played(over, again);

    expect(told(decided(play, escalate(0), noon + hour))).toEqual([]);
    expect(told(decided(play, escalate(0, { round: 2 }), noon + hour))).toEqual(['Escalated 0']);
  });
});
