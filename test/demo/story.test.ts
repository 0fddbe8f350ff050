import { expect, test } from 'vitest';
import { readable } from '../../rehearsal/demo/story.ts';

test('a message is told as people read it, with its buttons and without markup', () => {
  const message = {
    ts: '1.0',
    channel: 'C0PRODUCTION',
    user: 'U0SLIPWAY',
    text: 'Approval needed',
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: '*Approved* by <@U0BOB> &amp; <@U0CAROL>' } },
      {
        type: 'context',
        elements: [{ type: 'mrkdwn', text: '<!date^1795357374^{date_short_pretty} {time}|2026-11-22 UTC>' }],
      },
      {
        type: 'actions',
        elements: [{ type: 'button', action_id: 'a', text: { type: 'plain_text', text: 'Roll back' } }],
      },
    ],
  };

  const lines = readable(message);

  expect(lines).toEqual(['Approved by @bob & @carol', '2026-11-22 UTC', '[ Roll back ]']);
});
