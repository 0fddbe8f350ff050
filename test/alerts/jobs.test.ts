import { describe, expect, test } from 'vitest';
import { groupJobs, reactGroup } from '../../src/alerts/jobs.ts';
import type { Played } from './play-group.ts';
import {
  acknowledge,
  changeSilence,
  deliver,
  ended,
  escalate,
  escalateLast,
  escalateNow,
  firing,
  groupOf,
  hour,
  minute,
  noon,
  nothing,
  pageRefused,
  pageTold,
  played,
  quiet,
  resolve,
  ruling,
  silence,
  silenceEnded,
  silenceMade,
} from './play-group.ts';

const group = 'group-00000000deadbeef';
const at = noon + 5 * minute;
const escalating = `${group}.escalate.1.0.${at}`;
const one = played(nothing, deliver([firing('a')]));
const paged = played(one, pageTold(1));
const calm = played(nothing, deliver([firing('a')], { ruling: quiet }));
const related = [
  { run: 'run-1', version: 'v2', phase: 'go-live', at: noon - minute, by: 'U0ALICE' },
  { run: 'run-1', version: 'v2', phase: 'migrate', at: noon - 2 * minute, by: 'U0ALICE' },
];
const near = deliver([firing('a')], { ruling: { ...quiet, related } });

describe('the jobs of a group', () => {
  const rows: [string, Played, string[]][] = [
    ['are the first step and the page when it opens', one, [escalating, `${group}.page.1.1`]],
    ['are none where nobody is to be told', calm, []],
    ['are no page once PagerDuty was told', paged, [escalating]],
    ['are no page once PagerDuty has refused', played(one, pageRefused(1)), [escalating]],
    ['are a page anew when something else is wanted', played(paged, acknowledge()), [`${group}.page.1.2`]],
    [
      'are the next step at its time',
      played(paged, [escalate(0), at]),
      [`${group}.escalate.1.1.${at + 10 * minute}`],
    ],
    [
      'are the same step at another time when somebody will not wait',
      played(paged, [escalateNow(), noon + minute]),
      [`${group}.escalate.1.0.${noon + minute}`],
    ],
    ['are no step after the last', played(paged, [escalateLast(0), at]), []],
    ['are a page of a group that is closed', played(paged, deliver([ended('a')])), [`${group}.page.1.2`]],
    [
      'are none of a group that is closed when PagerDuty knows',
      played(paged, deliver([ended('a')]), pageTold(2)),
      [],
    ],
    [
      'are the pages of both rounds when a group opens before PagerDuty has closed the first',
      played(paged, deliver([ended('a')]), deliver([firing('a', 10)]), acknowledge(undefined, 2)),
      [`${group}.page.2.4`, `${group}.page.2.2`],
    ],
    ['are a silence that is asked for', played(calm, silence()), [`${group}.silence.1.1`]],
    ['are no silence that is made', played(calm, silence(), silenceMade(1)), []],
    [
      'are a silence that changes',
      played(calm, silence(), silenceMade(1), changeSilence(1, noon + 3 * hour)),
      [`${group}.silence.1.2`],
    ],
    [
      'are a silence that is to end',
      played(calm, silence(), silenceMade(1), changeSilence(1, noon)),
      [`${group}.silence.1.2`],
    ],
    ['are no silence that has ended', played(calm, silence(), silenceMade(1), silenceEnded(1)), []],
  ];

  test.each(rows)('%s', (_, play, expected) => {
    expect(groupJobs(groupOf(play)).map(({ id }) => id)).toEqual(expected);
  });

  test('say what their workers need', () => {
    const jobs = groupJobs(groupOf(played(one, silence())));

    expect(jobs).toEqual([
      { id: escalating, queue: 'timers', name: 'escalate', data: { group, round: 1, step: 0 }, at },
      { id: `${group}.page.1.1`, queue: 'calls', name: 'page', data: { group, round: 1, turn: 1 } },
      { id: `${group}.silence.1.1`, queue: 'calls', name: 'silence', data: { group, number: 1, turn: 1 } },
    ]);
  });
});

describe('the jobs of a change', () => {
  const changed = (before: Played, after: Played) =>
    reactGroup(before.group, groupOf(after)).map(({ id }) => id);

  test('are those that were not there before', () => {
    expect(changed(nothing, one)).toEqual([escalating, `${group}.page.1.1`]);
    expect(changed(one, played(one, silence()))).toEqual([`${group}.silence.1.1`]);
    expect(changed(one, played(one, resolve()))).toEqual([`${group}.page.1.2`]);
    expect(changed(one, one)).toEqual([]);
  });

  test('are the drawing of the runs that it is near when it opens and closes, each once', () => {
    const open = played(nothing, near);
    const more = played(open, deliver([firing('a'), firing('b')]));
    const over = played(open, deliver([ended('a')]));

    expect(reactGroup(undefined, groupOf(open))).toEqual([
      { id: 'draw.run-1', queue: 'views', name: 'draw', data: { stream: 'run-1' } },
    ]);
    expect(changed(open, more)).toEqual([]);
    expect(changed(open, over)).toEqual(['draw.run-1']);
  });

  test('are also the drawing of runs when a round follows at once on another', () => {
    const over = played(nothing, near, deliver([ended('a')]));
    const again = played(over, deliver([firing('a', 10)], { ruling: { ...ruling(), related } }));

    expect(changed(over, again)).toContain('draw.run-1');
  });

  test('are what holds a run in its environment when a critical group opens, and only then', () => {
    const critical = { routing: { environment: 'production', severity: 'critical' } } as const;
    const opening = (given: Parameters<typeof ruling>[0]) =>
      changed(nothing, played(nothing, deliver([firing('a')], { ruling: ruling(given) })));
    const open = played(nothing, deliver([firing('a')], { ruling: ruling(critical) }));
    const acknowledged = played(open, acknowledge());

    expect(opening(critical)).toContain(`${group}.hold.1`);
    expect(opening({ routing: { environment: 'production' } })).not.toContain(`${group}.hold.1`);
    expect(opening({ routing: { severity: 'critical' } })).not.toContain(`${group}.hold.1`);
    expect(changed(open, acknowledged)).not.toContain(`${group}.hold.1`);
  });
});
