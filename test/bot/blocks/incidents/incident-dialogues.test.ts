import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MessageBlocks, ModalView } from '../../../../rehearsal/slack/block-kit.ts';
import { characters } from '../../../../src/bot/blocks/fit.ts';
import { declareModal } from '../../../../src/bot/blocks/incidents/declare-modal.ts';
import { readIncident } from '../../../../src/bot/blocks/incidents/incident-answers.ts';
import {
  actionModal,
  noticeModal,
  reopenModal,
  resolveModal,
  reviewDoneModal,
  roleModal,
  updateModal,
} from '../../../../src/bot/blocks/incidents/incident-modals.ts';
import {
  encodeDeclare,
  encodeDeclareMetadata,
  encodeIncident,
  encodeIncidentMetadata,
  parseDeclare,
  parseDeclareMetadata,
  parseIncident,
  parseIncidentMetadata,
} from '../../../../src/bot/blocks/incidents/incident-reference.ts';
import { incidentHelp, incidentList } from '../../../../src/bot/blocks/incidents/incident-reply.ts';
import { incidentSurfaces } from '../../../../src/bot/blocks/incidents/incident-surfaces.ts';
import { timelineReply } from '../../../../src/bot/blocks/incidents/timeline-reply.ts';
import { limits } from '../../../../src/bot/blocks/limits.ts';
import { nasty } from '../nasty.ts';
import { textOf } from '../text-of.ts';
import { changeOf, incidentOf, minute, noticeOf, resolved, viewOf, walkthrough } from './sample-incident.ts';

const id = 'incident-0123456789abcdef';
const metadata = { incident: id, channel: 'C0ROOM' };

describe('a dialogue about an incident', () => {
  const incident = incidentOf({ title: 'Payments <fail>' });
  const form = { metadata, incident };

  test.each([
    [
      'Update',
      updateModal({ ...form, text: 'typed', every: '30 min' }),
      ['(plain_text_input)', '(static_select)', 'owed 30 min'],
    ],
    ['Role', roleModal({ ...form, by: 'UBOB' }), ['(users_select)', 'Who takes it?']],
    ['Resolve', resolveModal({ ...form, within: '24 h' }), ['how did it end?', 'within 24 h']],
    ['Reopen', reopenModal(form), ['not over?']],
    ['Status page', noticeModal(form), ['*Investigating*', 'second person']],
    ['Action', actionModal({ ...form, by: 'UBOB', now: minute(0) }), ['(datepicker)', '"2026-11-29"']],
    ['Review done', reviewDoneModal(form), ['Where can it be read?']],
    [
      'Declare an incident',
      declareModal({ metadata: {}, by: 'UBOB', title: 'x', severity: 'high' }),
      ['"initial_user":"UBOB"', 'High'],
    ],
  ] as const)('%s asks what it needs and fits into Slack', (title, view, texts) => {
    const said = `${textOf(view.blocks)}\n${JSON.stringify(view.blocks)}`;

    expect(ModalView.safeParse(view).error).toBeUndefined();
    expect(view.title.text).toBe(title);
    for (const text of texts) expect(said).toContain(text);
  });

  test('is read as it was filled in, and what is empty is absent', () => {
    const answers = readIncident({
      text: { text: { type: 'plain_text_input', value: ' so ' } },
      where: { where: { type: 'plain_text_input', value: null } },
      status: { status: { selected_option: { value: 'monitoring' } } },
      role: { role: { selected_option: null } },
      person: { person: { selected_user: 'UBOB' } },
      due: { due: { selected_date: '2026-11-29' } },
    });

    expect(answers).toEqual({ text: 'so', status: 'monitoring', person: 'UBOB', due: '2026-11-29' });
    expect(readIncident({ status: { status: { selected_option: { value: 'resolved' } } } })).toBeUndefined();
    expect(readIncident(undefined)).toBeUndefined();
  });
});

