import fc from 'fast-check';
import { expect, test } from 'vitest';
import { actions, context, header, section } from '../../../../src/bot/blocks/block.ts';
import { characters } from '../../../../src/bot/blocks/fit.ts';
import { markdownBlocks } from '../../../../src/bot/blocks/runbooks/markdown-blocks.ts';
import { messagesOf } from '../../../../src/bot/blocks/runbooks/messages-of.ts';
import { anyMarkdown } from './any-markdown.ts';

const text = (length: number) => section('x'.repeat(length));
const code = (length: number) => section(`\`\`\`\n${'y'.repeat(length)}\n\`\`\``);

test('what fits into one message is one', () => {
  const blocks = [header('A'), text(2_000), text(2_000)];

  expect(messagesOf(blocks)).toEqual([blocks]);
});

test('fifty blocks are one message and the next one begins another', () => {
  const messages = messagesOf(Array.from({ length: 120 }, (_, index) => section(`line ${index}`)));

  expect(messages.map(({ length }) => length)).toEqual([50, 50, 20]);
});

test('code goes with the sentence before it into the next message', () => {
  const sentence = section('Run this:');

  const messages = messagesOf([text(2_900), text(2_900), text(2_900), text(2_900), sentence, code(2_000)]);

  expect(messages.at(-1)).toEqual([sentence, code(2_000)]);
});

test('a heading goes with what follows, and buttons and small print with what they are about', () => {
  const last = [header('Next'), text(100), context('small'), ...actions([{ text: 'Go', action: 'go' }])];

  const messages = messagesOf([text(2_900), text(2_900), text(2_900), text(2_900), text(350), ...last]);

  expect(messages.at(-1)).toEqual(last);
});

test('no block of any Markdown is left out, and every message is within the limits', () => {
  fc.assert(
    fc.property(fc.array(anyMarkdown, { minLength: 1, maxLength: 20 }), (all) => {
      const blocks = all.flatMap(({ markdown }) => [...markdownBlocks(markdown, { labels: {} })]);

      const messages = messagesOf(blocks);

      expect(messages.flat()).toEqual(blocks);
      for (const message of messages) {
        expect(message.length).toBeLessThanOrEqual(50);
        expect(characters(message)).toBeLessThanOrEqual(12_000);
      }
    }),
    { numRuns: 25 },
  );
});
