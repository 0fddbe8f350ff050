import { describe, expect, test } from 'vitest';
import { buttonTexts, findAction } from '../../../rehearsal/slack/buttons.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const card = {
  ts: '1.000001',
  channel: 'C1',
  user: 'U0SLIPWAY',
  text: 'Deploying v1',
  blocks: [
    {
      type: 'section',
      block_id: 'head',
      accessory: {
        type: 'overflow',
        action_id: 'more',
        options: [{ text: plain('Details'), value: 'details' }],
      },
    },
    { type: 'context', elements: [plain('Approve')] },
    {
      type: 'actions',
      block_id: 'gate',
      elements: [{ type: 'button', action_id: 'approve', text: plain('Approve'), value: 'd1' }],
    },
  ],
};

describe('what can be clicked in a message', () => {
  test.each(['Approve', 'approve'])('is a button, found by %s', (wanted) => {
    expect(findAction(card, wanted)).toEqual({
      type: 'button',
      action_id: 'approve',
      block_id: 'gate',
      value: 'd1',
      text: plain('Approve'),
    });
  });

  test.each(['Details', 'details'])('is an entry of an overflow menu, found by %s', (wanted) => {
    expect(findAction(card, wanted)).toEqual({
      type: 'overflow',
      action_id: 'more',
      block_id: 'head',
      selected_option: { text: plain('Details'), value: 'details' },
    });
  });

  test('is listed in the order of the page', () => {
    expect(buttonTexts(card)).toEqual(['Details', 'Approve']);
  });

  test('is named when something else was wanted', () => {
    expect(() => findAction(card, 'Reject')).toThrow('there is “Details” (more), “Approve” (approve)');
  });
});
