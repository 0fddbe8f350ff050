import type { ModalView } from '@slack/types';
import type { Task } from '../../../runbooks/runbook.ts';
import { modal } from '../action.ts';
import { plainText, section } from '../block.ts';
import { clip, quote } from '../escape.ts';
import { dialogue } from '../input.ts';
import { limits } from '../limits.ts';
import type { WalkMetadata } from './walk-reference.ts';
import { encodeWalkMetadata } from './walk-reference.ts';

/** The rules keep this many characters of what somebody wrote. */
export const longestRemark = 1_000;

/** Asks what somebody saw when they did a task, which ticks it; `finding` is what they wrote before. */
export function findingModal(form: {
  readonly metadata: WalkMetadata;
  readonly task: Task;
  readonly finding?: string;
}): ModalView {
  const { metadata, task, finding } = form;
  return dialogue({
    id: modal.finding,
    title: 'Finding',
    submit: 'Save',
    metadata: encodeWalkMetadata(metadata),
    blocks: [
      section(clip(quote(task.markdown, 20), 2_700) || 'A step of the runbook.'),
      {
        type: 'input',
        block_id: 'finding',
        label: plainText('What did you see?', limits.inputLabel),
        hint: plainText(
          'It stands beside the step, which is marked as done, and goes into the timeline of the incident.',
          limits.inputHint,
        ),
        element: {
          type: 'plain_text_input',
          action_id: 'finding',
          multiline: true,
          min_length: 1,
          max_length: longestRemark,
          ...(finding === undefined ? {} : { initial_value: finding.slice(0, longestRemark) }),
        },
      },
    ],
  });
}
