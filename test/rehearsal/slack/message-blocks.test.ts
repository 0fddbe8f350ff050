import { describe, expect, test } from 'vitest';
import { slackContract } from '../../../rehearsal/slack/contract.ts';
import type { WebApiCall } from '../../../rehearsal/slack/web-api-call.ts';
import {
  actions,
  button,
  confirm,
  image,
  many,
  mrkdwn,
  option,
  plain,
  post,
  section,
  select,
  x,
} from './example-calls.ts';

const refused: [why: string, broken: WebApiCall, error: string, pointer: string][] = [
  ['51 blocks', post(...many(51, () => section())), 'invalid_blocks', '/blocks'],
  ['an empty section text', post(section('')), 'invalid_blocks', '/blocks/0/text/text'],
  ['a section text of 3001', post(section(x(3001))), 'invalid_blocks', '/blocks/0/text/text'],
  ['a section of nothing', post({ type: 'section' }), 'invalid_blocks', '/blocks/0'],
  [
    '11 fields',
    post({ type: 'section', fields: many(11, () => mrkdwn('a')) }),
    'invalid_blocks',
    '/blocks/0/fields',
  ],
  [
    'a field of 2001',
    post({ type: 'section', fields: [mrkdwn(x(2001))] }),
    'invalid_blocks',
    '/blocks/0/fields/0/text',
  ],
  ['a header of 151', post({ type: 'header', text: plain(x(151)) }), 'invalid_blocks', '/blocks/0/text/text'],
  [
    'a header in mrkdwn',
    post({ type: 'header', text: mrkdwn('a') }),
    'invalid_blocks',
    '/blocks/0/text/type',
  ],
  [
    '11 context elements',
    post({ type: 'context', elements: many(11, () => mrkdwn('a')) }),
    'invalid_blocks',
    '/blocks/0/elements',
  ],
  ['a context of nothing', post({ type: 'context', elements: [] }), 'invalid_blocks', '/blocks/0/elements'],
  ['26 actions', post(actions(...many(26, () => button()))), 'invalid_blocks', '/blocks/0/elements'],
  ['actions of nothing', post(actions()), 'invalid_blocks', '/blocks/0/elements'],
  ['a block_id of 256', post({ ...section(), block_id: x(256) }), 'invalid_blocks', '/blocks/0/block_id'],
  [
    'a block_id twice',
    post({ ...section(), block_id: 'a' }, { ...section(), block_id: 'a' }),
    'invalid_blocks',
    '/blocks/1/block_id',
  ],
  ['an image alt text of 2001', post(image({ alt_text: x(2001) })), 'invalid_blocks', '/blocks/0/alt_text'],
  ['an image without alt text', post(image({ alt_text: undefined })), 'invalid_blocks', '/blocks/0/alt_text'],
  [
    'an image title of 2001',
    post(image({ title: plain(x(2001)) })),
    'invalid_blocks',
    '/blocks/0/title/text',
  ],
  ['a markdown block', post({ type: 'markdown', text: 'a' }), 'invalid_blocks', '/blocks/0/type'],
  ['a table block', post({ type: 'table', rows: [] }), 'invalid_blocks', '/blocks/0/type'],
  ['an unknown field', post({ ...section(), colour: 'red' }), 'invalid_blocks', '/blocks/0'],
  ['rich text of nothing', post({ type: 'rich_text', elements: [] }), 'invalid_blocks', '/blocks/0/elements'],
  [
    'blocks of 13,201 characters',
    post(...many(4, () => section(x(3000))), section(x(1201))),
    'msg_blocks_too_long',
    '',
  ],
  [
    'an image url of 3001',
    post(image({ image_url: `https://a.test/${x(2986)}` })),
    'invalid_blocks',
    '/blocks/0/image_url',
  ],
];

const taken: [what: string, good: WebApiCall][] = [
  ['50 blocks', post(...many(50, () => section()))],
  ['a section text of 3000', post(section(x(3000)))],
  ['10 fields', post({ type: 'section', fields: many(10, () => mrkdwn('a')) })],
  ['a header of 150', post({ type: 'header', text: plain(x(150)) })],
  ['blocks of 13,200 characters', post(...many(4, () => section(x(3000))), section(x(1200)))],
  [
    'a message with everything',
    post(
      { type: 'header', text: plain('Deploying') },
      {
        ...section(),
        accessory: {
          type: 'overflow',
          action_id: 'o',
          options: [option('a'), { ...option('b'), url: 'https://a.test' }],
        },
      },
      { type: 'divider' },
      { type: 'context', elements: [mrkdwn('a'), image()] },
      actions(
        button({ style: 'danger', value: 'v', ...confirm({ style: 'danger' }) }),
        select({ placeholder: plain('Pick') }),
      ),
      image({ title: plain('a') }),
      {
        type: 'rich_text',
        elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'log' }] }],
      },
    ),
  ],
];

describe('the blocks of a message', () => {
  test.each(refused)('refuses %s', (_why, broken, error, pointer) => {
    const refusal = slackContract().check(broken);

    expect(refusal?.error).toBe(error);
    expect(refusal?.messages.join('\n')).toContain(pointer);
  });

  test.each(taken)('takes %s', (_what, good) => {
    expect(slackContract().check(good)).toBeUndefined();
  });
});
