import { expect, test } from 'vitest';
import { drawable } from '../../../rehearsal/slack/drawable.ts';

const form = 'application/x-www-form-urlencoded';

test('dates and code are written for a page that cannot draw them', () => {
  const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: '```GET http://host/\n503```' } }];
  const body = new URLSearchParams({
    channel: 'C1',
    text: 'at <!date^1795357374^{time}|14:22 UTC>',
    blocks: JSON.stringify(blocks),
  });

  const drawn = new URLSearchParams(drawable(Buffer.from(body.toString()), form).toString());

  expect(drawn.get('channel')).toBe('C1');
  expect(drawn.get('text')).toBe('at 14:22 UTC');
  expect(drawn.get('blocks')).toContain('`GET \u2060http://host/`\\n`503`');
});

test('an answer as JSON is written so too, and anything else is left alone', () => {
  const json = Buffer.from(JSON.stringify({ text: '<!date^1^{time}|00:00 UTC>' }));

  expect(drawable(json, 'application/json; charset=utf-8').toString()).toBe('{"text":"00:00 UTC"}');
  expect(drawable(json, 'text/plain')).toBe(json);
});
