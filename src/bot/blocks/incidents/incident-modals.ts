import type { ModalView } from '@slack/types';
import {
  type Incident,
  type Instant,
  incidentSeverities,
  openStatuses,
  type Role,
  roles,
} from '../../../incidents/incident.ts';
import { modal } from '../action.ts';
import { context, lines, section } from '../block.ts';
import { dialogue } from '../input.ts';
import { moment } from '../moment.ts';
import { encodeIncidentMetadata, type IncidentMetadata } from './incident-reference.ts';
import {
  markOf,
  roleMeaning,
  roleName,
  said,
  severityMark,
  severityName,
  statusMeaning,
  statusName,
  titleOf,
} from './incident-words.ts';
import { choiceQuestion, dayQuestion, personQuestion, textQuestion } from './questions.ts';

/** The rules keep this many characters of what people write. */
const longest = 2_000;

/** What a dialogue about an incident needs. */
export interface IncidentForm {
  readonly metadata: IncidentMetadata;
  readonly incident: Incident;
}

/** Asks what is known and being done, and what the incident becomes with it; `text` is what was typed already. */
export function updateModal({
  metadata,
  incident,
  text,
  every,
}: IncidentForm & {
  readonly text?: string;
  /** How soon after this update the next is owed, as people read it. */
  readonly every?: string;
}): ModalView {
  const { severity, status, updateDueAt } = incident;
  const due = updateDueAt === undefined ? [] : [context(`This one is owed by ${moment(updateDueAt)}.`)];
  return dialogue({
    id: modal.incidentUpdate,
    title: 'Update',
    submit: 'Tell',
    metadata: encodeIncidentMetadata(metadata),
    blocks: [
      ...head(incident),
      ...due,
      textQuestion({
        name: 'text',
        label: 'What is known, and what is being done?',
        longest,
        isLong: true,
        ...(text !== undefined && { initial: text }),
        ...(every !== undefined && { hint: `The next update is owed ${every} after this one.` }),
      }),
      choiceQuestion({
        name: 'status',
        label: 'Where does it stand?',
        options: openStatuses.map((value) => ({
          value,
          text: `${statusName[value]}: ${statusMeaning[value]}`,
        })),
        initial: status,
      }),
      choiceQuestion({
        name: 'severity',
        label: 'How bad is it now?',
        options: incidentSeverities.map((value) => ({
          value,
          text: `${severityMark[value]} ${severityName[value]}`,
        })),
        initial: severity,
      }),
    ],
  });
}

/** Asks who takes which role. */
export function roleModal({
  metadata,
  incident,
  by,
  role = 'communications',
}: IncidentForm & { readonly by: string; readonly role?: Role }): ModalView {
  return dialogue({
    id: modal.incidentRole,
    title: 'Role',
    submit: 'Give',
    metadata: encodeIncidentMetadata(metadata),
    blocks: [
      ...head(incident),
      choiceQuestion({
        name: 'role',
        label: 'Which role?',
        options: roles.map((value) => ({ value, text: `${roleName[value]}: ${roleMeaning[value]}` })),
        initial: role,
      }),
      personQuestion({
        name: 'person',
        label: 'Who takes it?',
        hint: 'Whoever is not in the channel yet is invited.',
        initial: by,
      }),
    ],
  });
}

/** Asks what it was and how it ended. */
export function resolveModal({
  metadata,
  incident,
  within,
}: IncidentForm & {
  /** How soon after this the review is due, as people read it. */
  readonly within: string;
}): ModalView {
  return dialogue({
    id: modal.incidentResolve,
    title: 'Resolve',
    submit: 'Resolve',
    metadata: encodeIncidentMetadata(metadata),
    blocks: [
      ...head(incident),
      textQuestion({
        name: 'text',
        label: 'What was it, and how did it end?',
        longest,
        isLong: true,
        hint: `Its review is due within ${within}.`,
      }),
    ],
  });
}

/** Asks why it is open again. */
export function reopenModal({ metadata, incident }: IncidentForm): ModalView {
  return dialogue({
    id: modal.incidentReopen,
    title: 'Reopen',
    submit: 'Reopen',
    metadata: encodeIncidentMetadata(metadata),
    blocks: [
      ...head(incident),
      textQuestion({ name: 'text', label: 'What shows that it is not over?', longest, isLong: true }),
    ],
  });
}

/** Asks what those outside should know; it goes out once a second person has approved it. */
export function noticeModal({ metadata, incident }: IncidentForm): ModalView {
  const { status, notices } = incident;
  const last = notices.filter(({ state }) => state === 'sent').at(-1);
  const before = last === undefined ? [] : [context(`Told last: ${said(last.text, 500)}`)];
  return dialogue({
    id: modal.incidentNotice,
    title: 'Status page',
    submit: 'Propose',
    metadata: encodeIncidentMetadata(metadata),
    blocks: [
      ...head(incident),
      section(
        `It will stand there as *${statusName[status]}*. Nothing goes out before a second person has approved it.`,
      ),
      ...before,
      textQuestion({
        name: 'text',
        label: 'What should those outside know?',
        longest,
        isLong: true,
        hint: 'What does not work, for whom, and what is being done; no names and nothing internal.',
      }),
    ],
  });
}

/** Asks what is to be done so that it does not happen again, by whom and until when. */
export function actionModal({
  metadata,
  incident,
  by,
  now,
}: IncidentForm & { readonly by: string; readonly now: Instant }): ModalView {
  return dialogue({
    id: modal.addAction,
    title: 'Action',
    submit: 'Add',
    metadata: encodeIncidentMetadata(metadata),
    blocks: [
      ...head(incident),
      textQuestion({
        name: 'title',
        label: 'What is to be done, so that it does not happen again?',
        longest: 150,
        isLong: false,
      }),
      personQuestion({ name: 'person', label: 'Who does it?', initial: by }),
      dayQuestion({ name: 'due', label: 'Until when?', initial: dayOf(now + 7 * 86_400_000) }),
    ],
  });
}

/** Asks where the review can be read. */
export function reviewDoneModal({ metadata, incident }: IncidentForm): ModalView {
  const open = incident.actions.filter(({ doneAt }) => doneAt === undefined).length;
  const actions = open === 1 ? '1 action is' : `${open} actions are`;
  return dialogue({
    id: modal.reviewDone,
    title: 'Review done',
    submit: 'Done',
    metadata: encodeIncidentMetadata(metadata),
    blocks: [
      ...head(incident),
      ...(open === 0 ? [] : [context(`${actions} still open; they stay with their owners.`)]),
      textQuestion({
        name: 'where',
        label: 'Where can it be read?',
        longest: 500,
        isLong: false,
        optional: true,
        placeholder: 'https://wiki.example.com/reviews/12',
      }),
    ],
  });
}

function head(incident: Incident) {
  return lines([`${markOf(incident)} *#${incident.number} ${titleOf(incident)}*`]);
}

function dayOf(at: Instant): string {
  return new Date(at).toISOString().slice(0, 10);
}
