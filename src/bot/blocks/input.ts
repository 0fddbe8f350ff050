import type { InputBlock, KnownBlock, ModalView } from '@slack/types';
import { z } from 'zod';
import { Severity } from '../../deploy/plan.ts';
import type { Metadata } from './action.ts';
import { encodeMetadata } from './action.ts';
import { context, plainText } from './block.ts';
import { more } from './escape.ts';
import { limits } from './limits.ts';

/** A question of a modal to be answered in writing; `name` is under which `readModal` finds the answer. */
export interface Written {
  readonly name: 'reason' | 'answer' | 'cause';
  readonly label: string;
  readonly hint?: string;
}

/** A required answer of several lines. */
export function written({ name, label, hint }: Written): InputBlock {
  return {
    type: 'input',
    block_id: name,
    label: plainText(label, limits.inputLabel),
    element: {
      type: 'plain_text_input',
      action_id: name,
      multiline: true,
      min_length: 1,
      max_length: limits.inputValue,
    },
    ...(hint === undefined ? {} : { hint: plainText(hint, limits.inputHint) }),
  };
}

/** A required choice of one of at most 100 options, one of which may be chosen from the start. */
export function choice(
  name: 'severity' | 'verdict',
  label: string,
  options: readonly { readonly value: string; readonly text: string }[],
  initial?: string,
): InputBlock {
  const all = options.slice(0, limits.options).map(({ value, text }) => ({
    text: plainText(text, limits.optionLabel),
    value,
  }));
  const chosen = all.find(({ value }) => value === initial);
  return {
    type: 'input',
    block_id: name,
    label: plainText(label, limits.inputLabel),
    element: {
      type: 'static_select',
      action_id: name,
      options: all,
      ...(chosen === undefined ? {} : { initial_option: chosen }),
    },
  };
}

/** A modal within Slack's limits; `submit` is needed as soon as it asks anything. */
export function dialogue(view: {
  readonly id: string;
  readonly title: string;
  readonly submit?: string;
  /** What the modal is about; a text when it is about something other than a run. */
  readonly metadata: Metadata | string;
  readonly blocks: readonly KnownBlock[];
}): ModalView {
  const { id, title, submit, metadata, blocks } = view;
  const most = limits.viewBlocks;
  const shown =
    blocks.length > most ? [...blocks.slice(0, most - 1), context(more(blocks.length - most + 1))] : blocks;
  return {
    type: 'modal',
    callback_id: id,
    title: plainText(title, limits.viewTitle),
    close: plainText(submit === undefined ? 'Close' : 'Cancel', limits.viewButton),
    ...(submit === undefined ? {} : { submit: plainText(submit, limits.viewButton) }),
    private_metadata: typeof metadata === 'string' ? metadata : encodeMetadata(metadata),
    blocks: [...shown],
  };
}

const Said = z.object({ value: z.string().nullish() }).transform(({ value }) => value?.trim() || undefined);
const Chosen = z
  .object({ selected_option: z.object({ value: z.string() }).nullish() })
  .transform(({ selected_option }) => selected_option?.value);

const Inputs = z.object({
  reason: z.object({ reason: Said }).optional(),
  answer: z.object({ answer: Said }).optional(),
  cause: z.object({ cause: Said }).optional(),
  severity: z.object({ severity: Chosen.pipe(Severity.optional()) }).optional(),
  verdict: z.object({ verdict: Chosen.pipe(z.enum(['done', 'again']).optional()) }).optional(),
});

/** What somebody put into a modal, trimmed; what was not asked or left empty is absent. */
export interface Given {
  readonly reason?: string;
  readonly answer?: string;
  readonly cause?: string;
  readonly severity?: Severity;
  readonly verdict?: 'done' | 'again';
}

/** The inputs of a submitted modal from its `view.state.values`, or undefined when no modal of ours can have sent them. */
export function readModal(values: unknown): Given | undefined {
  const { data } = Inputs.safeParse(values);
  if (data === undefined) return undefined;
  const { reason, answer, cause, severity, verdict } = data;
  return {
    ...(reason?.reason === undefined ? {} : { reason: reason.reason }),
    ...(answer?.answer === undefined ? {} : { answer: answer.answer }),
    ...(cause?.cause === undefined ? {} : { cause: cause.cause }),
    ...(severity?.severity === undefined ? {} : { severity: severity.severity }),
    ...(verdict?.verdict === undefined ? {} : { verdict: verdict.verdict }),
  };
}
