import { z } from 'zod';
import { textOf } from './buttons.ts';
import type { View } from './screen.ts';

/** What a person types or chooses, by label, action id or block id; options by their text or value, several as a list. */
export type FieldValues = Readonly<Record<string, string | readonly string[]>>;

/** `view.state.values` of a submission: block id to action id to the element's value. */
export type ViewValues = Record<string, Record<string, Record<string, unknown>>>;

const Option = z.looseObject({ text: z.unknown(), value: z.string() });
type Option = z.infer<typeof Option>;
const Input = z.looseObject({
  type: z.literal('input'),
  block_id: z.string().default(''),
  label: z.looseObject({ text: z.string() }),
  optional: z.boolean().default(false),
  element: z.looseObject({
    type: z.string(),
    action_id: z.string().default(''),
    options: z.array(Option).default([]),
    option_groups: z.array(z.looseObject({ options: z.array(Option) })).default([]),
    initial_value: z.string().optional(),
    initial_option: Option.optional(),
    initial_options: z.array(Option).optional(),
    initial_date: z.string().optional(),
    initial_time: z.string().optional(),
    initial_user: z.string().optional(),
    min_length: z.number().default(0),
    max_length: z.number().default(3000),
  }),
});
type Input = z.infer<typeof Input>;

/**
 * Fills in a modal the way Slack's page does: what is not given keeps its initial value. Throws an Error for a field that
 * is not there, an option that is not offered, a required field left empty, and text of the wrong length, none of which
 * Slack's page would send. Source: docs.slack.dev/reference/interaction-payloads/view-interactions-payload
 */
export function fillIn(view: View, given: FieldValues): ViewValues {
  const inputs = view.blocks.filter((block) => block.type === 'input').map((block) => Input.parse(block));
  for (const name of Object.keys(given)) {
    if (inputs.some((input) => namesOf(input).includes(name))) continue;
    const labels = inputs.map((input) => `“${input.label.text}” (${input.element.action_id})`);
    throw new Error(`the modal “${textOf(view.title)}” has no field “${name}”; it has ${labels.join(', ')}`);
  }
  const values: ViewValues = {};
  for (const input of inputs) {
    const name = namesOf(input).find((candidate) => given[candidate] !== undefined);
    const value = answerOf(input, name === undefined ? undefined : given[name]);
    if (
      !input.optional &&
      Object.values(value).some((part) => part === null || (Array.isArray(part) && part.length === 0))
    ) {
      throw new Error(`the field “${input.label.text}” of “${textOf(view.title)}” must be filled in`);
    }
    values[input.block_id] = { ...values[input.block_id], [input.element.action_id]: value };
  }
  return values;
}

function namesOf(input: Input): string[] {
  return [input.label.text, input.element.action_id, input.block_id];
}

function answerOf(input: Input, given: string | readonly string[] | undefined): Record<string, unknown> {
  const { element } = input;
  const { type } = element;
  const words = given === undefined ? undefined : typeof given === 'string' ? [given] : given;
  const one = words?.[0];
  switch (type) {
    case 'plain_text_input':
    case 'number_input':
      return { type, value: writtenIn(input, one ?? element.initial_value ?? '') };
    case 'static_select':
    case 'radio_buttons':
      return {
        type,
        selected_option: one === undefined ? (element.initial_option ?? null) : optionOf(input, one),
      };
    case 'checkboxes':
    case 'multi_static_select':
      return {
        type,
        selected_options: words?.map((word) => optionOf(input, word)) ?? element.initial_options ?? [],
      };
    case 'datepicker':
      return { type, selected_date: one ?? element.initial_date ?? null };
    case 'timepicker':
      return { type, selected_time: one ?? element.initial_time ?? null };
    case 'users_select':
      return { type, selected_user: one ?? element.initial_user ?? null };
    default:
      throw new Error(`a ${type} cannot be filled in here`);
  }
}

function writtenIn(input: Input, text: string): string | null {
  if (text === '') return null;
  const { min_length, max_length } = input.element;
  if (text.length >= min_length && text.length <= max_length) return text;
  throw new Error(
    `“${input.label.text}” takes ${min_length} to ${max_length} characters, not ${text.length}`,
  );
}

function optionOf(input: Input, wanted: string): Option {
  const all = [...input.element.options, ...input.element.option_groups.flatMap((group) => group.options)];
  const found =
    all.find((option) => option.value === wanted) ?? all.find((option) => textOf(option.text) === wanted);
  if (found !== undefined) return found;
  const offered = all.map((option) => `“${textOf(option.text)}” (${option.value})`);
  throw new Error(`“${input.label.text}” does not offer “${wanted}”; it offers ${offered.join(', ')}`);
}
