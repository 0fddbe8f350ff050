import { z } from 'zod';

// The limits are those of https://docs.slack.dev/reference/block-kit/composition-objects and
// https://docs.slack.dev/reference/block-kit/block-elements; each element and object has a page of its own there.

const id = z.string().min(1).max(255);
const url = z.url().max(3000);

/** A plain_text object of 1 to `max` characters (docs.slack.dev/reference/block-kit/composition-objects/text-object). */
export function plainText(max: number) {
  return z.strictObject({
    type: z.literal('plain_text'),
    text: z.string().min(1).max(max),
    emoji: z.boolean().optional(),
  });
}

function mrkdwn(max: number) {
  return z.strictObject({
    type: z.literal('mrkdwn'),
    text: z.string().min(1).max(max),
    verbatim: z.boolean().optional(),
  });
}

/** A plain_text or mrkdwn object of 1 to `max` characters (docs.slack.dev/reference/block-kit/composition-objects/text-object). */
export function anyText(max: number) {
  return z.discriminatedUnion('type', [plainText(max), mrkdwn(max)]);
}

/** An image inside a section or a context (docs.slack.dev/reference/block-kit/block-elements/image-element). */
export const ImageElement = z.strictObject({
  type: z.literal('image'),
  image_url: url,
  alt_text: z.string().min(1).max(2000),
});

const style = z.enum(['primary', 'danger']);

const Confirm = z.strictObject({
  title: plainText(100),
  text: anyText(300),
  confirm: plainText(30),
  deny: plainText(30),
  style: style.optional(),
});

const optionValue = z.string().min(1).max(150);
const PlainOption = z.strictObject({
  text: plainText(75),
  value: optionValue,
  description: plainText(75).optional(),
});
const AnyOption = z.strictObject({
  text: anyText(75),
  value: optionValue,
  description: anyText(75).optional(),
});
const OverflowOption = PlainOption.extend({ url: url.optional() });
const OptionGroup = z.strictObject({ label: plainText(75), options: z.array(PlainOption).min(1).max(100) });

const interactive = { action_id: id.optional(), confirm: Confirm.optional() };
const focusable = { ...interactive, focus_on_load: z.boolean().optional() };
const select = { ...focusable, placeholder: plainText(150).optional() };
const options = {
  options: z.array(PlainOption).min(1).max(100).optional(),
  option_groups: z.array(OptionGroup).min(1).max(100).optional(),
};
const fewOptions = z.array(AnyOption).min(1).max(10);

function oneSourceOfOptions(value: { options?: unknown; option_groups?: unknown }): boolean {
  return (value.options === undefined) !== (value.option_groups === undefined);
}
const oneSource = { error: 'must have either options or option_groups' };

const Button = z.strictObject({
  ...interactive,
  type: z.literal('button'),
  text: plainText(75),
  url: url.optional(),
  value: z.string().min(1).max(2000).optional(),
  style: style.optional(),
  accessibility_label: z.string().max(75).optional(),
});
const Overflow = z.strictObject({
  ...interactive,
  type: z.literal('overflow'),
  options: z.array(OverflowOption).min(1).max(5),
});
const StaticSelect = z
  .strictObject({
    ...select,
    ...options,
    type: z.literal('static_select'),
    initial_option: PlainOption.optional(),
  })
  .refine(oneSourceOfOptions, oneSource);
const MultiStaticSelect = z
  .strictObject({
    ...select,
    ...options,
    type: z.literal('multi_static_select'),
    initial_options: z.array(PlainOption).min(1).max(100).optional(),
    max_selected_items: z.int().min(1).optional(),
  })
  .refine(oneSourceOfOptions, oneSource);
const UsersSelect = z.strictObject({
  ...select,
  type: z.literal('users_select'),
  initial_user: z.string().optional(),
});
const Checkboxes = z.strictObject({
  ...focusable,
  type: z.literal('checkboxes'),
  options: fewOptions,
  initial_options: fewOptions.optional(),
});
const RadioButtons = z.strictObject({
  ...focusable,
  type: z.literal('radio_buttons'),
  options: fewOptions,
  initial_option: AnyOption.optional(),
});
const Datepicker = z.strictObject({
  ...select,
  type: z.literal('datepicker'),
  initial_date: z.iso.date().optional(),
});
const Timepicker = z.strictObject({
  ...select,
  type: z.literal('timepicker'),
  initial_time: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
    .optional(),
  timezone: z.string().optional(),
});

const DispatchAction = z.strictObject({
  trigger_actions_on: z
    .array(z.enum(['on_enter_pressed', 'on_character_entered']))
    .min(1)
    .max(2),
});
const written = {
  action_id: id.optional(),
  focus_on_load: z.boolean().optional(),
  placeholder: plainText(150).optional(),
  dispatch_action_config: DispatchAction.optional(),
};
const PlainTextInput = z.strictObject({
  ...written,
  type: z.literal('plain_text_input'),
  initial_value: z.string().max(3000).optional(),
  multiline: z.boolean().optional(),
  min_length: z.int().min(0).max(3000).optional(),
  max_length: z.int().min(1).max(3000).optional(),
});
const NumberInput = z.strictObject({
  ...written,
  type: z.literal('number_input'),
  is_decimal_allowed: z.boolean(),
  initial_value: z.string().optional(),
  min_value: z.string().optional(),
  max_value: z.string().optional(),
});

const chosen = [
  StaticSelect,
  MultiStaticSelect,
  UsersSelect,
  Checkboxes,
  RadioButtons,
  Datepicker,
  Timepicker,
] as const;

/** What an actions block may hold (docs.slack.dev/reference/block-kit/blocks/actions-block). */
export const ActionsElement = z.discriminatedUnion('type', [Button, Overflow, ...chosen]);

/** What may stand beside a section (docs.slack.dev/reference/block-kit/blocks/section-block). */
export const SectionAccessory = z.discriminatedUnion('type', [Button, Overflow, ImageElement, ...chosen]);

/** What an input block may ask for (docs.slack.dev/reference/block-kit/blocks/input-block). */
export const InputElement = z.discriminatedUnion('type', [PlainTextInput, NumberInput, ...chosen]);
