import type { KnownBlock } from '@slack/types';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MessageBlocks } from '../../../../rehearsal/slack/block-kit.ts';
import type { AlertSeverity } from '../../../../src/alerts/alert.ts';
import type { FoldedGroup } from '../../../../src/alerts/group.ts';
import { digestMessage } from '../../../../src/bot/blocks/alerts/digest-message.ts';
import { parseGroup } from '../../../../src/bot/blocks/alerts/group-reference.ts';
import { characters } from '../../../../src/bot/blocks/fit.ts';
import { limits } from '../../../../src/bot/blocks/limits.ts';
import { nasty } from '../nasty.ts';
import { textOf } from '../text-of.ts';
import { groupOf, minute } from './sample-group.ts';

function folded(index: number, severity: AlertSeverity, change: Partial<FoldedGroup> = {}): FoldedGroup {
  const { routing, ...group } = groupOf();
  return {
    ...group,
    id: `group-${index.toString(16).padStart(16, '0')}`,
    groupLabels: { alertname: `Alert${index}` },
    routing: { ...routing, severity },
    openedAt: minute(index),
    ...change,
  };
}

/** The values of all buttons beside a line, in their order. */
function pressable(blocks: readonly KnownBlock[]) {
  return blocks.flatMap((block) =>
    block.type === 'section' && block.accessory?.type === 'button' ? [parseGroup(block.accessory.value)] : [],
  );
}

test('a storm is one message, the worst and oldest first, each group with its button', () => {
  const all = [folded(1, 'warning'), folded(2, 'critical'), folded(3, 'error'), folded(0, 'critical')];

  const { text, blocks, key, urgent } = digestMessage({ folded: all, calm: 0, now: minute(9) });

  expect([key, urgent]).toEqual(['digest', true]);
  expect(text).toBe('🟥 4 alert groups are firing: 2 critical, 1 error, 1 warning');
  expect(textOf(blocks)).toBe(
    [
      '🟥 4 alert groups are firing',
      'Shown one by one as Slack allows, the worst first. 2 critical, 1 error, 1 warning.',
      '🟥 *Alert0* · production · 2 firing · 2026-11-22 03:04 UTC\nThe disk fills within 4 hours',
      '🟥 *Alert2* · production · 2 firing · 2026-11-22 03:06 UTC\nThe disk fills within 4 hours',
      '🟧 *Alert3* · production · 2 firing · 2026-11-22 03:07 UTC\nThe disk fills within 4 hours',
      '🟨 *Alert1* · production · 2 firing · 2026-11-22 03:05 UTC\nThe disk fills within 4 hours',
    ].join('\n'),
  );
  expect(pressable(blocks)[0]).toEqual({ group: 'group-0000000000000000', round: 1 });
});

test('what somebody has in hand comes after its equals and has no button', () => {
  const seen = folded(0, 'critical', { acknowledged: { by: { via: 'slack', id: 'UBOB' }, at: minute(1) } });

  const { blocks } = digestMessage({ folded: [seen, folded(1, 'critical')], calm: 0, now: minute(9) });

  expect(textOf(blocks)).toMatch(/Alert1[\s\S]*Alert0[\s\S]*👀 Acknowledged by <@UBOB>/);
  expect(pressable(blocks)).toHaveLength(1);
});

test('a great storm keeps within a message: over forty groups with a button, the rest by severity', () => {
  const all = Array.from({ length: 500 }, (_, index) => folded(index, index < 450 ? 'warning' : 'critical'));

  const { blocks } = digestMessage({ folded: all, calm: 0, now: minute(9) });

  expect(MessageBlocks.safeParse(blocks).error).toBeUndefined();
  expect(pressable(blocks).length).toBeGreaterThan(40);
  expect(pressable(blocks)[0]?.group).toBe(`group-${(450).toString(16).padStart(16, '0')}`);
  const left = 500 - pressable(blocks).length;
  expect(textOf(blocks)).toContain(`… and ${left} more: ${left - 450} critical, 450 warning`);
});

test('groups that resolved while they were folded are counted, not listed', () => {
  const { text, blocks } = digestMessage({
    folded: [folded(1, 'error'), folded(2, 'critical', { status: 'resolved' })],
    calm: 0,
    now: minute(9),
  });

  expect(text).toBe('🟧 1 alert group is firing: 1 error');
  expect(textOf(blocks)).toContain('✅ 1 group here has resolved');
  expect(textOf(blocks)).not.toContain('Alert2');
});

test('when it has calmed down the digest says so', () => {
  const { text, blocks, urgent } = digestMessage({ folded: [], calm: 42, now: minute(9) });

  expect(text).toBe('✅ Calm again: 42 groups had been folded here, each now has its own message');
  expect(textOf(blocks)).toBe(`${text}.`);
  expect(urgent).toBe(false);
});

test('whatever the labels are, at least twenty groups can be acknowledged and nothing is broken', () => {
  fc.assert(
    fc.property(nasty, nasty, (name, text) => {
      const labels = { alertname: name, [text]: text };
      const change = { groupLabels: labels, commonLabels: labels, commonAnnotations: { summary: text } };
      const { routing } = groupOf();
      const all = Array.from({ length: 60 }, (_, index) =>
        folded(index, 'error', { ...change, routing: { ...routing, environment: text } }),
      );

      const { blocks, text: line } = digestMessage({ folded: all, calm: 0, now: minute(9) });

      expect(MessageBlocks.safeParse(blocks).error).toBeUndefined();
      expect(characters(blocks)).toBeLessThanOrEqual(limits.messageTotal);
      expect(pressable(blocks).length).toBeGreaterThanOrEqual(20);
      expect(line).not.toMatch(/[\n<]/);
    }),
    { numRuns: 25 },
  );
});
