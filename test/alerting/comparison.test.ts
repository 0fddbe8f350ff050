import { describe, expect, test } from 'vitest';
import { longestWaitIn, ShownAlert } from '../../src/alerting/alertmanager-answers.ts';
import { compare, standing } from '../../src/alerting/comparison.ts';

const startsAt = '2026-11-22T03:04:05.678Z';

function shown(fingerprint: string, more: Record<string, unknown> = {}, state = 'active'): ShownAlert {
  return ShownAlert.parse({
    fingerprint,
    labels: { alertname: 'DiskFull', instance: fingerprint },
    annotations: {},
    startsAt,
    receivers: [{ name: 'slipway' }],
    status: { state, silencedBy: null },
    ...more,
  });
}

const kept = (fingerprint: string, since = '2026-11-22T03:04:05.678901234Z') => ({
  group: 'group-1',
  fingerprint,
  startsAt: since,
});

const nothing = {
  firing: [],
  closed: [],
  shown: [],
  receivers: new Set(['slipway']),
  truncated: [],
  isWatchdog: () => false,
};

describe('what is known and what Alertmanager shows', () => {
  test('agree on what both have, whatever it is there', () => {
    const same = compare({
      ...nothing,
      firing: [kept('a'), kept('b')],
      shown: [shown('a'), shown('b', {}, 'suppressed')],
    });

    expect(same).toEqual({ missing: [], revived: [], unreached: [] });
  });

  test('differ in what is only here', () => {
    expect(compare({ ...nothing, firing: [kept('a'), kept('b')], shown: [shown('a')] }).missing).toEqual([
      kept('b'),
    ]);
  });

  test('differ in what has ended only here, told to the nanosecond or not', () => {
    const { revived, unreached } = compare({ ...nothing, closed: [kept('a')], shown: [shown('a')] });

    expect(revived).toEqual([{ episode: kept('a'), alert: shown('a') }]);
    expect(unreached).toEqual([]);
  });

  test.each([
    ['is silenced there', [kept('a')], shown('a', {}, 'suppressed'), 0],
    ['began anew there', [kept('a', '2026-11-22T02:00:00.000000000Z')], shown('a'), 1],
  ])('differ not in what has ended here and %s', (_, closed, alert, count) => {
    const { revived, unreached } = compare({ ...nothing, closed, shown: [alert] });

    expect(revived).toEqual([]);
    expect(unreached).toHaveLength(count);
  });

  test('differ in what is only there and was meant for here', () => {
    expect(compare({ ...nothing, shown: [shown('a')] }).unreached).toEqual([shown('a')]);
  });

  test.each([
    ['is silenced or inhibited', shown('a', {}, 'suppressed'), {}],
    ['has only just come', shown('a', {}, 'unprocessed'), {}],
    ['is for a receiver that never delivered here', shown('a', { receivers: [{ name: 'mail' }] }), {}],
    ['is the watchdog', shown('a'), { isWatchdog: () => true }],
    [
      'was left out of what was told of its group',
      shown('a'),
      { truncated: [{ receiver: 'slipway', groupLabels: { alertname: 'DiskFull' } }] },
    ],
  ])('differ not in what is only there and %s', (_, alert, more) => {
    expect(compare({ ...nothing, shown: [alert], ...more }).unreached).toEqual([]);
  });

  test('differ in what is only there although another group is told in part', () => {
    const truncated = [{ receiver: 'slipway', groupLabels: { alertname: 'Other' } }];

    expect(compare({ ...nothing, shown: [shown('a')], truncated }).unreached).toHaveLength(1);
  });
});

test('what is found again stands since it was first found, and what is not is forgotten', () => {
  const first = standing(new Map(), ['a', 'b'], 1_000);
  const second = standing(first, ['b', 'c'], 2_000);

  expect([...second]).toEqual([
    ['b', { since: 1_000, looks: 2 }],
    ['c', { since: 2_000, looks: 1 }],
  ]);
});

test.each([
  ['route:\n  group_wait: 30s\n  group_interval: 5m\n  repeat_interval: 4h\n', 300_000],
  ['route:\n  group_wait: 0s\n  group_interval: 500ms\n  routes:\n  - group_wait: 1h30m\n', 5_400_000],
  ['global: {}\n', 0],
])('the longest wait in a configuration is found', (text, wait) => {
  expect(longestWaitIn(text)).toBe(wait);
});
