import { describe, expect, test } from 'vitest';
import type { GroupCommand } from '../../src/alerts/commands.ts';
import { decided, deliver, ended, firing, groupOf, nothing, played, told } from './play-group.ts';

type Link = Extract<GroupCommand, { type: 'LinkIncident' }>;

const link = (number: number, more: Partial<Link> = {}): Link => ({
  type: 'LinkIncident',
  incident: `incident-${number}`,
  number,
  channel: `C${number}`,
  round: 1,
  ...more,
});

const one = played(nothing, deliver([firing('a')]));
const over = played(one, deliver([ended('a')]));
const newer = played(over, deliver([firing('a', 10)]));

describe('the incident that is about an alert group', () => {
  test('is remembered with the round that it is about', () => {
    const linked = groupOf(played(one, link(3)));

    expect(linked.incident).toEqual({ id: 'incident-3', number: 3, channel: 'C3', round: 1 });
  });

  test('is told of when the group has closed meanwhile', () => {
    expect(groupOf(played(over, link(3))).incident?.number).toBe(3);
  });

  test('gives way to one that was declared later, and to one of a newer round', () => {
    expect(groupOf(played(one, link(3), link(4))).incident?.number).toBe(4);
    expect(groupOf(played(one, link(3), deliver([ended('a')]), deliver([firing('a', 10)]))).incident).toEqual(
      { id: 'incident-3', number: 3, channel: 'C3', round: 1 },
    );
    expect(groupOf(played(newer, link(2, { round: 2 }))).incident?.round).toBe(2);
  });

  test.each([
    ['the same again', played(one, link(3)), link(3)],
    ['one declared earlier', played(one, link(4)), link(3)],
    ['one of a round that is over', newer, link(3)],
    ['one of a round that has not come', one, link(3, { round: 2 })],
  ])('changes nothing when it is %s', (_, before, again) => {
    expect(told(decided(before, again))).toEqual([]);
  });

  test('is not told to a group that is not there', () => {
    expect(told(decided(nothing, link(3)))).toBe('refused: group-unknown');
  });
});
