import type { ModalView } from '@slack/types';
import type { Part, Runbook } from '../../../runbooks/runbook.ts';
import { modal } from '../action.ts';
import { brief } from '../alerts/group-words.ts';
import { context, plainText } from '../block.ts';
import { clip } from '../escape.ts';
import { dialogue } from '../input.ts';
import { limits } from '../limits.ts';
import { longestRemark } from './finding-modal.ts';
import type { WalkMetadata } from './walk-reference.ts';
import { encodeWalkMetadata } from './walk-reference.ts';

/** The choice that means the runbook as a whole. */
export const wholeRunbook = 'whole';

/** Asks what was wrong, and with which of the runbook's tasks and steps, for its owner; `metadata.part` is chosen from the start. */
export function remarkModal(form: { readonly metadata: WalkMetadata; readonly runbook: Runbook }): ModalView {
  const { metadata, runbook } = form;
  const options = optionsOf(runbook);
  const first = options.find(({ value }) => value === (metadata.part ?? wholeRunbook));
  const owner = runbook.owner === undefined ? 'its owner' : `its owner, ${brief(runbook.owner, 80)}`;
  return dialogue({
    id: modal.remark,
    title: 'This step was wrong',
    submit: 'Send',
    metadata: encodeWalkMetadata(metadata),
    blocks: [
      {
        type: 'input',
        block_id: 'part',
        label: plainText('What was wrong?', limits.inputLabel),
        element: {
          type: 'static_select',
          action_id: 'part',
          options,
          ...(first === undefined ? {} : { initial_option: first }),
        },
      },
      {
        type: 'input',
        block_id: 'text',
        label: plainText('What would have been right?', limits.inputLabel),
        element: {
          type: 'plain_text_input',
          action_id: 'text',
          multiline: true,
          min_length: 1,
          max_length: longestRemark,
        },
      },
      context(`It is kept with this runbook for ${owner}.`),
    ],
  });
}

function optionsOf({ sections }: Runbook) {
  const parts = sections.flatMap((section) => section.parts).flatMap(optionOf);
  // Slack takes 100 options; what is left out is said of the whole.
  return [
    { text: plainText('The runbook as a whole', limits.optionLabel), value: wholeRunbook },
    ...parts.slice(0, limits.options - 1),
  ];
}

function optionOf(part: Part) {
  if (part.kind === 'text') return [];
  const title =
    part.kind === 'task'
      ? `${part.id.slice(1)}. ${unmarked(part.markdown)}`
      : `Run: ${part.title ?? part.uses}`;
  return [{ text: plainText(clip(title, limits.optionLabel), limits.optionLabel), value: part.id }];
}

/** Markdown without the marks of emphasis and code, for one line of plain text. */
function unmarked(markdown: string): string {
  return markdown.slice(0, 300).replace(/[*`]/g, '');
}