test('what a button or dialogue is about comes back as it was, and nothing else does', () => {
  const group = { group: 'group-0123456789abcdef', round: 2 };

  expect(parseIncident(encodeIncident({ incident: id, number: 3 }))).toEqual({ incident: id, number: 3 });
  expect(parseIncidentMetadata(encodeIncidentMetadata(metadata))).toEqual(metadata);
  expect(parseDeclare(encodeDeclare(group))).toEqual(group);
  expect(parseDeclare(encodeDeclare({ run: 'production-1' }))).toEqual({ run: 'production-1' });
  expect(parseDeclareMetadata(encodeDeclareMetadata({ about: group, channel: 'C1' }))).toEqual({
    about: group,
    channel: 'C1',
  });
  for (const value of ['', '{', '{"incident":"x"}', `{"incident":"${id}","more":1}`, undefined, 7]) {
    expect([parseIncident(value), parseIncidentMetadata(value), parseDeclare(value)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  }
});

describe('the answers of /incident', () => {
  test('a mistyped word is told the nearest', () => {
    expect(textOf(incidentHelp('resolv').blocks)).toContain('Did you mean `/incident resolve`?');
    expect(textOf(incidentHelp('<!here>').blocks)).not.toContain('<!here>');
  });

  test('open incidents stand with how long, who leads and where, then the reviews that are owed', () => {
    const all = [incidentOf(), incidentOf({ number: 11, ...resolved })];

    const said = textOf(incidentList(all, minute(90)).blocks);

    expect(said.split('\n')).toEqual([
      '*1 open*',
      '🟥 *#12 Payments fail* · Critical · Investigating · for 1 h 30 min · <@UCAROL> leads · <#C0ROOM>',
      '*1 to be reviewed*',
      '*#11 Payments fail* · ⏰ due 2026-11-23 03:04 UTC · <@UCAROL> · <#C0ROOM>',
    ]);
    expect(textOf(incidentList([], 0).blocks)).toBe('✅ No incident is open, and no review is due.');
  });
});

const ours = /<@[UW][A-Z0-9]+>|<#[CG][A-Z0-9]+>|<!date\^\d+\^[^|<>]*\|[^<>]*>|<https?:\/\/[^<>|]+\|[^<>]*>/g;

function faults(message: { readonly text: string; readonly blocks: readonly unknown[] }): string[] {
  const { error } = MessageBlocks.safeParse(message.blocks);
  return [
    ...(error === undefined ? [] : [error.message]),
    ...(characters(message.blocks) > limits.messageTotal ? ['too long in all'] : []),
    ...(message.text.length > limits.messageText || message.text.includes('\n')
      ? [`text: ${message.text}`]
      : []),
    ...mrkdwnIn(message.blocks).filter((text) => /<|&(?!(?:amp|lt|gt);)/.test(text.replaceAll(ours, ''))),
  ];
}

function mrkdwnIn(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(mrkdwnIn);
  if (typeof part !== 'object' || part === null) return [];
  if ('type' in part && part.type === 'mrkdwn' && 'text' in part) return [String(part.text)];
  return Object.values(part).flatMap(mrkdwnIn);
}

test('whatever people write, every message and dialogue is within the limits and mentions nobody by it', () => {
  fc.assert(
    fc.property(nasty, fc.boolean(), (text, isOver) => {
      const action = { number: 1, title: text, owner: 'UBOB', due: '2026-11-29', by: 'UBOB' };
      const incident = {
        title: text,
        updates: [{ number: 1, at: minute(1), by: 'UBOB', text }],
        notices: [noticeOf('failed', { text, because: text })],
        noticesSoFar: 1,
        actions: Array.from({ length: 40 }, (_, index) => ({ ...action, number: index + 1 })),
        ...(isOver && resolved),
      };
      const changes = [changeOf({ type: 'Updated', number: 1, text, by: 'UBOB', at: minute(2) })];
      const walkthroughs = Array.from({ length: 20 }, () => ({
        ...walkthrough,
        runbook: { ...walkthrough.runbook, title: text },
      }));
      const view = viewOf(incident, { changes, walkthroughs });
      const entry = {
        at: minute(1),
        by: text,
        what: text,
        source: { stream: id, version: 1, type: 'Updated' },
        kind: 'incident' as const,
      };
      const messages = [
        ...incidentSurfaces(view),
        timelineReply(
          view.incident,
          Array.from({ length: 30 }, () => entry),
          true,
        ),
        incidentList(
          Array.from({ length: 30 }, () => view.incident),
          minute(3),
        ),
      ];
      const views = [
        updateModal({ metadata, incident: view.incident, text }),
        noticeModal({ metadata, incident: view.incident }),
      ];

      expect(messages.flatMap(faults)).toEqual([]);
      expect(views.flatMap((one) => ModalView.safeParse(one).error?.message ?? [])).toEqual([]);
    }),
    { numRuns: 40 },
  );
});
