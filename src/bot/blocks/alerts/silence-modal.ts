import type { InputBlock, KnownBlock, ModalView } from '@slack/types';
import type { Episode, Labels } from '../../../alerts/alert.ts';
import type { AlertGroup, Instant, Matcher } from '../../../alerts/group.ts';
import { action, modal } from '../action.ts';
import { context, lines, plainText, section } from '../block.ts';
import { clip, code } from '../escape.ts';
import { dialogue } from '../input.ts';
import { limits } from '../limits.ts';
import { sign } from '../signs.ts';
import type { GroupMetadata } from './group-reference.ts';
import { encodeGroupMetadata } from './group-reference.ts';
import { alertSign, brief, chips } from './group-words.ts';
import type { Option } from './silence-scope.ts';
import { matchersOf, scopesOf } from './silence-scope.ts';

/** What a silence would match at this moment, as far as it is known. */
export type Preview =
  | { readonly kind: 'looking' }
  | { readonly kind: 'unknown'; readonly because: string }
  | {
      readonly kind: 'known';
      readonly matched: number;
      /** The labels of what it would match outside of the group. */
      readonly outside: readonly Labels[];
    };

/** What the modal shows; `scope` is `group` or the fingerprint of one alert, `episodes` are those that fire. */
export interface SilenceForm {
  readonly metadata: GroupMetadata;
  readonly group: AlertGroup;
  readonly episodes: readonly Episode[];
  readonly scope: string;
  readonly workingHours: Instant;
  readonly preview: Preview;
}

/** The names of the modal's fields, which are also those of their blocks. */
const field = { scope: 'scope', span: 'span', date: 'date', time: 'time', comment: 'comment' } as const;

/** Asks what is to be silenced, for how long and why, and shows what that matches now. */
export function silenceModal(form: SilenceForm): ModalView {
  const { metadata, group, episodes, scope, workingHours, preview } = form;
  const scopes = scopesOf(group, episodes);
  const matchers = matchersOf(group, episodes, scope) ?? [];
  const zone = metadata.isZoneKnown
    ? metadata.zone
    : `${metadata.zone}, since Slack did not tell your time zone`;
  const blocks: KnownBlock[] = [
    section(
      `${alertSign.silenced} Alertmanager will send nothing about these alerts until the silence ends.`,
    ),
    chosen(field.scope, 'What', scopes, scope, true),
    ...previewBlocks(preview, matchers),
    chosen(field.span, 'For how long', spansOf(workingHours, metadata.zone), '2h', false),
    asked(field.comment, 'Why?', {
      type: 'plain_text_input',
      action_id: field.comment,
      min_length: 1,
      max_length: 500,
    }),
    {
      ...asked(field.date, 'Until this date', { type: 'datepicker', action_id: field.date }),
      optional: true,
      hint: plainText('Only for a silence until a date and time.', limits.inputHint),
    },
    { ...chosen(field.time, 'At this time', halfHours, '', false), optional: true },
    context(`Dates and times are those of ${brief(zone, 150)}.`),
  ];
  return dialogue({
    id: modal.silence,
    title: 'Silence',
    submit: 'Silence',
    metadata: encodeGroupMetadata(metadata),
    blocks,
  });
}

function spansOf(workingHours: Instant, zone: string): readonly Option[] {
  const day = new Date(workingHours).toLocaleDateString('en-GB', { weekday: 'long', timeZone: zone });
  return [
    { value: '30m', text: '30 minutes' },
    { value: '2h', text: '2 hours' },
    { value: '8h', text: '8 hours' },
    { value: 'working-hours', text: `Until working hours: ${day} 09:00` },
    { value: 'custom', text: 'Until a date and time' },
  ];
}

const halfHours: readonly Option[] = Array.from({ length: 48 }, (_, index) => {
  const time = `${String(Math.floor(index / 2)).padStart(2, '0')}:${index % 2 === 0 ? '00' : '30'}`;
  return { value: time, text: time };
});

function previewBlocks(preview: Preview, matchers: readonly Matcher[]): KnownBlock[] {
  const by = matchers.map(({ name, value }) => code(clip(`${name}="${value}"`, 60)));
  const left = by.length > 8 ? ` +${by.length - 8}` : '';
  return [...lines(previewLines(preview)), context(`Matchers: ${by.slice(0, 8).join(' ')}${left}`)];
}

function previewLines(preview: Preview): string[] {
  switch (preview.kind) {
    case 'looking':
      return ['Asking Alertmanager which alerts this matches …'];
    case 'unknown':
      return [
        `${sign.warning} How many alerts this matches is not known: ${brief(preview.because, 300)} You can ask for the silence all the same.`,
      ];
    case 'known': {
      const { matched, outside } = preview;
      if (matched === 0) return [`${sign.warning} This matches no alert that fires now.`];
      const all = `Matches *${matched} alert${matched === 1 ? '' : 's'}* that fire${matched === 1 ? 's' : ''} now`;
      if (outside.length === 0) return [`${all}, all of this group.`];
      const shown = outside.slice(0, 5).map((labels) => `• ${chips(labels, 200)}`);
      const left = outside.length - shown.length;
      return [
        `${all}. ${sign.warning} *${outside.length} of them outside of this group*:`,
        ...shown,
        ...(left > 0 ? [`… and ${left} more`] : []),
      ];
    }
  }
}

function chosen(
  name: string,
  label: string,
  options: readonly Option[],
  initial: string,
  isWatched: boolean,
): InputBlock {
  const all = options.map(({ value, text }) => ({ text: plainText(text, limits.optionLabel), value }));
  const first = all.find(({ value }) => value === initial);
  const element = {
    type: 'static_select' as const,
    action_id: isWatched ? action.silenceChoice : name,
    options: all,
    ...(first === undefined ? {} : { initial_option: first }),
  };
  return { ...asked(name, label, element), ...(isWatched ? { dispatch_action: true } : {}) };
}

function asked(name: string, label: string, element: InputBlock['element']): InputBlock {
  return { type: 'input', block_id: name, label: plainText(label, limits.inputLabel), element };
}
