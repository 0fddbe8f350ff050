import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MessageBlocks, ModalView } from '../../../../rehearsal/slack/block-kit.ts';
import { crowdMentions } from '../../../../rehearsal/slack/mentions.ts';
import type { Labels } from '../../../../src/alerts/alert.ts';
import { severities } from '../../../../src/alerts/alert.ts';
import type { AlertGroup, Change } from '../../../../src/alerts/group.ts';
import { groupMessage } from '../../../../src/bot/blocks/alerts/group-message.ts';
import type { GroupView } from '../../../../src/bot/blocks/alerts/group-view.ts';
import { silenceModal } from '../../../../src/bot/blocks/alerts/silence-modal.ts';
import { characters } from '../../../../src/bot/blocks/fit.ts';
import { limits } from '../../../../src/bot/blocks/limits.ts';
import { nasty } from '../nasty.ts';
import { groupOf, minute, opened } from './sample-group.ts';

// What was put there on purpose: people, the channel, moments, and the links whose words are ours.
const ours =
  /<@[UW][A-Z0-9]+>|<#C0ALERTS>|<!date\^\d+\^[^|<>]*\|[^<>]*>|<https?:\/\/[^<>|\s`]+\|(?:Prometheus|Alertmanager|Dashboard)>/g;

const evil: fc.Arbitrary<string> = fc.oneof(
  nasty,
  fc.constantFrom(
    'x'.repeat(2_000),
    '<'.repeat(2_000),
    '`'.repeat(2_000),
    '😀'.repeat(1_000),
    '\u202e'.repeat(2_000),
  ),
);

const evilUrl: fc.Arbitrary<string> = fc.oneof(
  evil,
  evil.map((text) => `https://evil.example/${text}`),
  evil.map((text) => `https://${text}@evil.example/`),
  fc.constantFrom('javascript:alert(1)', 'https://a|b>', `https://x.example/${'&'.repeat(2_900)}`),
);

const evilLabels: fc.Arbitrary<Labels> = fc.dictionary(evil, evil, { maxKeys: 12 });

const evilAnnotations: fc.Arbitrary<Labels> = fc
  .record(
    {
      summary: evil,
      description: evil,
      value: evil,
      runbook_url: evilUrl,
      dashboard_url: evilUrl,
      extra: evil,
    },
    { requiredKeys: [] },
  )
  .map((some) => Object.fromEntries(Object.entries(some).filter(([, value]) => value !== undefined)));

const stamp = fc.constantFrom(
  '0001-01-01T00:00:00.000000000Z',
  '9999-12-31T23:59:59.999999999Z',
  '2026-11-22T03:03:00.000000000Z',
  '',
);

const whats = [
  ...([
    'fired',
    'resolved',
    'acknowledged',
    'unacknowledged',
    'silenced',
    'silence-ended',
    'silence-failed',
  ] as const),
  ...([
    'escalated',
    'paged',
    'page-refused',
    'reassigned',
    'page-closed',
    'reopened',
    'closed',
    'related',
  ] as const),
];

const anyView: fc.Arbitrary<GroupView> = fc
  .record({
    text: evil,
    other: evil,
    labels: fc.array(evilLabels, { minLength: 3, maxLength: 3 }),
    annotations: fc.array(evilAnnotations, { minLength: 3, maxLength: 3 }),
    url: evilUrl,
    since: stamp,
    isOver: fc.boolean(),
    isSeen: fc.boolean(),
    isDismissed: fc.boolean(),
    flapping: fc.boolean(),
    severity: fc.constantFrom(...severities),
    whats: fc.array(fc.constantFrom(...whats), { maxLength: 20 }),
    status: fc.constantFrom('asked', 'active', 'ending', 'failed'),
  })
  .map((any): GroupView => {
    const [groupLabels = {}, commonLabels = {}, own = {}] = any.labels;
    const by = { via: 'pagerduty', id: any.text, name: any.other } as const;
    const person = { via: 'slack', id: any.text } as const;
    const matchers = Object.entries(own).map(([name, value]) => ({
      name,
      value,
      isRegex: false,
      isEqual: true,
    }));
    const group: AlertGroup = groupOf({
      groupLabels,
      commonLabels,
      commonAnnotations: any.annotations[0] ?? {},
      source: any.text,
      externalUrl: any.url,
      since: any.since,
      routing: {
        route: any.text,
        channel: 'C0ALERTS',
        severity: any.severity,
        environment: any.other,
        quiet: any.text,
      },
      firing: 10_000,
      truncated: 3,
      flapping: any.flapping,
      openings: Array.from({ length: 50 }, (_, index) => opened - (50 - index) * 60_000),
      ...(any.isOver ? { status: 'resolved', closedAt: minute(9), closedBecause: 'gone' } : {}),
      ...(any.isSeen ? { acknowledged: { by, at: minute(1) } } : {}),
      ...(any.isDismissed ? { dismissed: { by: person, at: minute(2) } } : {}),
      silences: Array.from({ length: 20 }, (_, number) => ({
        number,
        scope: number % 2 === 0 ? 'group' : 'abc',
        matchers,
        by: person,
        comment: any.other,
        until: minute(60),
        status: any.status,
        turn: 1,
        because: any.text,
      })),
      escalation: {
        policy: any.text,
        step: 2,
        nextAt: minute(7),
        status: any.isSeen ? 'stopped' : 'running',
        told: [
          {
            at: minute(5),
            step: 1,
            people: ['UALICE', any.text, 'UBOB'],
            page: any.other,
            because: any.text,
          },
        ],
      },
      page: {
        key: any.text,
        dedupKey: any.text,
        wanted: 'triggered',
        turn: 1,
        assignees: Array.from({ length: 20 }, () => any.other),
      },
      related: [
        { run: 'run-1', version: any.text, phase: any.other, at: opened - 5, by: any.text },
        { run: 'run-2', version: any.other, phase: any.text, at: opened - 9, by: 'UBOB' },
      ],
      changes: any.whats.map(
        (what, index): Change => ({
          number: index,
          at: minute(5),
          round: 1,
          what,
          count: 99,
          some: [own, own, own],
          detail: any.text,
          ...(index % 2 === 0 ? {} : { by }),
        }),
      ),
    });
    const episodes = Array.from({ length: 30 }, (_, index) => ({
      fingerprint: index.toString(16).padStart(16, '0'),
      status: index < 20 ? ('firing' as const) : ('resolved' as const),
      startsAt: any.since,
      ...(index < 20 ? {} : { endsAt: '2026-11-22T03:09:00.000000000Z' }),
      labels: { ...commonLabels, ...own, host: `${index}${any.text}` },
      annotations: any.annotations[index % 3] ?? {},
      generatorUrl: any.url,
      round: 1,
    }));
    return { group, episodes, now: minute(5) };
  });

