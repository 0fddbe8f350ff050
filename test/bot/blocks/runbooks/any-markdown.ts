import fc from 'fast-check';

/** A Markdown text with the words that a reader must find again, each as often as it stands there. */
export interface Written {
  readonly markdown: string;
  readonly words: readonly string[];
}

const word = fc
  .string({ unit: fc.constantFrom(...'abcdefghij'), minLength: 2, maxLength: 9 })
  .map((one) => `w${one}`);
const phrase: fc.Arbitrary<Written> = fc
  .array(word, { minLength: 1, maxLength: 12 })
  .map((words) => ({ markdown: words.join(' '), words }));

const around =
  (before: string, after: string) =>
  (one: Written): Written => ({
    ...one,
    markdown: `${before}${one.markdown}${after}`,
  });

const address = fc
  .tuple(
    fc.constantFrom('https://', 'http://', 'mailto:', 'javascript:', 'data:', 'file:///', '../', '#', ''),
    word,
  )
  .map(([lead, one]): Written => ({ markdown: `${lead}${one}`, words: [one] }));

const joined = (parts: readonly Written[], between: string): Written => ({
  markdown: parts.map(({ markdown }) => markdown).join(between),
  words: parts.flatMap(({ words }) => words),
});

const link = fc
  .tuple(phrase, address, fc.option(phrase, { nil: undefined }))
  .map(([label, href, title]): Written => {
    const said = title === undefined ? '' : ` "${title.markdown}"`;
    return joined(
      [around('[', ']')(label), around('(', `${said})`)(href), { markdown: '', words: title?.words ?? [] }],
      '',
    );
  });

const inline: fc.Arbitrary<Written> = fc
  .array(
    fc.oneof(
      phrase,
      phrase.map(around('**', '**')),
      phrase.map(around('*', '*')),
      phrase.map(around('~~', '~~')),
      phrase.map(around('`', '`')),
      phrase.map(around('<b>', '</b>')),
      phrase.map(around('<', '>')).filter(({ words }) => words.length === 1),
      phrase.map(around('<br>', '')),
      link,
      link.map(around('!', '')),
      fc.constantFrom<Written>(
        { markdown: '<!channel> :smile: & < > `` * _ ~', words: [] },
        { markdown: '{{ labels.pod }}', words: ['podvalue'] },
        { markdown: '`x {{ labels.pod }}`', words: ['podvalue'] },
        { markdown: 'https://wexample.test/{{ labels.pod }}?a=1&b=2', words: ['wexample', 'podvalue'] },
      ),
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => joined(parts, ' '));

const lines = fc.array(phrase, { minLength: 1, maxLength: 40 });
const indented = (text: string, by: string) => text.replaceAll('\n', `\n${by}`);

const { block } = fc.letrec<{ block: Written; blocks: Written }>((tie) => ({
  blocks: fc
    .array(tie('block'), { minLength: 1, maxLength: 4, depthIdentifier: 'blocks' })
    .map((all) => joined(all, '\n\n')),
  block: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'blocks' },
    inline,
    inline.map(around('## ', '')),
    inline.map(around('#### ', '')),
    lines.map((all) => around('```bash\n', '\n```')(joined(all, '\n  '))),
    lines.map((all) => around('~~~\n', '\n~~~')(joined(all, '\n'))),
    fc.constant<Written>({ markdown: '---', words: [] }),
    phrase.map(around('<p align="center">\n', '\n</p>')),
    fc
      .tuple(fc.integer({ min: 1, max: 4 }), fc.array(phrase, { minLength: 4, maxLength: 16 }))
      .map(([columns, cells]) => table(columns, cells)),
    fc
      .tuple(
        fc.constantFrom('- ', '* ', '1. ', '- [ ] ', '- [x] '),
        fc.array(tie('blocks'), { minLength: 1, maxLength: 4 }),
      )
      .map(([mark, items]) => {
        const by = mark.startsWith('1') ? '   ' : '  ';
        return joined(
          items.map((item) => ({ ...item, markdown: `${mark}${indented(item.markdown, by)}` })),
          '\n',
        );
      }),
    tie('blocks').map((inner) => ({ ...inner, markdown: `> ${indented(inner.markdown, '> ')}` })),
    fc
      .tuple(phrase, tie('blocks'))
      .map(([summary, inner]) =>
        joined(
          [around('<details><summary>', '</summary>')(summary), inner, { markdown: '</details>', words: [] }],
          '\n\n',
        ),
      ),
  ),
}));

function table(columns: number, cells: readonly Written[]): Written {
  const rows: Written[] = [];
  for (let at = 0; at < cells.length; at += columns) {
    const row = cells.slice(at, at + columns);
    const filled = [
      ...row,
      ...Array.from({ length: columns - row.length }, () => ({ markdown: '', words: [] })),
    ];
    rows.push(around('| ', ' |')(joined(filled, ' | ')));
  }
  const [head, ...others] = rows;
  const rule: Written = { markdown: `|${' --- |'.repeat(columns)}`, words: [] };
  return joined([...(head === undefined ? [] : [head]), rule, ...others], '\n');
}

/** Markdown of every kind, in each other. */
export const anyMarkdown: fc.Arbitrary<Written> = fc
  .array(block, { minLength: 1, maxLength: 6 })
  .map((all) => joined(all, '\n\n'));
