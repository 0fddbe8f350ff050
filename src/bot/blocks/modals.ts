import type { ModalView } from '@slack/types';
import type { Question } from '../../steps/step.ts';
import type { Metadata } from './action.ts';
import { modal } from './action.ts';
import { section } from './block.ts';
import { clip, code, escaped, quote } from './escape.ts';
import { choice, dialogue, written } from './input.ts';
import { shown } from './titles.ts';

/** What a modal about one phase or step needs; titles are as they stand in the plan. */
export interface Subject {
  readonly metadata: Metadata;
  readonly title: string;
}

const kept = 'It is kept in the record and shown in the thread.';

/** Asks why a gate is rejected, which stops the run. */
export function rejectModal({ metadata, title }: Subject): ModalView {
  return dialogue({
    id: modal.reject,
    title: 'Reject',
    submit: 'Reject',
    metadata,
    blocks: [
      section(`*${shown(title)}* will not start and the deployment stops.`),
      written({ name: 'reason', label: 'Why?', hint: kept }),
    ],
  });
}

/** Asks why a step may be left out. */
export function skipModal({ metadata, title }: Subject): ModalView {
  return dialogue({
    id: modal.skip,
    title: 'Skip a step',
    submit: 'Skip',
    metadata,
    blocks: [
      section(`*${shown(title)}* will be left out, and the deployment can only end as partial success.`),
      written({ name: 'reason', label: 'Why may it be left out?', hint: kept }),
    ],
  });
}

/** Puts a question of a step to a person, who must write what they saw. */
export function answerModal({
  metadata,
  title,
  question,
}: Subject & { readonly question: Question }): ModalView {
  const isSignOff = question.kind === 'sign-off';
  const label = isSignOff ? 'What do you sign for?' : 'What did you see?';
  return dialogue({
    id: modal.answer,
    title: isSignOff ? 'Sign off' : 'Confirm',
    submit: isSignOff ? 'Sign off' : 'Confirm',
    metadata,
    blocks: [
      section(`*${shown(title)}*\n${clip(quote(question.prompt, 30), 2_700)}`),
      written({ name: 'answer', label, hint: kept }),
    ],
  });
}

/** Asks what became of a step that was cut off, and how that was found out. */
export function settleModal({
  metadata,
  title,
  because,
}: Subject & { readonly because?: string }): ModalView {
  const why = because === undefined ? '' : `\n${clip(escaped(because), 2_000)}`;
  const verdicts = [
    { value: 'done', text: 'It was done: go on after it' },
    { value: 'again', text: 'It was not done: run it again' },
  ];
  return dialogue({
    id: modal.settle,
    title: 'Was it applied?',
    submit: 'Settle',
    metadata,
    blocks: [
      section(`*${shown(title)}* was being applied when its worker was lost.${why}`),
      choice('verdict', 'What happened?', verdicts, metadata.verdict),
      written({ name: 'reason', label: 'How did you find out?', hint: kept }),
    ],
  });
}

/** Asks why a run is aborted. */
export function abortModal({ metadata, title }: Subject): ModalView {
  return dialogue({
    id: modal.abort,
    title: 'Abort',
    submit: 'Abort',
    metadata,
    blocks: [
      section(
        `*${shown(title)}* stops where it is. What it has changed stays as it is; use Roll back to undo it.`,
      ),
      written({ name: 'reason', label: 'Why?', hint: kept }),
    ],
  });
}

/** Asks what came of the alerts before a held run goes on. */
export function continueModal({ metadata, title }: Subject): ModalView {
  return dialogue({
    id: modal.goOn,
    title: 'Continue',
    submit: 'Continue',
    metadata,
    blocks: [
      section(`*${shown(title)}* begins its next phases although critical alerts fired during it.`),
      written({ name: 'reason', label: 'Why is it safe to go on?', hint: kept }),
    ],
  });
}

/** Asks for the cause before a locked environment is opened again. */
export function unlockModal(lock: {
  readonly metadata: Metadata;
  readonly environment: string;
  readonly reason: string;
}): ModalView {
  return dialogue({
    id: modal.unlock,
    title: 'Unlock',
    submit: 'Unlock',
    metadata: lock.metadata,
    blocks: [
      section(`${code(clip(lock.environment, 200))} is locked:\n${clip(quote(lock.reason), 2_000)}`),
      written({
        name: 'cause',
        label: 'What was the cause?',
        hint: 'Write what is known and what was done about it.',
      }),
    ],
  });
}
