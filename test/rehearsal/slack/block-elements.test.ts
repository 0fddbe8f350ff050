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
  select,
  textInput,
  x,
} from './example-calls.ts';

const refused: [why: string, broken: WebApiCall, error: string, pointer: string][] = [
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
  ['a text input among actions', post(actions(textInput())), 'invalid_blocks', '/blocks/0/elements/0/type'],
  [
    'an image alt text of 2001 in a context',
    post({ type: 'context', elements: [image({ alt_text: x(2001) })] }),
    'invalid_blocks',
    '/blocks/0/elements/0/alt_text',
  ],
  [
    'a context text of 3001',
    post({ type: 'context', elements: [mrkdwn(x(3001))] }),
    'invalid_blocks',
    '/blocks/0/elements/0/text',
  ],
  [
    'an accessibility label of 76',
    post(actions(button({ accessibility_label: x(76) }))),
    'invalid_blocks',
    '/blocks/0/elements/0/accessibility_label',
  ],
  [
    'an option description of 76',
    post(actions(select({ options: [{ ...option('a'), description: plain(x(76)) }] }))),
    'invalid_blocks',
    '/blocks/0/elements/0/options/0/description/text',
  ],
  [
    'a group label of 76',
    post(
      actions(
        select({ options: undefined, option_groups: [{ label: plain(x(76)), options: [option('a')] }] }),
      ),
    ),
    'invalid_blocks',
    '/blocks/0/elements/0/option_groups/0/label/text',
  ],
  [
    '101 options in a group',
    post(
      actions(
        select({
          options: undefined,
          option_groups: [{ label: plain('a'), options: many(101, (n) => option(`${n}`)) }],
        }),
      ),
    ),
    'invalid_blocks',
    '/blocks/0/elements/0/option_groups/0/options',
  ],
  [
    '101 option groups',
    post(
      actions(
        select({
          options: undefined,
          option_groups: many(101, (n) => ({ label: plain(`${n}`), options: [option('a')] })),
        }),
      ),
    ),
    'invalid_blocks',
    '/blocks/0/elements/0/option_groups',
  ],
  [
    'a checkbox text of 76',
    post(actions({ type: 'checkboxes', options: [{ text: mrkdwn(x(76)), value: 'a' }] })),
    'invalid_blocks',
    '/blocks/0/elements/0/options/0/text/text',
  ],
  [
    'a checkbox description of 76',
    post(actions({ type: 'checkboxes', options: [{ ...option('a'), description: mrkdwn(x(76)) }] })),
    'invalid_blocks',
    '/blocks/0/elements/0/options/0/description/text',
  ],
  [
    '101 options of a multiple select',
    post(
      actions({
        type: 'multi_static_select',
        options: [option('a')],
        initial_options: many(101, (n) => option(`${n}`)),
      }),
    ),
    'invalid_blocks',
    '/blocks/0/elements/0/initial_options',
  ],
];

const taken: [what: string, good: WebApiCall][] = [
  [
    '25 buttons of 75 characters',
    post(actions(...many(25, (n) => button({ text: plain(x(75)), action_id: `${n}` })))),
  ],
  [
    'an action_id in two blocks',
    post(actions(button({ action_id: 'a' })), actions(button({ action_id: 'a' }))),
  ],
];

describe('the elements of blocks', () => {
  test.each(refused)('refuses %s', (_why, broken, error, pointer) => {
    const refusal = slackContract().check(broken);

    expect(refusal?.error).toBe(error);
    expect(refusal?.messages.join('\n')).toContain(pointer);
  });

  test.each(taken)('takes %s', (_what, good) => {
    expect(slackContract().check(good)).toBeUndefined();
  });
});
