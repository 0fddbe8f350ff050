import type { KnownBlock } from '@slack/types';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crowdMentions } from '../../../../rehearsal/slack/mentions.ts';
import { markdownBlocks } from '../../../../src/bot/blocks/runbooks/markdown-blocks.ts';
import { nasty } from '../nasty.ts';
import { textOf } from '../text-of.ts';
import { anyMarkdown } from './any-markdown.ts';
import { readText, refusals, wordsOf } from './words.ts';

const drawn = (markdown: string, labels: Readonly<Record<string, string>> = {}): string =>
  textOf(markdownBlocks(markdown, { labels }));

describe('Markdown as Block Kit', () => {
  test.each<[what: string, markdown: string, drawn: string]>([
    ['a paragraph on one line', 'one\ntwo', 'one two'],
    ['a hard break', 'one  \ntwo', 'one\ntwo'],
    ['bold, italic and struck text', '**a** *b* ~~c~~ ***d***', '*a* _b_ ~c~ *_d_*'],
    ['spaces outside of the marks', 'x<b> a </b>y', 'x *a* y'],
    ['no marks within a word, where Slack shows them as stars', 'foo**bar**baz', 'foobarbaz'],
    ['code', 'run `a < b && c`', 'run `a &lt; b &amp;&amp; c`'],
    ['stars that are stars', String.raw`2 \* 3 * 4`, '2 ∗ 3 ∗ 4'],
    ['what would be a mention or an emoji', '<!channel> @here :fire:', '&lt;!channel&gt; ＠here ∶fire:'],
    [
      'what is no tag of HTML as something to read',
      'the <namespace> of <pod-1>',
      'the &lt;namespace&gt; of &lt;pod-1&gt;',
    ],
    ['a heading below the second level in bold', '### About *it*', '*About* *_it_*'],
    ['a list', '- a\n- b', '• a\n• b'],
    ['a list in a list', '- a\n  - b\n    - c', '• a\n    ◦ b\n        • c'],
    ['numbers from where they begin', '3. a\n4. b', '3. a\n4. b'],
    ['boxes', '- [ ] a\n- [x] b', '☐ a\n☑ b'],
    ['a paragraph in a list', '- a\n\n  b', '• a\n\nb'],
    ['a quotation', '> a\n>\n> - b', '> a\n> • b'],
    ['a mark of a quotation that is none', String.raw`\> a`, '› a'],
    ['a line across', 'a\n\n---\n\nb', 'a\n\nb'],
    ['a link', '[a|b](https://x.test/?p=1&q=2)', '<https://x.test/?p=1&amp;q=2|a∣b>'],
    ['a link in bold', '**[a](https://x.test)**', '*<https://x.test|a>*'],
    ['a link with a title', '[a](https://x.test "see *this*")', '<https://x.test|a> (see ∗this∗)'],
    ['an address that stands by itself', 'see https://x.test/a.', 'see <https://x.test/a|https://x.test/a>.'],
    ['a mail address', '[mail](mailto:a@x.test)', '<mailto:a@x.test|mail>'],
    ['a script as text', '[a](javascript:alert(1))', 'a (`javascript:alert(1)`)'],
    ['data as text', '[a](data:text/html,x)', 'a (`data:text/html,x`)'],
    ['a file of the machine as text', '[a](file:///etc/passwd)', 'a (`file:///etc/passwd`)'],
    ['a path as text', '[a](../b/c.md#d)', 'a (`../b/c.md#d`)'],
    ['another runbook by what opens it', '[Redis](redis-memory.md)', 'Redis (`/runbook open redis-memory`)'],
    ['an address that would end the link', '[a](<https://x.test/a|b c>)', '<https://x.test/a%7Cb%20c|a>'],
    ['an image as a link', '![a graph](https://x.test/a.png)', '<https://x.test/a.png|a graph>'],
    [
      'an image in a link',
      '[![a](https://x.test/i.png)](https://x.test)',
      '<https://x.test|a> <https://x.test/i.png|image>',
    ],
    ['a link that is defined elsewhere', '[a][b]\n\n[b]: https://x.test', '<https://x.test|a>'],
    ['a definition that nothing uses', 'a\n\n[b]: https://x.test', 'a\nb: <https://x.test|https://x.test>'],
    [
      'a summary in bold with what it hides',
      '<details><summary>More</summary>\n\n*a*\n\n</details>',
      '*More*\n\n_a_',
    ],
    ['other HTML as its text', '<div align="x">a<br/>b &amp; c</div>', 'a\nb &amp; c'],
    ['no comments', 'a <!-- b --> c\n\n<!-- d -->', 'a c'],
    ['preformatted HTML as code', '<pre>\n  a <b>b</b>\n</pre>', '```\n  a b\n```'],
    ['what is not closed', '**a `b [c](d', '∗∗a ˋb [c](d'],
  ])('shows %s', (_what, markdown, expected) => {
    expect(drawn(markdown)).toBe(expected);
  });

  test('makes a heading of the first two levels a header', () => {
    expect(markdownBlocks('# A *title* & more', { labels: {} })).toEqual([
      { type: 'header', text: { type: 'plain_text', text: 'A title & more', emoji: false } },
    ]);
  });

  test('keeps the indents and backticks of code, but for those that would end it', () => {
    const code = '````yaml\n  - a: `b`\n    c: |\n      ```\n\n````';

    expect(drawn(`So:\n\n${code}`)).toBe('So:\n```\n  - a: `b`\n    c: |\n      ˋˋˋ\n```');
  });

  test('aligns a table by the width of its characters', () => {
    const table = '| a | n | 名前 |\n|---|--:|---|\n| x | 1 | é |\n| `yy` | 100 | 日本 |';

    expect(drawn(table)).toBe(
      ['```', 'a     n  名前', '──  ───  ────', 'x     1  é', 'yy  100  日本', '```'].join('\n'),
    );
  });

  test('reads a wide table, and one with links, row by row', () => {
    const long = 'word '.repeat(20).trim();
    const table = `| What | Where | |\n|---|---|---|\n| **a** | ${long} | |\n| b | [c](https://x.test) | d |`;

    expect(drawn(table)).toBe(
      [`What: *a*`, `• Where: ${long}`, '', 'What: *b*', '• Where: <https://x.test|c>', '• d'].join('\n'),
    );
  });
});

