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
  textInput,
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
  [
    'a button text of 76',
    post(actions(button({ text: plain(x(76)) }))),
    'invalid_blocks',
    '/blocks/0/elements/0/text/text',
  ],
  [
    'a button text in mrkdwn',
    post(actions(button({ text: mrkdwn('a') }))),
    'invalid_blocks',
    '/blocks/0/elements/0/text/type',
  ],
  [
    'a button value of 2001',
    post(actions(button({ value: x(2001) }))),
    'invalid_blocks',
    '/blocks/0/elements/0/value',
  ],
  [
    'a button url of 3001',
    post(actions(button({ url: `https://a.test/${x(2986)}` }))),
    'invalid_blocks',
    '/blocks/0/elements/0/url',
  ],
  [
    'a button url that is none',
    post(actions(button({ url: 'here' }))),
    'invalid_blocks',
    '/blocks/0/elements/0/url',
  ],
  [
    'a style that is none',
    post(actions(button({ style: 'warning' }))),
    'invalid_blocks',
    '/blocks/0/elements/0/style',
  ],
  [
    'an action_id of 256',
    post(actions(button({ action_id: x(256) }))),
    'invalid_blocks',
    '/blocks/0/elements/0/action_id',
  ],
  [
    'an action_id twice',
    post(actions(button({ action_id: 'a' }), button({ action_id: 'a' }))),
    'invalid_blocks',
    '/blocks/0',
  ],
  ['a block_id of 256', post({ ...section(), block_id: x(256) }), 'invalid_blocks', '/blocks/0/block_id'],
  [
    'a block_id twice',
    post({ ...section(), block_id: 'a' }, { ...section(), block_id: 'a' }),
    'invalid_blocks',
    '/blocks/1/block_id',
  ],
  [
    'a confirm title of 101',
    post(actions(button(confirm({ title: plain(x(101)) })))),
    'invalid_blocks',
    '/blocks/0/elements/0/confirm/title/text',
  ],
  [
    'a confirm text of 301',
    post(actions(button(confirm({ text: mrkdwn(x(301)) })))),
    'invalid_blocks',
    '/blocks/0/elements/0/confirm/text/text',
  ],
  [
    'a confirm button of 31',
    post(actions(button(confirm({ confirm: plain(x(31)) })))),
    'invalid_blocks',
    '/blocks/0/elements/0/confirm/confirm/text',
  ],
  [
    'a deny button of 31',
    post(actions(button(confirm({ deny: plain(x(31)) })))),
    'invalid_blocks',
    '/blocks/0/elements/0/confirm/deny/text',
  ],
  [
    'an option text of 76',
    post(actions(select({ options: [option('a', x(76))] }))),
    'invalid_blocks',
    '/blocks/0/elements/0/options/0/text/text',
  ],
  [
    'an option value of 151',
    post(actions(select({ options: [option(x(151), 'a')] }))),
    'invalid_blocks',
    '/blocks/0/elements/0/options/0/value',
  ],
  [
    '101 options',
    post(actions(select({ options: many(101, (n) => option(`${n}`)) }))),
    'invalid_blocks',
    '/blocks/0/elements/0/options',
  ],
  [
    'a select of nothing',
    post(actions({ type: 'static_select', action_id: 's' })),
    'invalid_blocks',
    '/blocks/0/elements/0',
  ],
  [
    'a placeholder of 151',
    post(actions(select({ placeholder: plain(x(151)) }))),
    'invalid_blocks',
    '/blocks/0/elements/0/placeholder/text',
  ],
  [
    '6 overflow options',
    post(actions({ type: 'overflow', options: many(6, (n) => option(`${n}`)) })),
    'invalid_blocks',
    '/blocks/0/elements/0/options',
  ],
  [
    '11 checkboxes',
    post(actions({ type: 'checkboxes', options: many(11, (n) => option(`${n}`)) })),
    'invalid_blocks',
    '/blocks/0/elements/0/options',
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
  ['a text input among actions', post(actions(textInput())), 'invalid_blocks', '/blocks/0/elements/0/type'],
];

const taken: [what: string, good: WebApiCall][] = [
  ['50 blocks', post(...many(50, () => section()))],
  ['a section text of 3000', post(section(x(3000)))],
  ['10 fields', post({ type: 'section', fields: many(10, () => mrkdwn('a')) })],
  ['a header of 150', post({ type: 'header', text: plain(x(150)) })],
  [
    '25 buttons of 75 characters',
    post(actions(...many(25, (n) => button({ text: plain(x(75)), action_id: `${n}` })))),
  ],
  ['blocks of 13,200 characters', post(...many(4, () => section(x(3000))), section(x(1200)))],
  [
    'an action_id in two blocks',
    post(actions(button({ action_id: 'a' })), actions(button({ action_id: 'a' }))),
  ],
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