function mrkdwnIn(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(mrkdwnIn);
  if (typeof part !== 'object' || part === null) return [];
  if ('type' in part && part.type === 'mrkdwn' && 'text' in part) return [String(part.text)];
  return Object.values(part).flatMap(mrkdwnIn);
}

function faults(text: string): string[] {
  const left = text.replaceAll(ours, '');
  const all: string[] = /<|&(?!(?:amp|lt|gt);)/.test(left) ? [`not escaped: ${text}`] : [];
  if (/[\p{Cc}\p{Cf}\p{Cs}]/u.test(left.replaceAll('\n', ''))) all.push(`hidden: ${JSON.stringify(text)}`);
  for (const line of left.split('\n')) {
    if ((line.split('`').length - 1) % 2 === 1) all.push(`code without end: ${line}`);
  }
  return all;
}

const runs = { numRuns: 25 };

test('whatever an alert says, its messages stay within the limits and mention, break and link nothing', () => {
  fc.assert(
    fc.property(anyView, (view) => {
      const messages = groupMessage(view);

      const wrong = messages.flatMap(({ key, text, blocks }) =>
        [
          ...(MessageBlocks.safeParse(blocks).error?.issues.map(({ message }) => message) ?? []),
          ...(characters(blocks) > limits.messageTotal ? [`${characters(blocks)} characters`] : []),
          ...(text.length > limits.messageText || text.includes('\n') ? [`text: ${text}`] : []),
          ...[text, ...mrkdwnIn(blocks)].flatMap(faults),
          ...crowdMentions(blocks, []),
        ].map((fault) => `${key}: ${fault}`),
      );
      expect(wrong).toEqual([]);
      expect(new Set(messages.map(({ key }) => key)).size).toBe(messages.length);
      expect(groupMessage(view)).toEqual(messages);
    }),
    runs,
  );
});

test('whatever an alert says, its buttons are never lost', () => {
  fc.assert(
    fc.property(anyView, (view) => {
      const [message] = groupMessage(view);

      const ids = [...JSON.stringify(message).matchAll(/"action_id":"([^"]+)"/g)].map(([, id]) => id);
      const { status, dismissed } = view.group;
      if (status === 'resolved') expect(ids.filter((id) => !id?.startsWith('link'))).toEqual([]);
      else expect(ids).toContain(dismissed === undefined ? 'alert.resolve' : 'alert.silence');
    }),
    runs,
  );
});

test('whatever an alert says, the dialogue about a silence is within the limits', () => {
  fc.assert(
    fc.property(anyView, evil, ({ group, episodes }, because) => {
      const metadata = { group: group.id, round: 1, zone: 'Europe/Berlin', isZoneKnown: true };
      const previews = [
        { kind: 'looking' },
        { kind: 'unknown', because },
        { kind: 'known', matched: 30, outside: episodes.map(({ labels }) => labels) },
      ] as const;
      const views = previews.map((preview) =>
        silenceModal({ metadata, group, episodes, scope: 'group', workingHours: minute(300), preview }),
      );

      expect(views.flatMap((view) => ModalView.safeParse(view).error?.message ?? [])).toEqual([]);
      expect(views.flatMap(mrkdwnIn).flatMap(faults)).toEqual([]);
    }),
    runs,
  );
});
