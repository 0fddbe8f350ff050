import { describe, expect, test } from 'vitest';
import type { Surface } from '../../src/bot/blocks/surface.ts';
import { byImportance, type Call, dueCalls, foldedOf, possibleCalls } from '../../src/bot/board-order.ts';
import type { Unshown } from '../../src/bot/show.ts';
import type { UndrawnGroup } from '../../src/store/board.ts';

const group = (id: string, more: Partial<UndrawnGroup> = {}): UndrawnGroup => ({
  id,
  version: 1,
  severity: 'warning',
  status: 'firing',
  isPosted: false,
  since: 1_000,
  happened: ['GroupOpened'],
  ...more,
});

const surface = (key: string, more: Partial<Surface> = {}): Surface => ({
  key,
  place: 'channel',
  urgent: true,
  text: key,
  blocks: [],
  ...more,
});

/** A message of a group that is due: to be edited when it has a ts. */
const unshown = (shown: Surface, ts: string | null = null): Unshown => ({
  stream: 'group-1',
  surface: shown,
  place: { key: shown.key, channel: 'C1', ts, digest: null, movedFrom: null, postingSince: null },
  digest: 'x',
  channel: 'C1',
  root: '1.0',
});

const order = (calls: readonly Call[]) => [...calls].sort(byImportance).map(({ group: id }) => id);

describe('the first posts of a channel', () => {
  test.each([
    ['critical before others', [group('b', { severity: 'critical', since: 9 }), group('a', { since: 1 })]],
    ['the longest waiting first', [group('b', { since: 1 }), group('a', { since: 2 })]],
    [
      'what has resolved last, however bad it was',
      [group('b', { since: 9 }), group('a', { severity: 'critical', status: 'resolved', since: 1 })],
    ],
  ])('come %s', (_, groups) => {
    const calls = [...groups].reverse().flatMap(possibleCalls);

    expect(order(calls)).toEqual(['b', 'a']);
  });

  test('come before everything in threads', () => {
    const calls = [
      ...dueCalls(group('b', { isPosted: true, severity: 'critical', since: 1 }), [
        unshown(surface('change-1', { place: 'thread' })),
      ]),
      ...possibleCalls(group('a', { since: 9 })),
    ].filter(({ lane }) => lane === 'post');

    expect(order(calls)).toEqual(['a', 'b']);
  });
});

describe('edits', () => {
  test.each(['GroupClosed', 'GroupOpened', 'Acknowledged', 'Unacknowledged', 'Dismissed', 'SilenceMade'])(
    'that show %s come before others, and may use what is kept for that',
    (type) => {
      const edit = [unshown(surface('message-1'), '1.0')];
      const calls = [
        ...dueCalls(group('a', { isPosted: true, happened: ['AlertsFired'], since: 1 }), edit),
        ...dueCalls(group('b', { isPosted: true, happened: ['AlertsFired', type], since: 9 }), edit),
      ];

      expect(order(calls)).toEqual(['b', 'a']);
      expect(calls.map(({ isUrgent }) => isUrgent)).toEqual([false, true]);
    },
  );
});

describe('what is due for a group', () => {
  test('is known by what is missing: an edit, a message to a person, a first post', () => {
    const owed = [
      unshown(surface('message-1')),
      unshown(surface('told-1-U1', { to: 'U1' })),
      unshown(surface('told-1-U2', { to: 'U2' }), '3.0'),
    ];

    expect(dueCalls(group('a'), owed).map(({ lane }) => lane)).toEqual(['post', 'direct', 'edit']);
  });

  test('is nothing in a thread before there is a message to hang it on', () => {
    const owed = [{ ...unshown(surface('change-1', { place: 'thread' })), root: undefined }];

    expect(dueCalls(group('a'), owed)).toEqual([]);
  });

  test('is never thought to be less than it can be before the group is loaded', () => {
    const escalated = possibleCalls(group('a', { isPosted: true, happened: ['Escalated'] }));

    expect(escalated.map(({ lane }) => lane).sort()).toEqual(['direct', 'edit', 'post']);
  });
});

describe('groups that are folded', () => {
  const some = (count: number) =>
    Array.from({ length: count }, (_, index) => group(`g${index}`, { since: index }));

  test('are those beyond what Slack takes in five seconds, the newest of them', () => {
    expect(foldedOf(some(5), new Set())).toEqual([]);
    expect(foldedOf(some(8), new Set()).map(({ id }) => id)).toEqual(['g5', 'g6', 'g7']);
  });

  test('are not the critical ones while others can be', () => {
    const groups = [...some(6), group('late', { severity: 'critical', since: 99 })];

    expect(foldedOf(groups, new Set()).map(({ id }) => id)).toEqual(['g4', 'g5']);
  });

  test('stay folded until they have their own message', () => {
    const groups = [group('a'), group('b'), group('c', { isPosted: true })];

    expect(foldedOf(groups, new Set(['b', 'c'])).map(({ id }) => id)).toEqual(['b']);
  });
});