describe('the labels of an alert', () => {
  const labels = { pod: '*b* <!channel> `c` [d](https://evil.test)', host: 'app:8000', dir: 'a b; rm -rf /' };

  test('are text in text, whatever they say', () => {
    expect(drawn('**Pod** {{ labels.pod }} and {{ labels.none }}', labels)).toBe(
      '*Pod* ∗b∗ &lt;!channel&gt; ˋcˋ [d](https://evil.test) and &lt;none&gt;',
    );
  });

  test('are one word of a command in code', () => {
    expect(drawn('```sh\nls {{ labels.dir }}\n```', labels)).toBe("```\nls 'a b; rm -rf /'\n```");
    expect(drawn('`ls {{ labels.dir }}`', labels)).toBe("`ls 'a b; rm -rf /'`");
  });

  test('are encoded in addresses, and are never one', () => {
    expect(drawn('[a](https://x.test/?q={{ labels.dir }}&r={{labels.host}})', labels)).toBe(
      '<https://x.test/?q=a%20b%3B%20rm%20-rf%20%2F&amp;r=app%3A8000|a>',
    );
    expect(drawn('[a]({{ labels.pod }})', labels)).not.toContain('<http');
  });

  test('stand in headings and tables', () => {
    expect(drawn('# On {{ labels.host }}\n\n| a |\n|---|\n| {{ labels.host }} |', labels)).toBe(
      '*On app:8000*\n```\na\n────────\napp:8000\n```',
    );
  });
});

