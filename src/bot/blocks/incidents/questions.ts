import type { InputBlock } from '@slack/types';
import { plainText } from '../block.ts';
import { limits } from '../limits.ts';

interface Question {
  /** The name of the field, which is also that of its block. */
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly optional?: boolean;
}

/** A question to be answered in writing, over several lines or on one. */
export function textQuestion(
  question: Question & {
    readonly longest: number;
    readonly isLong: boolean;
    readonly initial?: string;
    readonly placeholder?: string;
  },
): InputBlock {
  const { name, longest, isLong, initial, placeholder, optional = false } = question;
  return asked(question, {
    type: 'plain_text_input',
    action_id: name,
    multiline: isLong,
    ...(optional ? {} : { min_length: 1 }),
    max_length: Math.min(longest, limits.inputValue),
    ...(initial ? { initial_value: initial.slice(0, longest) } : {}),
    ...(placeholder === undefined ? {} : { placeholder: plainText(placeholder, limits.placeholder) }),
  });
}

/** A choice of one of several values. */
export function choiceQuestion(
  question: Question & {
    readonly options: readonly { readonly value: string; readonly text: string }[];
    readonly initial?: string;
  },
): InputBlock {
  const { name, options, initial } = question;
  const all = options.slice(0, limits.options).map(({ value, text }) => ({
    text: plainText(text, limits.optionLabel),
    value,
  }));
  const first = all.find(({ value }) => value === initial);
  return asked(question, {
    type: 'static_select',
    action_id: name,
    options: all,
    ...(first === undefined ? {} : { initial_option: first }),
  });
}

/** A choice of a person; `initial` is a Slack user id. */
export function personQuestion(question: Question & { readonly initial?: string }): InputBlock {
  const { name, initial } = question;
  return asked(question, {
    type: 'users_select',
    action_id: name,
    ...(initial === undefined ? {} : { initial_user: initial }),
  });
}

/** A choice of a day; `initial` is written `2026-11-29`. */
export function dayQuestion(question: Question & { readonly initial: string }): InputBlock {
  const { name, initial } = question;
  return asked(question, { type: 'datepicker', action_id: name, initial_date: initial });
}

function asked(
  { name, label, hint, optional = false }: Question,
  element: InputBlock['element'],
): InputBlock {
  return {
    type: 'input',
    block_id: name,
    label: plainText(label, limits.inputLabel),
    element,
    ...(optional ? { optional } : {}),
    ...(hint === undefined ? {} : { hint: plainText(hint, limits.inputHint) }),
  };
}
