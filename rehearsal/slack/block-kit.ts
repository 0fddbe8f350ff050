import { z } from 'zod';
import {
  ActionsElement,
  anyText,
  ImageElement,
  InputElement,
  plainText,
  SectionAccessory,
} from './block-kit-elements.ts';

const block_id = z.string().min(1).max(255).optional();

const Section = z
  .strictObject({
    type: z.literal('section'),
    block_id,
    text: anyText(3000).optional(),
    fields: z.array(anyText(2000)).min(1).max(10).optional(),
    accessory: SectionAccessory.optional(),
    expand: z.boolean().optional(),
  })
  .refine((block) => block.text !== undefined || block.fields !== undefined, {
    error: 'must have text or fields',
  });
const Header = z.strictObject({ type: z.literal('header'), block_id, text: plainText(150) });
const Context = z.strictObject({
  type: z.literal('context'),
  block_id,
  elements: z
    .array(z.discriminatedUnion('type', [ImageElement, ...anyText(3000).options]))
    .min(1)
    .max(10),
});
const Actions = z.strictObject({
  type: z.literal('actions'),
  block_id,
  elements: z.array(ActionsElement).min(1).max(25),
});
const Image = z.strictObject({
  type: z.literal('image'),
  block_id,
  image_url: z.url().max(3000),
  alt_text: z.string().min(1).max(2000),
  title: plainText(2000).optional(),
});
const Input = z.strictObject({
  type: z.literal('input'),
  block_id,
  label: plainText(2000),
  element: InputElement,
  dispatch_action: z.boolean().optional(),
  hint: plainText(2000).optional(),
  optional: z.boolean().optional(),
});
const Divider = z.strictObject({ type: z.literal('divider'), block_id });
const RichText = z.strictObject({
  type: z.literal('rich_text'),
  block_id,
  elements: z
    .array(
      z.looseObject({
        type: z.enum(['rich_text_section', 'rich_text_list', 'rich_text_preformatted', 'rich_text_quote']),
        elements: z.array(z.looseObject({ type: z.string() })),
      }),
    )
    .min(1),
});

const Block = z.discriminatedUnion('type', [
  Section,
  Header,
  Context,
  Actions,
  Image,
  Input,
  Divider,
  RichText,
]);

type Issues = { addIssue(issue: { code: 'custom'; message: string; path: (string | number)[] }): void };

function checkIds(
  blocks: readonly z.infer<typeof Block>[],
  issues: Issues,
  at: readonly string[] = [],
): void {
  const blockIds = new Set<string>();
  let focused = 0;
  for (const [index, block] of blocks.entries()) {
    const path = [...at, index];
    if (block.block_id !== undefined) {
      if (blockIds.has(block.block_id)) {
        issues.addIssue({
          code: 'custom',
          message: `block_id ${block.block_id} already exists`,
          path: [...path, 'block_id'],
        });
      }
      blockIds.add(block.block_id);
    }
    const elements =
      block.type === 'actions' ? block.elements : block.type === 'input' ? [block.element] : [];
    const actionIds = new Set<string>();
    for (const element of elements) {
      if ('focus_on_load' in element && element.focus_on_load === true) focused += 1;
      if (element.action_id === undefined) continue;
      if (actionIds.has(element.action_id)) {
        issues.addIssue({ code: 'custom', message: `action_id ${element.action_id} already exists`, path });
      }
      actionIds.add(element.action_id);
    }
  }
  if (focused > 1) {
    issues.addIssue({ code: 'custom', message: 'only one element may have focus_on_load', path: [...at] });
  }
}

/**
 * The blocks of a message: at most 50, each within Slack's documented limits; blocks that the local Slack cannot draw
 * (markdown, table, video …) are refused. Sources: docs.slack.dev/reference/block-kit/blocks and the page of each block there.
 */
export const MessageBlocks = z
  .array(Block)
  .max(50)
  .superRefine((blocks, issues) => checkIds(blocks, issues));

const viewCommon = {
  blocks: z.array(Block).max(100),
  private_metadata: z.string().max(3000).optional(),
  callback_id: z.string().min(1).max(255).optional(),
  external_id: z.string().max(255).optional(),
};

/** A modal as views.open, views.push and views.update take it (docs.slack.dev/reference/views/modal-views). */
export const ModalView = z
  .strictObject({
    ...viewCommon,
    type: z.literal('modal'),
    title: plainText(24),
    submit: plainText(24).optional(),
    close: plainText(24).optional(),
    clear_on_close: z.boolean().optional(),
    notify_on_close: z.boolean().optional(),
    submit_disabled: z.boolean().optional(),
  })
  .superRefine((view, issues) => {
    checkIds(view.blocks, issues, ['blocks']);
    if (view.submit === undefined && view.blocks.some((block) => block.type === 'input')) {
      issues.addIssue({
        code: 'custom',
        message: 'submit is required when an input block is present',
        path: ['submit'],
      });
    }
  });

/** A Home tab as views.publish takes it (docs.slack.dev/reference/views/home-tab-views). */
export const HomeView = z
  .strictObject({ ...viewCommon, type: z.literal('home') })
  .superRefine((view, issues) => checkIds(view.blocks, issues, ['blocks']));

/** Message metadata: an event type and a payload object (docs.slack.dev/messaging/message-metadata). */
export const MessageMetadata = z.strictObject({
  event_type: z.string().min(1).max(255),
  event_payload: z.record(z.string(), z.unknown()),
});

/** Puts each zod issue into the words of Slack's `response_metadata.messages`: `[ERROR] … [json-pointer:/blocks/0/text]`. */
export function contractMessages(error: z.ZodError, root: string): string[] {
  return error.issues.map((issue) => {
    const pointer = [root, ...issue.path.map(String)].join('/');
    return `[ERROR] ${issue.message} [json-pointer:/${pointer}]`;
  });
}

/** Counts the characters of every text object in the blocks, for the limit of a whole message. */
export function countCharacters(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countCharacters(item), 0);
  if (typeof value !== 'object' || value === null) return 0;
  let sum = 0;
  for (const [key, item] of Object.entries(value)) {
    sum += key === 'text' && typeof item === 'string' ? item.length : countCharacters(item);
  }
  return sum;
}
