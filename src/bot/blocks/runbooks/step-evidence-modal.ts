import type { ModalView } from '@slack/types';
import type { Block } from '../../../runbooks/runbook.ts';
import type { StepRun } from '../../../walkthroughs/walkthrough.ts';
import { action, modal } from '../action.ts';
import { actions, context, section } from '../block.ts';
import { dialogue } from '../input.ts';
import { moment } from '../moment.ts';
import { shown } from '../titles.ts';
import { codeParts } from './code-parts.ts';
import type { WalkMetadata } from './walk-reference.ts';
import { encodeWalk, encodeWalkMetadata } from './walk-reference.ts';

/** Blocks of code of a page, each of at most 2,900 characters: well below what Slack takes in a dialogue. */
const perPage = 10;

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
  const { channel: _, ...about } = metadata;
  const parts = codeParts(evidence, 2_900, 2_900);
  const pages = Math.max(1, Math.ceil(parts.length / perPage));
  const page = Math.min(metadata.page ?? 1, pages);
  const body = parts.slice((page - 1) * perPage, page * perPage).map(section);
  const turn = (text: string, to: number) => ({
    text,
    action: `${action.stepEvidence}:${to}`,
    value: encodeWalk({ ...about, page: to }),
  });
  return dialogue({
    id: modal.stepEvidence,
    title: 'Output',
    metadata: encodeWalkMetadata({ ...metadata, page }),
    blocks: [
      section(`*${shown(step.title ?? step.uses)}* · ${moment(run.endedAt ?? run.at)}`),
      ...(body.length === 0 ? [section('Nothing came back.')] : body),
      ...(pages > 1 ? [context(`Page ${page} of ${pages}`)] : []),
      ...actions([
        ...(page > 1 ? [turn('Previous', page - 1)] : []),
        ...(page < pages ? [turn('Next', page + 1)] : []),
      ]),
    ],
  });
}
