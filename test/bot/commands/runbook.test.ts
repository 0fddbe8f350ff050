import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crowdMentions } from '../../../rehearsal/slack/mentions.ts';
import { listReply } from '../../../src/bot/blocks/runbooks/runbook-list.ts';
import { encodeRunbook, parseRunbookReference } from '../../../src/bot/blocks/runbooks/runbook-reference.ts';
import {
  foundReply,
  nothingFoundReply,
  unknownRunbookReply,
} from '../../../src/bot/blocks/runbooks/runbook-replies.ts';
import type { Fault } from '../../../src/runbooks/library.ts';
import type { Runbook } from '../../../src/runbooks/runbook.ts';
import { searchIndex } from '../../../src/runbooks/search.ts';
import { nasty } from '../blocks/nasty.ts';
import { refusals } from '../blocks/runbooks/words.ts';
import { textOf, valuesOf } from '../blocks/text-of.ts';

const now = Date.parse('2026-11-23T03:00:00Z');

const runbook = (name: string, rest: Partial<Runbook> = {}): Runbook => ({
  name,
  title: `About ${name}`,
  alerts: [],
  tags: [],
  hash: 'a'.repeat(64),
  sections: [],
  ...rest,
});

const redis = runbook('redis-memory', {
  title: 'Redis is full',
  alerts: ['RedisMemoryHigh'],
  severity: 'high',
  owner: 'oncall',
  reviewed: '2026-11-20',
  tags: ['redis', 'cache'],
});
const api = runbook('api-down', { severity: 'critical', owner: 'web', reviewed: '2026-01-01' });
const odd = runbook('odd', { reviewed: '2027-01-01' });

const list = (runbooks: readonly Runbook[], faults: readonly Fault[] = [], page = 1, word?: string) =>
  listReply({ runbooks, faults, page, now, ...(word !== undefined && { word }) });

describe('the list of runbooks', () => {
  test('stands by severity with owner, age of review and tags', () => {
    const read = textOf(list([odd, redis, api]).blocks);

    expect(read).toMatch(/\*critical\*\n.*`api-down`.*owner web · ⚠️ reviewed 326 days ago/);
    expect(read).toMatch(/\*high\*\n.*`redis-memory`.*owner oncall · reviewed 3 days ago · redis, cache/);
    expect(read).toMatch(/\*without a severity\*\n.*no owner · ⚠️ reviewed on a day still to come/);
    expect(read.indexOf('api-down')).toBeLessThan(read.indexOf('redis-memory'));
    expect(read).toContain('1 critical, 1 high');
    expect(read).toContain('2 not reviewed for 90 days');
  });

  test('says which files are faulty, and marks what is served as it was', () => {
    const faults = [{ file: 'redis-memory.md', line: 3, message: 'severity: expected <!channel>' }];

    const read = textOf(list([redis, api], faults).blocks);

    expect(read).toMatch(/`redis-memory`.*its file has a fault/);
    expect(read).not.toMatch(/`api-down`.*its file has a fault/);
    expect(read).toContain('`redis-memory.md:3` severity: expected &lt;!channel&gt;');
  });

  test('comes in pages, and every runbook is on one of them', () => {
    const many = Array.from({ length: 1_000 }, (_, index) => runbook(`book-${index}`, { tags: ['t'] }));

    const pages = Array.from({ length: 40 }, (_, index) => list(many, [], index + 1));

    const names = pages.flatMap(({ blocks }) => textOf(blocks).match(/`book-\d+`/g) ?? []);
    expect(new Set(names).size).toBe(1_000);
    expect(textOf(pages[0]?.blocks ?? [])).toContain('*1000 runbooks*, page 1 of 40');
    expect(textOf(pages[0]?.blocks ?? [])).toContain('`/runbook list 2`');
    expect(textOf(pages[39]?.blocks ?? [])).not.toContain('The next page');
    expect(textOf(list(many, [], 99).blocks)).toContain('page 40 of 40');
  });

  test('says what to do when there is none', () => {
    expect(textOf(list([]).blocks)).toContain('`runbooks/incidents/`');
    expect(textOf(list([], [], 1, 'redsi').blocks)).toContain('`redsi`');
  });
});

describe('what was found', () => {
  test('says why, and has a button each that is about one runbook and this answer', () => {
    const found = searchIndex([redis, api])('reddis memory', 5);

    const { blocks } = foundReply('reddis memory', found, {
      key: '0123456789abcdef',
      environment: 'production',
      now,
    });

    const read = textOf(blocks);
    expect(read).toContain('One runbook for `reddis memory`');
    expect(read).toContain('Found by: alert RedisMemoryHigh · title · tagged redis');
    expect(read).toContain('[Open]');
    expect(valuesOf(blocks)).toEqual({
      Open: { runbook: 'redis-memory', key: '0123456789abcdef', environment: 'production' },
    });
  });

  test('is told to be nothing, with what may have been meant', () => {
    expect(textOf(nothingFoundReply('qqq', ['api-down']).blocks)).toContain('Did you mean `api-down`?');
    expect(textOf(unknownRunbookReply('api-dwon', ['api-down']).blocks)).toContain(
      'Did you mean `/runbook open api-down`?',
    );
  });
});

test('a button that another version wrote is about nothing', () => {
  const reference = { runbook: 'api-down', key: '0123456789abcdef' };

  expect(parseRunbookReference(encodeRunbook(reference))).toEqual(reference);
  for (const value of [undefined, '', '{}', '{"runbook":"../etc","key":"0123456789abcdef"}']) {
    expect(parseRunbookReference(value)).toBeUndefined();
  }
});

test('whatever runbooks say, Slack takes the answers and nobody is mentioned', () => {
  const anyRunbook = fc
    .record({
      title: nasty,
      alerts: fc.array(nasty, { maxLength: 5 }),
      tags: fc.array(nasty, { maxLength: 30 }),
      owner: nasty,
    })
    .map((rest) => runbook('nasty', { ...rest, severity: 'low' }));
  const anyFault = fc.record({ file: nasty, line: fc.nat(), message: nasty });
  fc.assert(
    fc.property(
      fc.array(anyRunbook, { maxLength: 30 }),
      fc.array(anyFault, { maxLength: 20 }),
      nasty,
      (runbooks, faults, word) => {
        const matched = { redis: ['alerts', 'text', 'title', 'tags'] } as const;
        const found = runbooks.slice(0, 5).map((one) => ({ runbook: one, score: 1, matched }));
        const about = { key: '0123456789abcdef', environment: undefined, now };
        const replies = [
          list(runbooks, faults),
          list(runbooks, faults, 1, word),
          foundReply(word, found, about),
          nothingFoundReply(word, [word]),
          unknownRunbookReply(word, [word]),
        ];

        for (const { text, blocks } of replies) {
          expect(refusals(blocks)).toEqual([]);
          expect(blocks.length).toBeLessThanOrEqual(50);
          expect(crowdMentions(blocks, [])).toEqual([]);
          expect(crowdMentions(text, [])).toEqual([]);
        }
      },
    ),
    { numRuns: 60 },
  );
});
