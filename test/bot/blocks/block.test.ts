import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MessageBlocks } from '../../../rehearsal/slack/block-kit.ts';
import { actions, button, context, fields, header, lines, section } from '../../../src/bot/blocks/block.ts';
import { escaped } from '../../../src/bot/blocks/escape.ts';
import { characters, fitBlocks, foldLines } from '../../../src/bot/blocks/fit.ts';
import { nasty } from './nasty.ts';
import { buttonsOf, textOf } from './text-of.ts';

const press = (text: string) => ({ text, action: 'step.skip', value: '{}' });

describe('blocks', () => {
  test('are within the limits for any text', () => {
    fc.assert(
      fc.property(fc.array(nasty, { maxLength: 30 }), (texts) => {
        const safe = texts.map(escaped);
        const blocks = fitBlocks([
          header(texts[0] ?? ''),
          section(safe[0] ?? ''),
          ...fields(safe.map((text) => [text, text] as const)),
          ...lines(safe),
          context(...safe),
          ...actions(texts.map(press)),
        ]);

        const { error } = MessageBlocks.safeParse(blocks);

        expect(error).toBeUndefined();
        expect(characters(blocks)).toBeLessThanOrEqual(12_000);
      }),
    );
  });

  test('leave the middle out of a message that is too long and keep its start and its buttons', () => {
    const texts = Array.from({ length: 400 }, (_, index) => `${index} ${'x'.repeat(100)}`);

    const blocks = fitBlocks([
      header('Start'),
      ...lines(texts),
      context('End'),
      ...actions([press('Press')]),
    ]);

    const read = textOf(blocks).split('\n');
    expect(read[0]).toBe('Start');
    expect(read.slice(-3)).toEqual(['… 288 more lines', 'End', '[Press]']);
  });

  test('keep at most 50 in a message', () => {
    const sections = Array.from({ length: 80 }, (_, index) => section(`${index}`));

    const blocks = fitBlocks(sections);

    expect(blocks).toHaveLength(50);
    expect(textOf(blocks.slice(-1))).toBe('… 31 more lines');
  });

  test('put 25 buttons into a row and give each an id of its own there', () => {
    const rows = actions(Array.from({ length: 30 }, (_, index) => press(`${index}`)));

    const ids = rows.map((row) => new Set(row.elements.map((element) => element.action_id)).size);
    expect(ids).toEqual([25, 5]);
    expect(buttonsOf(rows)).toHaveLength(30);
  });

  test('refuse a button value that is too long to be kept whole', () => {
    const tooLong = () => button({ text: 'x', action: 'x', value: 'x'.repeat(2_001) });

    expect(tooLong).toThrow(RangeError);
  });

  test('never let Slack make links or mentions of plain words', () => {
    const block = section('see example.com #general');

    expect(block.text).toMatchObject({ type: 'mrkdwn', verbatim: true });
  });
});

test('folded lines count what is left out of the middle', () => {
  const folded = foldLines(['a', 'b', 'c', 'd', 'e', 'f'], 4);

  expect(folded).toEqual(['a', 'b', '… 3 more', 'f']);
});
