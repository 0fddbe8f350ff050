import { describe, expect, test } from 'vitest';
import { slackContract } from '../../../rehearsal/slack/contract.ts';
import type { WebApiCall } from '../../../rehearsal/slack/web-api-call.ts';
import {
  button,
  call,
  input,
  many,
  modal,
  mrkdwn,
  open,
  option,
  plain,
  section,
  select,
  textInput,
  x,
} from './example-calls.ts';

const refused: [why: string, broken: WebApiCall, error: string, pointer: string][] = [
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
  [
    'an initial value of 3001',
    open(modal({ submit: plain('Go'), blocks: [input(textInput({ initial_value: x(3001) }))] })),
    'invalid_arguments',
    '/view/blocks/0/element/initial_value',
  ],
  [
    'a min_length of 3001',
    open(modal({ submit: plain('Go'), blocks: [input(textInput({ min_length: 3001 }))] })),
    'invalid_arguments',
    '/view/blocks/0/element/min_length',
  ],
  [
    'a number placeholder of 151',
    open(
      modal({
        submit: plain('Go'),
        blocks: [input({ type: 'number_input', is_decimal_allowed: true, placeholder: plain(x(151)) })],
      }),
    ),
    'invalid_arguments',
    '/view/blocks/0/element/placeholder/text',
  ],
];

const taken: [what: string, good: WebApiCall][] = [
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
];

describe('modals and Home tabs', () => {
  test.each(refused)('refuses %s', (_why, broken, error, pointer) => {
    const refusal = slackContract().check(broken);

    expect(refusal?.error).toBe(error);
    expect(refusal?.messages.join('\n')).toContain(pointer);
  });

  test.each(taken)('takes %s', (_what, good) => {
    expect(slackContract().check(good)).toBeUndefined();
  });
});
