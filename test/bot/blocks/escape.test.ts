import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  clip,
  code,
  codeBlock,
  escaped,
  link,
  mention,
  plain,
  quote,
  sentence,
} from '../../../src/bot/blocks/escape.ts';
import { nasty } from './nasty.ts';

const hidden = /[\p{Cc}\p{Cf}\p{Cs}]/u;
const bareEntity = /&(?!(?:amp|lt|gt);)/;

describe('text from outside', () => {
  test.each([
    ['<!channel> look', '&lt;!channel&gt; look'],
    ['<https://evil.example|Approve>', '&lt;https://evil.example|Approve&gt;'],
    ['*Approved* by ~me~', '∗Approved∗ by ∼me∼'],
    ['POSTGRES_URL is _new_', 'POSTGRES_URL is ˍnewˍ'],
    [':white_check_mark: 10:30', '∶white_check_mark: 10:30'],
    ['one\r\ntwo\tthree', 'one two three'],
    ['a\u202Eb\u200Bc\u0000d', 'abcd'],
    ['> said', '› said'],
    ['@channel', '＠channel'],
  ])('%j reads as %j', (outside, inside) => {
    const text = escaped(outside);

    expect(text).toBe(inside);
  });

  test('is one line without marks that Slack would act on, whatever it is', () => {
    fc.assert(
      fc.property(nasty, (outside) => {
        const text = escaped(outside);

        expect(text).not.toMatch(/[<>*~`\n]/);
        expect(text).not.toMatch(bareEntity);
        expect(text).not.toMatch(hidden);
        expect(text).not.toMatch(/:[\p{L}\p{N}_+'-]+:/u);
        expect(text).not.toMatch(/@(channel|here|everyone)/i);
      }),
    );
  });

  test('cannot leave inline code, a block of code or a quote', () => {
    fc.assert(
      fc.property(nasty, (outside) => {
        const inline = code(outside);
        const block = codeBlock(outside, 500);
        const quoted = quote(outside);

        expect(inline).toMatch(/^(?:`[^`\n<>]+`)?$/);
        expect(block).toMatch(/^(?:```\n[^`<>]+\n```)?$/);
        expect(block.length).toBeLessThanOrEqual(500);
        expect(quoted === '' || quoted.split('\n').every((line) => /^> [^<>]*$/.test(line))).toBe(true);
        expect(quoted.split('\n').length).toBeLessThanOrEqual(10);
        expect(plain(outside)).not.toMatch(hidden);
      }),
    );
  });

  test('cannot be linked to anything but a web address', () => {
    const links = ['https://slack.example/a?b=1&c', 'javascript:alert(1)', 'https://a|<!channel>'].map(
      (url) => link(url, 'Look <here>'),
    );

    expect(links).toEqual([
      '<https://slack.example/a?b=1&amp;c|Look &lt;here&gt;>',
      'Look &lt;here&gt;',
      'Look &lt;here&gt;',
    ]);
  });

  test('is never taken for a user id', () => {
    const people = ['U012AB3CD', 'slipway', '!channel', 'U1> <!here'].map(mention);

    expect(people).toEqual(['<@U012AB3CD>', 'slipway', '!channel', 'U1&gt; &lt;!here']);
  });
});

test('a sentence of the rules keeps its mentions of people and channels and nothing else', () => {
  const text = sentence('Approved by <@U1> in <#C1>. Use *Ask again*, <!channel> & <https://x|y>.');

  expect(text).toBe(
    'Approved by <@U1> in <#C1>. Use *Ask again*, &lt;!channel&gt; &amp; &lt;https://x|y&gt;.',
  );
});

describe('a clipped text', () => {
  test('counts the characters that it leaves out, an entity being one', () => {
    const text = clip(`${'a'.repeat(40)}${'&lt;'.repeat(30)}`, 80);

    expect(text).toBe(`${'a'.repeat(40)}${'&lt;'.repeat(5)} … +25 characters`);
  });

  test('never splits a mention', () => {
    const text = clip(`Approved by <@U012AB3CD> and others`, 20);

    expect(text).toBe('Approved by…');
  });

  test('is within its limit, splits no entity and no surrogate pair', () => {
    fc.assert(
      fc.property(nasty, fc.integer({ min: 1, max: 300 }), (outside, limit) => {
        const text = clip(escaped(outside), limit);

        expect(text.length).toBeLessThanOrEqual(limit);
        expect(text).not.toMatch(bareEntity);
        expect(text).not.toMatch(/\p{Cs}/u);
      }),
    );
  });
});
