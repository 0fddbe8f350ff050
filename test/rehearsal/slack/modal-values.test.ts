import { describe, expect, test } from 'vitest';
import { fillIn } from '../../../rehearsal/slack/modal-values.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const option = (value: string) => ({ text: plain(`The ${value}`), value });
const input = (block_id: string, element: { type: string; [field: string]: unknown }, rest: object = {}) => ({
  type: 'input',
  block_id,
  label: plain(`Label of ${block_id}`),
  element: { action_id: `${block_id}-action`, ...element },
  ...rest,
});
const modal = (...blocks: ReturnType<typeof input>[]) => ({
  id: 'V1',
  type: 'modal',
  title: plain('Roll back'),
  blocks,
});

describe('a modal that is filled in', () => {
  test.each([
    ['text by its label', input('b', { type: 'plain_text_input' }), { 'Label of b': 'x' }, { value: 'x' }],
    ['text by its action id', input('b', { type: 'plain_text_input' }), { 'b-action': 'x' }, { value: 'x' }],
    ['text by its block id', input('b', { type: 'plain_text_input' }), { b: 'x' }, { value: 'x' }],
    [
      'a choice by its text',
      input('b', { type: 'static_select', options: [option('a')] }),
      { b: 'The a' },
      { selected_option: option('a') },
    ],
    [
      'a choice by its value',
      input('b', { type: 'radio_buttons', options: [option('a')] }),
      { b: 'a' },
      { selected_option: option('a') },
    ],
    [
      'several boxes',
      input('b', { type: 'checkboxes', options: [option('a'), option('c')] }),
      { b: ['a', 'The c'] },
      { selected_options: [option('a'), option('c')] },
    ],
    ['a date', input('b', { type: 'datepicker' }), { b: '2026-01-31' }, { selected_date: '2026-01-31' }],
    ['a user', input('b', { type: 'users_select' }), { b: 'U1' }, { selected_user: 'U1' }],
    [
      'an initial value left alone',
      input('b', { type: 'plain_text_input', initial_value: 'old' }),
      {},
      { value: 'old' },
    ],
    [
      'an initial choice left alone',
      input('b', { type: 'static_select', options: [option('a')], initial_option: option('a') }),
      {},
      { selected_option: option('a') },
    ],
    [
      'an optional field left empty',
      input('b', { type: 'plain_text_input' }, { optional: true }),
      {},
      { value: null },
    ],
  ])('carries %s', (_what, block, given, expected) => {
    const values = fillIn(modal(block), given);

    expect(values.b?.['b-action']).toEqual({ type: block.element.type, ...expected });
  });

  test.each([
    ['a field that is not there', input('b', { type: 'plain_text_input' }), { c: 'x' }, 'no field “c”'],
    [
      'an option that is not offered',
      input('b', { type: 'static_select', options: [option('a')] }),
      { b: 'z' },
      'it offers “The a” (a)',
    ],
    ['a required text left empty', input('b', { type: 'plain_text_input' }), {}, 'must be filled in'],
    [
      'required boxes left unchecked',
      input('b', { type: 'checkboxes', options: [option('a')] }),
      {},
      'must be filled in',
    ],
    [
      'text that is too short',
      input('b', { type: 'plain_text_input', min_length: 3 }),
      { b: 'x' },
      'takes 3 to 3000 characters, not 1',
    ],
  ])('is not sent with %s', (_what, block, given, message) => {
    expect(() => fillIn(modal(block), given)).toThrow(message);
  });
});
