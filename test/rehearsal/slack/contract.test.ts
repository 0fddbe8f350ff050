import { describe, expect, test } from 'vitest';
import { slackContract } from '../../../rehearsal/slack/contract.ts';
import type { WebApiCall } from '../../../rehearsal/slack/web-api-call.ts';

const x = (length: number) => 'x'.repeat(length);
const many = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));
const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const section = (text = 'a') => ({ type: 'section', text: mrkdwn(text) });
const button = (rest: object = {}) => ({ type: 'button', text: plain('Go'), ...rest });
const actions = (...elements: object[]) => ({ type: 'actions', elements });
const option = (value: string, text = value) => ({ text: plain(text), value });
const select = (rest: object = {}) => ({
  type: 'static_select',
  action_id: 's',
  options: [option('a')],
  ...rest,
});
const input = (element: object, rest: object = {}) => ({
  type: 'input',
  label: plain('Why'),
  element,
  ...rest,
});
const textInput = (rest: object = {}) => ({ type: 'plain_text_input', action_id: 't', ...rest });
const confirm = (rest: object) => ({
  confirm: {
    title: plain('Sure?'),
    text: mrkdwn('Really'),
    confirm: plain('Yes'),
    deny: plain('No'),
    ...rest,
  },
});
const modal = (rest: object = {}) => ({
  type: 'modal',
  title: plain('Reject'),
  blocks: [section()],
  ...rest,
});
const image = (rest: object = {}) => ({
  type: 'image',
  image_url: 'https://example.test/a.png',
  alt_text: 'a',
  ...rest,
});

function call(method: string, args: Record<string, unknown>): WebApiCall {
  return { method, args, token: undefined, unreadable: [] };
}
const post = (...blocks: object[]) => call('chat.postMessage', { channel: 'C1', text: 'a', blocks });
const postWith = (args: object) => call('chat.postMessage', { channel: 'C1', text: 'a', ...args });
const update = (args: object) =>
  call('chat.update', { channel: 'C1', ts: '1700000000.000001', text: 'a', blocks: [section()], ...args });
const open = (view: object) => call('views.open', { trigger_id: '1.2.3', view });

const overLimit: [why: string, broken: WebApiCall, error: string, pointer: string][] = [
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
  ['a text of 4001', postWith({ text: x(4001) }), 'msg_too_long', ''],
  ['blocks without a text', postWith({ text: undefined, blocks: [section()] }), 'no_text', ''],
  ['an empty text', postWith({ text: '' }), 'no_text', ''],
  ['no channel', postWith({ channel: undefined }), 'invalid_arguments', 'channel'],
  ['a thread that is no timestamp', postWith({ thread_ts: '12' }), 'invalid_arguments', 'thread_ts'],
  [
    'metadata without a payload',
    postWith({ metadata: { event_type: 'a' } }),
    'invalid_metadata_format',
    '/metadata/event_payload',
  ],
  [
    'metadata with a list as payload',
    postWith({ metadata: { event_type: 'a', event_payload: [] } }),
    'invalid_metadata_format',
    '/metadata/event_payload',
  ],
  [
    'metadata with more',
    postWith({ metadata: { event_type: 'a', event_payload: {}, more: 1 } }),
    'invalid_metadata_format',
    '/metadata',
  ],
  ['an update by channel name', update({ channel: '#production' }), 'channel_not_found', 'channel id'],
  ['an update without blocks', update({ blocks: undefined }), 'invalid_arguments', 'blocks'],
  ['an update without text', update({ text: undefined }), 'no_text', ''],
  ['an update without ts', update({ ts: undefined }), 'invalid_arguments', 'ts'],
  [
    'an ephemeral message to nobody',
    call('chat.postEphemeral', { channel: 'C1', text: 'a' }),
    'invalid_arguments',
    'user',
  ],
  [
    'history by channel name',
    call('conversations.history', { channel: 'production' }),
    'channel_not_found',
    'channel id',
  ],
  ['a modal title of 25', open(modal({ title: plain(x(25)) })), 'invalid_arguments', '/view/title/text'],
  ['a submit of 25', open(modal({ submit: plain(x(25)) })), 'invalid_arguments', '/view/submit/text'],
  ['a close of 25', open(modal({ close: plain(x(25)) })), 'invalid_arguments', '/view/close/text'],
  [
    'private metadata of 3001',
    open(modal({ private_metadata: x(3001) })),
    'invalid_arguments',
    '/view/private_metadata',
  ],
  ['a callback_id of 256', open(modal({ callback_id: x(256) })), 'invalid_arguments', '/view/callback_id'],
  ['an external_id of 256', open(modal({ external_id: x(256) })), 'invalid_arguments', '/view/external_id'],
  [
    '101 blocks in a modal',
    open(modal({ blocks: many(101, () => section()) })),
    'invalid_arguments',
    '/view/blocks',
  ],
  [
    'an input without submit',
    open(modal({ blocks: [input(textInput())] })),
    'invalid_arguments',
    '/view/submit',
  ],
  [
    'an input label of 2001',
    open(modal({ submit: plain('Go'), blocks: [input(textInput(), { label: plain(x(2001)) })] })),
    'invalid_arguments',
    '/view/blocks/0/label/text',
  ],
  [
    'a hint of 2001',
    open(modal({ submit: plain('Go'), blocks: [input(textInput(), { hint: plain(x(2001)) })] })),
    'invalid_arguments',
    '/view/blocks/0/hint/text',
  ],
  [
    'an input placeholder of 151',
    open(modal({ submit: plain('Go'), blocks: [input(textInput({ placeholder: plain(x(151)) }))] })),
    'invalid_arguments',
    '/view/blocks/0/element/placeholder/text',
  ],
  [
    'a max_length of 3001',
    open(modal({ submit: plain('Go'), blocks: [input(textInput({ max_length: 3001 }))] })),
    'invalid_arguments',
    '/view/blocks/0/element/max_length',
  ],
  [
    'a button as input',
    open(modal({ submit: plain('Go'), blocks: [input(button())] })),
    'invalid_arguments',
    '/view/blocks/0/element/type',
  ],
  ['a text input among actions', post(actions(textInput())), 'invalid_blocks', '/blocks/0/elements/0/type'],
  [
    'two inputs with the focus',
    open(
      modal({
        submit: plain('Go'),
        blocks: [input(textInput({ focus_on_load: true })), input(textInput({ focus_on_load: true }))],
      }),
    ),
    'invalid_arguments',
    '/view/blocks',
  ],
  [
    'a home tab of 101 blocks',
    call('views.publish', { user_id: 'U1', view: { type: 'home', blocks: many(101, () => section()) } }),
    'invalid_arguments',
    '/view/blocks',
  ],
  ['a modal without a trigger', call('views.open', { view: modal() }), 'invalid_arguments', 'trigger_id'],
  ['an update of no view', call('views.update', { view: modal() }), 'invalid_arguments', 'view_id'],
  [
    'a response with 51 blocks',
    call('response_url', { text: 'a', blocks: many(51, () => section()) }),
    'invalid_blocks',
    '/blocks',
  ],
  ['a crowd in a text', postWith({ text: 'hey <!channel>' }), 'crowd_mentioned', '<!channel>'],
  ['a crowd with a label', post(section('<!here|here>')), 'crowd_mentioned', '<!here|here>'],
  [
    'a crowd in a field',
    post({ type: 'section', fields: [mrkdwn('<!everyone>')] }),
    'crowd_mentioned',
    '<!everyone>',
  ],
  ['a user group', post(section('<!subteam^S1|@release>')), 'crowd_mentioned', '<!subteam^S1'],
  [
    'a crowd in an attachment',
    postWith({ attachments: [{ text: '<!here>' }] }),
    'crowd_mentioned',
    '<!here>',
  ],
  [
    'a crowd in rich text',
    post({
      type: 'rich_text',
      elements: [{ type: 'rich_text_section', elements: [{ type: 'broadcast', range: 'channel' }] }],
    }),
    'crowd_mentioned',
    '<!channel>',
  ],
];

