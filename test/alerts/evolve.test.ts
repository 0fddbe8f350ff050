import { describe, expect, test } from 'vitest';
import { evolveGroup } from '../../src/alerts/evolve.ts';
import type { Played } from './play-group.ts';
import {
  acknowledge,
  deliver,
  ended,
  escalate,
  escalateNow,
  firing,
  groupOf,
  minute,
  noon,
  nothing,
  played,
  resolve,
  ruling,
  unacknowledge,
} from './play-group.ts';

const one = played(nothing, deliver([firing('a')]));
const whats = (play: Played) => groupOf(play).changes.map(({ what, number }) => `${number} ${what}`);

describe('a group', () => {
  test('begins with the first that is heard of it', () => {
    expect(() =>
      evolveGroup(undefined, { type: 'Acknowledged', by: { via: 'slipway', id: 'x' }, at: noon }),
    ).toThrow(RangeError);
  });

  test('of which only an end is known has not opened', () => {
    expect(groupOf(played(nothing, deliver([ended('a')])))).toMatchObject({
      status: 'resolved',
      round: 0,
      message: 0,
      firing: 0,
      openings: [],
      changes: [],
    });
  });

  test('shows the peer that delivered last once something has happened', () => {
    const peer = { externalUrl: 'http://peer:9093' };

    const same = played(one, deliver([firing('a')], peer));
    const more = played(one, deliver([firing('a'), firing('b')], peer));

    expect(groupOf(same).externalUrl).toBe('http://127.0.0.1:9093');
    expect(groupOf(more).externalUrl).toBe('http://peer:9093');
  });

  test('keeps what its alerts have in common when a delivery knows only some of them', () => {
    const both = played(one, deliver([firing('a'), firing('b')], { commonAnnotations: { summary: 'both' } }));

    const late = played(
      both,
      deliver([firing('c')], { commonAnnotations: { summary: 'one' }, truncated: 0 }),
    );

    expect(groupOf(late)).toMatchObject({ firing: 3, commonAnnotations: { summary: 'both' } });
  });

  test('keeps the deliveries that changed something, up to twenty', () => {
    const many = Array.from({ length: 30 }, (_, index) => deliver([firing('a')], { truncated: index + 1 }));

    const { deliveries } = groupOf(played(one, ...many));

    expect(deliveries).toHaveLength(20);
    expect(new Set(deliveries).size).toBe(20);
  });
});

describe('the openings of a group', () => {
  test('are kept, the newest fifty', () => {
    const rounds = Array.from({ length: 60 }, (_, index) => [
      [deliver([firing('a', index * 10)]), noon + index * minute] as const,
      deliver([ended('a', index * 10)]),
    ]);

    const { openings, round } = groupOf(played(nothing, ...rounds.flat()));

    expect(round).toBe(60);
    expect(openings).toEqual(Array.from({ length: 50 }, (_, index) => noon + (index + 10) * minute));
  });
});

describe('the changes that a thread tells', () => {
  const rows: [string, Played, string[]][] = [
    ['are none for what the message shows itself', one, []],
    [
      'are what fires and ends later',
      played(one, deliver([firing('a'), firing('b')]), deliver([ended('a'), firing('b')])),
      ['1 fired', '2 resolved'],
    ],
    ['are the end', played(one, deliver([ended('a')])), ['1 resolved', '2 closed']],
    [
      'are that it fires again',
      played(one, deliver([ended('a')]), deliver([firing('a', 10)])),
      ['1 resolved', '2 closed', '3 reopened'],
    ],
    [
      'are what people do',
      played(one, escalateNow(), acknowledge(), unacknowledge(), resolve()),
      ['1 escalated', '2 acknowledged', '3 unacknowledged', '4 page-closed'],
    ],
    ['are the steps of the escalation', played(one, [escalate(0), noon + 5 * minute]), ['1 escalated']],
    [
      'are the deployments nearby',
      played(
        nothing,
        deliver([firing('a')], {
          ruling: ruling({ related: [{ run: 'r', version: 'v', phase: 'p', at: noon, by: 'U1' }] }),
        }),
      ),
      ['1 related'],
    ],
  ];

  test.each(rows)('%s', (_, play, expected) => {
    expect(whats(play)).toEqual(expected);
  });

  test('are numbered for good, and the newest twenty are kept', () => {
    const turns = Array.from({ length: 15 }, () => [acknowledge(), unacknowledge()]).flat();

    const { changes, changesSoFar } = groupOf(played(one, ...turns));

    expect(changes.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, index) => index + 11));
    expect(changesSoFar).toBe(30);
  });

  test('do not lose who was called among what comes and goes', () => {
    const turns = Array.from({ length: 30 }, (_, index) => deliver([firing('a'), firing(`b${index}`)]));

    const called = played(one, [escalate(0), noon + 5 * minute], acknowledge(), ...turns);

    expect(groupOf(called).changes.map(({ what }) => what)).toEqual([
      'escalated',
      'acknowledged',
      ...Array.from({ length: 20 }, () => 'fired'),
    ]);
  });

  test('are of the round in which they happened', () => {
    const play = played(one, deliver([ended('a')]), deliver([firing('a', 10)]), acknowledge(undefined, 2));

    expect(groupOf(play).changes.map(({ round }) => round)).toEqual([1, 1, 2, 2]);
  });
});
