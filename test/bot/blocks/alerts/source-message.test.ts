import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MessageBlocks } from '../../../../rehearsal/slack/block-kit.ts';
import { crowdMentions } from '../../../../rehearsal/slack/mentions.ts';
import type { SourceState } from '../../../../src/alerts/source.ts';
import { sourceMessages } from '../../../../src/bot/blocks/alerts/source-message.ts';
import { characters } from '../../../../src/bot/blocks/fit.ts';
import { limits } from '../../../../src/bot/blocks/limits.ts';
import { nasty } from '../nasty.ts';
import { textOf } from '../text-of.ts';

const noon = Date.parse('2026-11-22T12:00:00Z');
const over = { endedAt: noon + 600_000 };
const source: SourceState = { id: 'source-prod', name: 'prod', channel: 'C0ONCALL' };
const trouble = { number: 2, since: noon };
const page = { key: 'platform', dedupKey: 'slipway-watchdog-prod', wanted: 'triggered', turn: 1 } as const;
const silent = [{ address: 'http://a', because: 'Alertmanager at http://a does not answer (it hangs).' }];

function read(more: Partial<SourceState>) {
  const [message, ...others] = sourceMessages({ ...source, ...more });
  expect(others).toEqual([]);
  return { ...message, read: textOf(message?.blocks ?? []) };
}

describe('a source', () => {
  test('of which nothing was ever wrong has no message', () => {
    expect(sourceMessages({ ...source, heardAt: noon })).toEqual([]);
  });

  test('whose watchdog is silent says since when, and who is paged', () => {
    const message = read({ silence: trouble, page: { ...page, told: 'triggered' } });

    expect(message).toMatchObject({ key: 'watchdog.2', place: 'channel', urgent: true });
    expect(message.read).toContain('The watchdog of prod is silent');
    expect(message.read).toContain('2026-11-22 12:00 UTC');
    expect(message.read).toContain('Paged through platform');
    expect(message.text).not.toContain('<');
  });

  test.each([
    ['is being told', page, 'PagerDuty has yet to answer'],
    ['refused', { ...page, refused: 'bad key' }, 'PagerDuty refused the page through platform: bad key'],
    ['is not asked', undefined, 'Nobody is paged'],
  ])('whose watchdog is silent says when PagerDuty %s', (_, asked, words) => {
    expect(read({ silence: trouble, ...(asked && { page: asked }) }).read).toContain(words);
  });

  test('whose watchdog is heard again says for how long it was not', () => {
    const message = read({ silence: { ...trouble, ...over }, page: { ...page, told: 'triggered' } });

    expect(message.urgent).toBe(false);
    expect(message.read).toMatch(/watchdog of prod was silent from .* on for 10 min$/);
  });

  test('whose alerts never came says how many, and names some', () => {
    const some = [{ alertname: 'DiskFull', instance: 'a' }, { alertname: 'Slow' }];
    const message = read({ drift: { ...trouble, count: 3, some } });

    expect(message.key).toBe('drift.2');
    expect(message.read).toContain('3 alerts fire in Alertmanager prod that never reached Slack');
    expect(message.read).toContain('• `alertname=DiskFull` `instance=a`\n• `alertname=Slow`\n… and 1 more');
    expect(read({ drift: { ...trouble, count: 1, some: [{ alertname: 'Slow' }] } }).read).toContain(
      '1 alert fires in',
    );
    expect(read({ drift: { ...trouble, ...over, count: 3, some } }).read).toContain('reaches Slack again');
  });

  test.each([
    ['of which a peer is silent', { isPartial: true }, 'A peer of Alertmanager prod does not answer'],
    ['of which none answers', { isPartial: false }, 'Alertmanager prod does not answer'],
    ['that answers again', { isPartial: false, ...over }, 'Alertmanager prod answers again'],
    ['whose peers answer again', { isPartial: true, ...over }, 'All peers of Alertmanager prod answer again'],
  ])('%s says so', (_, more, words) => {
    const message = read({ unreached: { ...trouble, silent, ...more } });

    expect(message).toMatchObject({ key: 'reach.2', urgent: false });
    expect(message.read).toContain(words);
    expect(message.read.includes('it hangs')).toBe(!('endedAt' in more));
  });

  test('may have several troubles, each with its own message', () => {
    const all = sourceMessages({
      ...source,
      silence: trouble,
      drift: { ...trouble, count: 1, some: [] },
      unreached: { ...trouble, isPartial: false, silent },
    });

    expect(all.map(({ key }) => key)).toEqual(['watchdog.2', 'drift.2', 'reach.2']);
  });
});

// What was put there on purpose.
const ours = /<!date\^\d+\^[^|<>]*\|[^<>]*>/g;

function mrkdwnIn(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(mrkdwnIn);
  if (typeof part !== 'object' || part === null) return [];
  if ('type' in part && part.type === 'mrkdwn' && 'text' in part) return [String(part.text)];
  return Object.values(part).flatMap(mrkdwnIn);
}

test('whatever comes from outside, the messages of a source stay within the limits and mention nobody', () => {
  const labels = fc.dictionary(nasty, nasty, { maxKeys: 12 });
  fc.assert(
    fc.property(
      nasty,
      fc.array(labels, { maxLength: 5 }),
      fc.boolean(),
      fc.boolean(),
      (text, some, isOver, isPartial) => {
        const one = { ...trouble, ...(isOver ? over : {}) };
        const messages = sourceMessages({
          ...source,
          name: text,
          silence: one,
          page: { ...page, key: text, refused: text },
          drift: { ...one, count: some.length + 1, some },
          unreached: {
            ...one,
            isPartial,
            silent: Array.from({ length: 60 }, () => ({ address: text, because: text })),
          },
        });

        const wrong = messages.flatMap(({ key, text: line, blocks }) =>
          [
            ...(MessageBlocks.safeParse(blocks).error?.issues.map(({ message }) => message) ?? []),
            ...(characters(blocks) > limits.messageTotal ? ['too long in all'] : []),
            ...(line.length > 400 || line.includes('\n') ? [`text: ${line}`] : []),
            ...[line, ...mrkdwnIn(blocks)].filter((said) =>
              /<|&(?!(?:amp|lt|gt);)/.test(said.replaceAll(ours, '')),
            ),
            ...crowdMentions(blocks, []),
          ].map((fault) => `${key}: ${fault}`),
        );
        expect(wrong).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
});