const atLimit: [what: string, good: WebApiCall][] = [
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
  ['a text of 4000', postWith({ text: x(4000) })],
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
  [
    'metadata',
    postWith({ metadata: { event_type: 'surface', event_payload: { surface: 'deployment/1/card' } } }),
  ],
  ['an update', update({})],
  [
    'a modal with every kind of input',
    open(
      modal({
        submit: plain('Go'),
        close: plain('Cancel'),
        private_metadata: '{}',
        callback_id: 'c',
        notify_on_close: true,
        blocks: [
          input(textInput({ multiline: true, max_length: 3000, placeholder: plain('why') }), {
            hint: plain('long'),
          }),
          input(select(), { optional: true }),
          input({ type: 'checkboxes', action_id: 'c', options: [{ text: mrkdwn('*a*'), value: 'a' }] }),
          input({
            type: 'radio_buttons',
            action_id: 'r',
            options: [option('a')],
            initial_option: option('a'),
          }),
          input({ type: 'number_input', action_id: 'n', is_decimal_allowed: false }),
          input({ type: 'users_select', action_id: 'u' }),
          input({ type: 'datepicker', action_id: 'd', initial_date: '2026-01-31' }),
          input({ type: 'timepicker', action_id: 'z', initial_time: '23:59' }),
        ],
      }),
    ),
  ],
  ['a mention of one person', post(section('<@U1> please'))],
  ['a crowd in plain text, which mentions nobody', post({ type: 'header', text: plain('<!channel>') })],
  ['a crowd in a button value, which nobody sees', post(actions(button({ value: '<!channel>' })))],
  ['an escaped crowd', post(section('&lt;!channel&gt;'))],
  ['a deletion by response address', call('response_url', { delete_original: true })],
  ['a method without a rule', call('auth.test', {})],
];

describe('the contract of Slack', () => {
  test.each(overLimit)('refuses %s', (_why, broken, error, pointer) => {
    const refusal = slackContract().check(broken);

    expect(refusal?.error).toBe(error);
    expect(refusal?.messages.join('\n')).toContain(pointer);
  });

  test.each(atLimit)('takes %s', (_what, good) => {
    expect(slackContract().check(good)).toBeUndefined();
  });

  test('takes a trigger id once', () => {
    const contract = slackContract();

    const first = contract.check(open(modal()));
    const second = contract.check(open(modal()));

    expect(first).toBeUndefined();
    expect(second?.error).toBe('exchanged_trigger_id');
  });

  test('lets the crowd through that is allowed, and no other', () => {
    const contract = slackContract(['<!subteam^S1>']);

    const allowed = contract.check(post(section('<!subteam^S1|@oncall>')));
    const other = contract.check(post(section('<!subteam^S2>')));

    expect(allowed).toBeUndefined();
    expect(other?.error).toBe('crowd_mentioned');
  });

  test('refuses blocks that are not JSON', () => {
    const refusal = slackContract().check({ ...post(), unreadable: ['blocks'] });

    expect(refusal?.error).toBe('invalid_blocks_format');
  });
});
