import type { ModalView } from '@slack/types';
import type { Block } from '../../../runbooks/runbook.ts';
import type { StepRun } from '../../../walkthroughs/walkthrough.ts';
import { modal } from '../action.ts';
import { context, section } from '../block.ts';
import { codeBlock } from '../escape.ts';
import { dialogue } from '../input.ts';
import { moment } from '../moment.ts';
import { shown } from '../titles.ts';
import type { WalkMetadata } from './walk-reference.ts';
import { encodeWalkMetadata } from './walk-reference.ts';

/**
 * Everything that came back from a run, redacted before, in pages; `metadata.page` starts at 1 and is brought into range. Its
 * buttons *Previous* and *Next* are `action.stepEvidence` with the page in their reference, and want the same view updated.
 */
export function stepEvidenceModal(form: {
  readonly metadata: WalkMetadata;
  readonly step: Block;
  readonly run: StepRun;
  readonly evidence: string;
}): ModalView {
  const { metadata, step, run, evidence } = form;
  return dialogue({
    id: modal.stepEvidence,
    title: 'Output',
    metadata: encodeWalkMetadata(metadata),
    blocks: [
      section(`*${shown(step.title ?? step.uses)}*`),
      section(codeBlock(evidence, 2_800) || 'Nothing came back.'),
      context(moment(run.endedAt ?? run.at)),
    ],
  });
}