describe('within the limits of Slack', () => {
  test('long code is parted between lines, each part with its fences, the first with its sentence', () => {
    const code = Array.from({ length: 400 }, (_, index) => `line ${index} ${'<'.repeat(index % 9)}`).join(
      '\n',
    );

    const blocks = markdownBlocks(`Before.\n\nRun this:\n\n\`\`\`sh\n${code}\n\`\`\`\n\nAfter.`, {
      labels: {},
    });

    const texts = blocks.map(sectionText);
    expect(texts.length).toBeGreaterThan(3);
    expect(texts.join('\n').match(/line \d+/g)).toEqual(
      Array.from({ length: 400 }, (_, index) => `line ${index}`),
    );
    for (const text of texts) expect((text.match(/```/g) ?? []).length % 2).toBe(0);
    expect(texts.find((text) => text.includes('line 0\n'))).toContain('Run this:\n```');
    expect(refusals(blocks)).toEqual([]);
  });

  test.each([
    ['a line of code', `\`\`\`\n${'x<'.repeat(9_000)}\n\`\`\``, /x/g, 9_000],
    ['a paragraph', `${'word '.repeat(5_000)}`, /word/g, 5_000],
    ['a word', 'x'.repeat(12_000), /x/g, 12_000],
    ['a word of marks', '&'.repeat(12_000), /&amp;/g, 12_000],
    ['a run of code', `\`${'word '.repeat(2_000)}\``, /word/g, 2_000],
    ['an address', `[a](https://h.test/${'x'.repeat(9_000)})`, /x/g, 9_000],
    ['an address that leads nowhere', `[a](x${'&'.repeat(9_000)})`, /&amp;/g, 9_000],
    ['a label', `[${'word '.repeat(1_000)}](https://h.test)`, /word/g, 1_000],
    ['a heading', `# ${'word '.repeat(1_000)}`, /word/g, 1_000],
    ['a title', `[a](https://h.test "${'word '.repeat(1_000)}")`, /word/g, 1_000],
    ['a cell', `| a |\n|---|\n| ${'word '.repeat(1_000)} |`, /word/g, 1_000],
  ])('%s that is too long is parted, and nothing is left out', (_what, markdown, pattern, count) => {
    const blocks = markdownBlocks(markdown, { labels: {} });

    expect(refusals(blocks)).toEqual([]);
    expect(textOf(blocks).match(pattern)).toHaveLength(count);
  });

  test.each([
    ['quotations', '>'.repeat(3_000)],
    ['lists', Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth * 2)}- x`).join('\n')],
    ['marks', '*'.repeat(5_000)],
    ['brackets', '['.repeat(20_000)],
    ['tags', '<b>'.repeat(5_000)],
  ])('%s nested without end are shown as what they are', (_what, nest) => {
    const blocks = markdownBlocks(`${nest} theword`, { labels: {} });

    expect(refusals(blocks)).toEqual([]);
    expect(textOf(blocks)).toContain('theword');
  });

  test('every word of any Markdown is shown and Slack takes every block', () => {
    fc.assert(
      fc.property(anyMarkdown, ({ markdown, words }) => {
        const blocks = markdownBlocks(markdown, { labels: { pod: 'podvalue' } });

        expect(refusals(blocks)).toEqual([]);
        expect(lost(words, blocks)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('nothing that anybody writes is refused or acts', () => {
    const part = fc.oneof(
      nasty,
      anyMarkdown.map(({ markdown }) => markdown),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), nasty, (parts, pod) => {
        const blocks = markdownBlocks(parts.join('\n'), { labels: { pod } });

        expect(refusals(blocks)).toEqual([]);
        expect(crowdMentions(blocks, [])).toEqual([]);
        expect(mrkdwnOf(blocks)).not.toMatch(
          /<[@#!]|<(?!https?:|mailto:)[^|]*\||[\u202a-\u202e\u2066-\u2069]/i,
        );
      }),
      { numRuns: 120 },
    );
  });
});

function lost(words: readonly string[], blocks: readonly KnownBlock[]): string[] {
  const left = new Map<string, number>();
  for (const word of wordsOf(readText(blocks))) left.set(word, (left.get(word) ?? 0) + 1);
  return words.filter((word) => {
    const count = left.get(word) ?? 0;
    left.set(word, count - 1);
    return count <= 0;
  });
}

/** What Slack reads as mrkdwn; a header is plain text, in which a bracket is a bracket. */
function mrkdwnOf(blocks: readonly KnownBlock[]): string {
  return JSON.stringify(blocks.filter(({ type }) => type !== 'header'));
}

function sectionText(block: KnownBlock): string {
  return block.type === 'section' ? (block.text?.text ?? '') : '';
}
