import type { ModalView } from '@slack/types';
import { type IncidentSeverity, incidentSeverities } from '../../../incidents/incident.ts';
import { modal } from '../action.ts';
import { section } from '../block.ts';
import { plain } from '../escape.ts';
import { dialogue } from '../input.ts';
import { type DeclareMetadata, encodeDeclareMetadata } from './incident-reference.ts';
import { severityMark, severityName } from './incident-words.ts';
import { choiceQuestion, personQuestion, textQuestion } from './questions.ts';

/** What the dialogue that declares an incident shows; whoever asked for it is the commander unless they choose another. */
export interface DeclareForm {
  readonly metadata: DeclareMetadata;
  readonly by: string;
  readonly title?: string;
  readonly severity?: IncidentSeverity;
}

const meaning: Readonly<Record<IncidentSeverity, string>> = {
  critical: 'down, or data is being lost',
  high: 'much of it does not work',
  medium: 'some of it does not work',
  low: 'hardly noticed, to be looked at',
};

/** Asks how bad it is, what is wrong, and who leads. */
export function declareModal({ metadata, by, title, severity }: DeclareForm): ModalView {
  return dialogue({
    id: modal.declare,
    title: 'Declare an incident',
    submit: 'Declare',
    metadata: encodeDeclareMetadata(metadata),
    blocks: [
      section('A channel of its own is made for it, and whoever is on call is invited.'),
      textQuestion({
        name: 'title',
        label: 'What is wrong?',
        longest: 150,
        isLong: false,
        placeholder: 'Payments fail in the checkout',
        ...(title !== undefined && { initial: plain(title) }),
      }),
      choiceQuestion({
        name: 'severity',
        label: 'How bad is it?',
        options: incidentSeverities.map((value) => ({
          value,
          text: `${severityMark[value]} ${severityName[value]}: ${meaning[value]}`,
        })),
        ...(severity !== undefined && { initial: severity }),
      }),
      personQuestion({
        name: 'person',
        label: 'Who leads?',
        hint: 'The commander decides and keeps the overview.',
        initial: by,
      }),
    ],
  });
}
