import { describe, expect, test } from 'vitest';
import type { AlertGroup, Change } from '../../../../src/alerts/group.ts';
import { groupMessage } from '../../../../src/bot/blocks/alerts/group-message.ts';
import { textOf, valuesOf } from '../text-of.ts';
import { minute, viewOf } from './sample-group.ts';

const bob = { via: 'slack', id: 'UBOB' } as const;
const told = [{ at: minute(5), step: 0, people: ['UALICE', 'UCAROL'], page: 'infra' }];
const escalation = { policy: 'oncall', step: 1, nextAt: minute(9), status: 'running', told } as const;

function change(what: Change['what'], more: Partial<Change> = {}): Change {
  return { number: 7, at: minute(5), round: 1, what, ...more };
}

/** All messages but the channel's own, by their keys, as they are read. */
function beside(changes: readonly Change[], group: Partial<AlertGroup> = {}) {
  const [, ...others] = groupMessage(viewOf({ changes, escalation, ...group }));
  return Object.fromEntries(others.map((one) => [one.key, textOf(one.blocks)]));
}

describe('the thread of a group', () => {
  test.each<[Change, string]>([
    [
      change('fired', { count: 3, some: [{ instance: 'db-4' }, { instance: 'db-5' }] }),
      '🟥 3 alerts more fire\n• `instance=db-4`\n• `instance=db-5`\n… and 1 more',
    ],
    [
      change('resolved', { count: 1, some: [{ instance: 'db-4' }] }),
      '✅ 1 alert resolved\n• `instance=db-4`',
    ],
    [change('acknowledged', { by: bob }), '👀 Acknowledged by <@UBOB>'],
    [change('unacknowledged', { by: bob }), '🟥 No longer acknowledged, by <@UBOB>'],
    [change('silenced', { by: bob, detail: 'Moving <data>' }), '🔕 Silenced by <@UBOB>: Moving &lt;data&gt;'],
    [change('silence-ended', {}), '🔕 A silence has ended'],
    [change('silence-failed', { detail: 'It is full.' }), '⚠️ A silence could not be made: It is full.'],
    [change('escalated', { count: 2 }), '⏰ Escalated to <@UALICE>, <@UCAROL>, PagerDuty (infra)'],
    [change('escalated', { by: bob, detail: 'Now.' }), '⏰ Escalated by <@UBOB>: Now.'],
    [change('paged'), '📟 PagerDuty was paged'],
    [change('page-refused', { detail: 'No key.' }), '⚠️ PagerDuty refused the page: No key.'],
    [
      change('reassigned', { by: { via: 'pagerduty', id: 'P1', name: 'Ann' }, detail: 'Ben' }),
      '📟 Reassigned in PagerDuty by Ann in PagerDuty: Ben',
    ],
    [change('page-closed', { by: bob }), '⏹️ The page was closed by <@UBOB>'],
    [change('closed', { detail: 'All have ended.' }), '✅ Resolved: All have ended.'],
  ])('tells %o', (one, wanted) => {
    const messages = beside([one]);

    expect(messages['change-7']).toBe(wanted);
  });

  test('never changes what it has told', () => {
    const all = [change('fired', { count: 2 }), change('escalated', { number: 8 })];

    const [before, later] = [
      beside(all),
      beside(all, { acknowledged: { by: bob, at: minute(6) }, status: 'resolved', closedAt: minute(9) }),
    ];

    expect([later['change-7'], later['change-8']]).toEqual([before['change-7'], before['change-8']]);
  });

  test('leaves out what the message itself says, and what belongs to an earlier round', () => {
    const all = [
      change('fired', { number: 1, count: 1 }),
      change('related', { number: 2, round: 2, count: 1 }),
      change('reopened', { number: 3, round: 2, count: 1 }),
      change('resolved', { number: 4, round: 2, at: minute(8), count: 2 }),
      change('closed', { number: 5, round: 2, at: minute(8) }),
    ];

    const messages = beside(all, { round: 2 });

    expect(Object.keys(messages)).toEqual(['change-5']);
  });

  test('does not tell the comings and goings of a group that flaps', () => {
    const all = [
      change('fired', { number: 1 }),
      change('acknowledged', { number: 2, by: bob }),
      change('closed', { number: 3 }),
    ];

    const messages = beside(all, { flapping: true });

    expect(Object.keys(messages)).toEqual(['change-2']);
  });
});

describe('whoever is told', () => {
  const messages = (group: Partial<AlertGroup> = {}) =>
    groupMessage(viewOf({ changes: [change('escalated', { count: 2 })], escalation, ...group })).filter(
      ({ to }) => to !== undefined,
    );

  test('gets a message with what is wrong, where it is worked on, and a button', () => {
    const [first, second] = messages();

    expect([first?.key, first?.to, second?.to]).toEqual(['told-7-UALICE', 'UALICE', 'UCAROL']);
    expect(first?.text).toBe('🟥 DiskWillFill needs you: The disk fills within 4 hours');
    expect(textOf(first?.blocks ?? [])).toBe(
      [
        '🟥 *DiskWillFill* on *production* needs you, <@UALICE>',
        'The disk fills within 4 hours',
        'Critical · it is worked on in <#C0ALERTS>',
        '[Acknowledge]',
      ].join('\n'),
    );
    expect(valuesOf(first?.blocks ?? []).Acknowledge).toEqual({ group: 'group-0123456789abcdef', round: 1 });
  });

  test('sees when somebody else has it, and has nothing to press then', () => {
    const [first] = messages({ acknowledged: { by: bob, at: minute(6) } });

    expect(textOf(first?.blocks ?? [])).toContain('👀 Acknowledged by <@UBOB>');
    expect(valuesOf(first?.blocks ?? [])).toEqual({});
  });
});
