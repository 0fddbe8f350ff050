import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRunbook } from '../../src/runbooks/parse.ts';
import type { Part, Runbook } from '../../src/runbooks/runbook.ts';

const front = '---\ntitle: Redis is full\n---\n';

function runbookOf(text: string): Runbook {
  const parsed = parseRunbook('redis-memory', text);
  if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
  return parsed.runbook;
}

function faultsOf(text: string, name = 'redis-memory') {
  const parsed = parseRunbook(name, text);
  return 'faults' in parsed ? parsed.faults : [];
}

function partsOf(body: string): readonly Part[] {
  return runbookOf(front + body).sections.flatMap(({ parts }) => parts);
}

/** Every line of a runbook's text as its sections hold it. */
function rebuilt({ sections }: Runbook): string {
  return sections.flatMap(({ heading, parts }) => [heading, ...parts.flatMap(textsOf)]).join('\n');
}

function textsOf(part: Part): readonly string[] {
  if (part.kind === 'task') return [part.markdown, part.more];
  return [part.kind === 'step' ? part.yaml : part.markdown];
}

describe('the front matter of a runbook', () => {
  test('says what it is for', () => {
    const text = [
      '---',
      'title: Redis is full',
      'alerts: [RedisMemoryHigh, RedisDown]',
      'severity: high',
      'owner: platform',
      'reviewed: 2024-02-29',
      'tags: [redis, memory]',
      '---',
      'Words.',
    ].join('\n');

    expect(runbookOf(text)).toEqual({
      name: 'redis-memory',
      title: 'Redis is full',
      alerts: ['RedisMemoryHigh', 'RedisDown'],
      severity: 'high',
      owner: 'platform',
      reviewed: '2024-02-29',
      tags: ['redis', 'memory'],
      hash: createHash('sha256').update(text).digest('hex'),
      sections: [{ heading: '', level: 0, parts: [{ kind: 'text', markdown: 'Words.' }] }],
    });
  });

  test('needs a title and nothing else', () => {
    const runbook = runbookOf(front);

    expect(runbook).toMatchObject({ title: 'Redis is full', alerts: [], tags: [], sections: [] });
    expect(Object.keys(runbook)).not.toContain('severity');
  });

  test.each([
    ['no front matter', '# Redis', 1, 'begins without front matter'],
    ['nothing at all', '', 1, 'begins without front matter'],
    ['no end of it', '---\ntitle: a\n\nWords', 1, 'its front matter does not end'],
    ['nothing in it', '---\n---\n', 1, 'its front matter: found nothing, expected a mapping'],
    ['no title', '---\n\ntags: []\n---\n', 3, 'title: is missing; expected text'],
    ['a blank title', '---\ntitle: "  "\n---\n', 2, 'expected one line of visible text'],
    ['a title of two lines', '---\ntitle: "a\\nb"\n---\n', 2, 'expected one line of visible text'],
    ['a title that is hidden', '---\ntitle: "a\\u202eb"\n---\n', 2, 'expected one line of visible text'],
    ['a mistyped key', '---\ntitle: a\nalert: [B]\n---\n', 3, 'unknown key "alert"; did you mean "alerts"?'],
    ['a mistyped severity', '---\ntitle: a\nseverity: hihg\n---\n', 3, 'did you mean "high"?'],
    ['one alert that is no list', '---\ntitle: a\nalerts: B\n---\n', 3, 'alerts: found "B", expected a list'],
    ['a day that is none', '---\ntitle: a\nreviewed: 2025-02-29\n---\n', 3, 'expected a day of the calendar'],
    [
      'a day in other words',
      '---\ntitle: a\nreviewed: 22.11.2026\n---\n',
      3,
      'expected a day of the calendar',
    ],
    [
      'an owner that is no group',
      '---\ntitle: a\nowner: The Team\n---\n',
      3,
      'expected a group of slipway.yaml',
    ],
    ['a key twice', '---\ntitle: a\ntitle: b\n---\n', 3, 'the same key stands here twice'],
    ['a tab', '---\ntitle: a\ntags:\n\t- b\n---\n', 4, 'a tab stands in the indentation'],
    ['the key of a prototype', '---\ntitle: a\n__proto__: {x: 1}\n---\n', 3, 'unknown key "__proto__"'],
    ['a second document', '---\ntitle: a\n--- b\n---\n', 3, 'a second document begins here'],
  ])('is refused with its line when there is %s', (_what, text, line, message) => {
    const [fault, ...others] = faultsOf(text);

    expect(fault).toEqual({ line, message: expect.stringContaining(message) });
    expect(others).toEqual([]);
  });

  test.each([
    ['levels of brackets', `a: ${'{a: '.repeat(2_000)}`, 'more than 30 levels deep'],
    ['levels of lists', `${'- '.repeat(3_000)}x`, 'more than 30 levels deep'],
    ['levels of keys', `${'? '.repeat(3_000)}x`, 'more than 30 levels deep'],
    ['levels of lines', Array.from({ length: 90 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), 'levels deep'],
    ['a bomb of aliases', 'a: &a [x]\nb: &b [*a,*a]\nc: &c [*b,*b]\ntitle: d', 'repeated through an alias'],
    ['an alias to itself', 'title: &a [*a]', 'repeated through an alias'],
    ['many aliases', `a: &a x\nb: [${'*a, '.repeat(200)}]`, 'more than 50 aliases'],
    ['an endless title', `title: ${'x'.repeat(9_000)}`, 'longer than 8192 characters'],
  ])('is refused when it holds %s', (_what, yaml, message) => {
    const faults = faultsOf(`---\n${yaml}\n---\nWords.`);

    expect(faults).toEqual([{ line: 2, message: expect.stringContaining(message) }]);
  });

  test('is told of with sentences of a bounded length', () => {
    const faults = faultsOf(`---\n${Array.from({ length: 500 }, (_, i) => `k${i}: 1`).join('\n')}\n---\n`);

    expect(faults).toHaveLength(50);
    expect(faultsOf(`---\n${'!'.repeat(8_000)}\n---\n`).every(({ message }) => message.length <= 300)).toBe(
      true,
    );
  });
});

test.each([
  '',
  'Redis',
  'redis_memory',
  '-redis',
  'a/b',
  '..',
  'a'.repeat(81),
  'redis\n',
  'rédis',
  '__proto__',
])('a runbook cannot be named %j', (name) => {
  expect(faultsOf(front, name)).toEqual([{ message: expect.stringContaining('its name is none') }]);
});

describe('the sections of a runbook', () => {
  test('are what stands under each heading', () => {
    const body =
      'Before.\n\n## Meaning\n\nWords.\nMore.\n\nSetext\n======\n### `redis` ##\n\n    code\n\n## Impact\n';

    expect(runbookOf(front + body).sections).toEqual([
      { heading: '', level: 0, parts: [{ kind: 'text', markdown: 'Before.' }] },
      { heading: 'Meaning', level: 2, parts: [{ kind: 'text', markdown: 'Words.\nMore.' }] },
      { heading: 'Setext', level: 1, parts: [] },
      { heading: '`redis`', level: 3, parts: [{ kind: 'text', markdown: '    code' }] },
      { heading: 'Impact', level: 2, parts: [] },
    ]);
  });

  test('do not begin at what only looks like a heading', () => {
    const body = '```sh\n# no heading\n```\n> # quoted\n\n- # in a list\n\n<!--\n# hidden\n-->';

    expect(runbookOf(front + body).sections).toEqual([
      { heading: '', level: 0, parts: [{ kind: 'text', markdown: body }] },
    ]);
  });
});

describe('the task items of a runbook', () => {
  const task = (id: string, markdown: string, more = ''): Part => ({ kind: 'task', id, markdown, more });
  const text = (markdown: string) => ({ kind: 'text' as const, markdown });

  test.each<[string, string, readonly Part[]]>([
    [
      'with any marker',
      '- [ ] a\n\n* [x] b\n\n+ [X] c\n\n1. [ ] d\n2) [ ] e',
      ['a', 'b', 'c', 'd', 'e'].map((word, i) => task(`t${i + 1}`, word)),
    ],
    ['of two lines', '- [ ] a *b*\n  c\nlazy', [task('t1', 'a *b*\nc\nlazy')]],
    [
      'with code under them',
      '1. [ ] a\n\n   ```sh\n   redis-cli info\n     more\n   ```\n2. [ ] b',
      [task('t1', 'a', '```sh\nredis-cli info\n  more\n```'), task('t2', 'b')],
    ],
    [
      'with tabs in their code',
      '- [ ] a\n\n  ```\n  \tcat <<-E\n  ```',
      [task('t1', 'a', '```\n\tcat <<-E\n```')],
    ],
    ['indented with tabs', '-\t[ ] a\n\n\tb\n\n\t\tcode', [task('t1', 'a', 'b\n\n    code')]],
    ['with lists under them', '- [ ] a\n  - b\n    - c', [task('t1', 'a', '- b\n  - c')]],
    [
      'in each other',
      '- [ ] a\n\n  b\n  - [ ] c\n    d\n\n  e\n- [ ] f',
      [task('t1', 'a', 'b'), task('t2', 'c\nd'), { ...text('e'), task: 't1' }, task('t3', 'f')],
    ],
    [
      'between others',
      'Do:\n\n1. a\n2. [ ] b\n3. c\n4. d\n5. [ ] e',
      [text('Do:\n\n1. a'), task('t1', 'b'), text('3. c\n4. d'), task('t2', 'e')],
    ],
    [
      'under others',
      '- a\n  - b\n    - [ ] c\n\n    d\n- e',
      [text('- a'), text('- b'), task('t1', 'c'), text('d'), text('- e')],
    ],
    [
      'under code',
      '-     code\n\n  - [ ] a\n\n        more code',
      [text('-     code'), task('t1', 'a', '    more code')],
    ],
    ['with headings under them', '- [ ] a\n\n  # b\n\n  c', [task('t1', 'a', '# b\n\nc')]],
    ['first in another', '- - [ ] a\n- b', [task('t1', 'a'), text('- b')]],
    [
      'within details',
      '<details>\n<summary>More</summary>\n\n- [ ] a\n\n</details>',
      [text('<details>\n<summary>More</summary>'), task('t1', 'a'), text('</details>')],
    ],
  ])('%s can be ticked', (_what, body, parts) => {
    expect(partsOf(body)).toEqual(parts);
  });

  test.each([
    ['a box alone', '- [ ]'],
    ['a box without a space', '- [ ]a'],
    ['another mark', '- [-] a'],
    ['code', '- `[ ] a`'],
    ['the line below a marker', '-\n  [ ] a'],
    ['a link', '- [x](https://a.example)'],
    ['a definition', '- [x]: https://a.example'],
    ['a quotation', '> - [ ] a'],
    ['a paragraph', '[ ] a'],
    ['a block of code', '```\n- [ ] a\n```'],
  ])('are not seen in %s', (_what, body) => {
    expect(partsOf(body)).toEqual([{ kind: 'text', markdown: body }]);
  });

  test('are at most 500', () => {
    expect(partsOf('- [ ] a\n'.repeat(500))).toHaveLength(500);
    expect(faultsOf(front + '- [ ] a\n'.repeat(501))).toEqual([
      { message: 'it has 501 task items; at most 500 can be ticked' },
    ]);
  });
});

describe('the steps of a runbook', () => {
  test('are the fenced blocks that are marked as steps', () => {
    const body = [
      'Look:',
      '```yaml step',
      'title: How many connections',
      'uses: postgres/query',
      'with: { url: db, sql: select 1 }',
      '```',
      '- [ ] Then',
      '',
      '  ~~~ step',
      '  uses: redis/memory',
      '  ~~~',
      '',
      '  after',
      '```yaml',
      'uses: a/b',
      '```',
    ].join('\n');

    expect(partsOf(body)).toEqual([
      { kind: 'text', markdown: 'Look:' },
      {
        kind: 'step',
        id: 's1',
        title: 'How many connections',
        uses: 'postgres/query',
        with: { url: 'db', sql: 'select 1' },
        yaml: 'title: How many connections\nuses: postgres/query\nwith: { url: db, sql: select 1 }\n',
      },
      { kind: 'task', id: 't1', markdown: 'Then', more: '' },
      { kind: 'step', id: 's2', task: 't1', uses: 'redis/memory', with: {}, yaml: 'uses: redis/memory\n' },
      { kind: 'text', task: 't1', markdown: 'after' },
      { kind: 'text', markdown: '```yaml\nuses: a/b\n```' },
    ]);
  });

  test.each([
    ['is no mapping', 'Words.\n```step\n- a\n```', 6, 'this step: found a list, expected a mapping'],
    ['is empty', '```step\n```', 4, 'this step: found nothing, expected a mapping'],
    ['names no step', '```step\nwith: {}\n```', 5, 'this step, uses: is missing'],
    ['names a step wrongly', '```step\nuses: postgres\n```', 5, 'the name of a step such as postgres/query'],
    ['has a mistyped key', '```step\nuses: a/b\nwiht: {}\n```', 6, 'did you mean "with"?'],
    ['is no YAML', '```step\nuses: a/b\nwith: {\n```', 7, 'is not valid YAML'],
    ['is not closed', 'Words.\n\n```yaml step\nuses: a/b\n', 6, 'this step is not closed'],
    [
      'says more beside its fence',
      '```yaml step now\nuses: a/b\n```',
      4,
      'nothing more may stand beside the fence',
    ],
    ['hides something', '```step\nuses: a/b\nwith: {c: "\\0"}\n```', 6, 'without control marks'],
    ['counts to infinity', '```step\nuses: a/b\nwith: {c: .inf}\n```', 6, 'without control marks'],
    ['repeats itself', '```step\nuses: a/b\nwith: &a {c: *a}\n```', 5, 'repeated through an alias'],
    ['stands in a list', '- a\n\n  ```step\n  uses: b\n  ```', 7, 'the name of a step'],
  ])('are refused with their line when one %s', (_what, body, line, message) => {
    expect(faultsOf(front + body)).toEqual([{ line, message: expect.stringContaining(message) }]);
  });

  test('are at most 50', () => {
    const step = '```step\nuses: a/b\n```\n';

    expect(partsOf(step.repeat(50))).toHaveLength(50);
    expect(faultsOf(front + step.repeat(60))).toEqual([
      { line: 154, message: 'at most 50 steps and 65536 characters of them may stand in a runbook' },
    ]);
  });

  test('keep a key that is called like a prototype away from it', () => {
    const parsed = parseRunbook('a', `${front}\`\`\`step\nuses: a/b\nwith: {__proto__: {x: 1}}\n\`\`\``);

    expect('x' in {}).toBe(false);
    expect(parsed).not.toHaveProperty('runbook.sections.0.parts.0.with.x');
  });
});

describe('a link that is defined elsewhere in the file', () => {
  const definition =
    '## Links\n\n[the Board]: https://b.example/"x" "A \\"b\\""\n[2]: <https://c.example/a b>';
  const below = (body: string) => partsOf(`${body}\n\n${definition}`);

  test('is defined in each part that it stands in', () => {
    expect(below('See [the  board] and [2].\n\n- [ ] Do\n\n  [this][2]')).toMatchObject([
      {
        markdown:
          'See [the  board] and [2].\n\n[THE BOARD]: <https://b.example/%22x%22> "A \\"b\\""\n[2]: <https://c.example/a%20b>',
      },
      { markdown: 'Do', more: '[this][2]\n\n[2]: <https://c.example/a%20b>' },
      { markdown: expect.stringContaining('[the Board]:') },
    ]);
  });

  test('is written out in the line of a task', () => {
    expect(below('- [ ] See [this][2] and [that][3]\n- [ ] `[a][2]`')).toMatchObject([
      { markdown: 'See [this](<https://c.example/a%20b>) and [that][3]' },
      { markdown: '`[a][2]`' },
      {},
    ]);
  });

  test('is left where its definition would become a part of something else', () => {
    const open = '- [ ] a\n\n  [b][2]\n\n  <!-- not closed';

    expect(below(open)).toMatchObject([{ more: '[b][2]\n\n<!-- not closed' }, {}]);
  });

  test('does not make a runbook grow without bounds', () => {
    const body = `[a]: https://a.example/${'x'.repeat(900)}\n\n${'## b\n\n[a]\n\n'.repeat(15_000)}`;
    const texts = partsOf(body).map((part) => (part.kind === 'text' ? part.markdown.length : 0));

    expect(texts.reduce((sum, length) => sum + length)).toBeLessThan(2 * body.length);
    expect(partsOf(`[a]: https://a.example/${'x'.repeat(2_000)}\n\n## b\n\n[a]`).at(-1)).toEqual({
      kind: 'text',
      markdown: '[a]',
    });
  });
});

describe('a hostile runbook', () => {
  const size = 200_000;
  const hostile: readonly (readonly [string, string])[] = [
    ['10,000 quotations in each other', `${'>'.repeat(10_000)} a`],
    ['10,000 lists in each other', `${'- '.repeat(10_000)}a`],
    [
      'lists that go ever deeper',
      Array.from({ length: 600 }, (_, i) => `${' '.repeat(i)}- [ ] a`).join('\n'),
    ],
    ['many lines of deep quotations', `${'> '.repeat(90)}a\n`.repeat(1_000)],
    ['lists in quotations', '> - > - > - a\n'.repeat(10_000)],
    ['a huge table', `${'|a'.repeat(100)}|\n${'|-'.repeat(100)}|\n${`${'|b'.repeat(100)}|\n`.repeat(900)}`],
    ['a wide table', `${'|a'.repeat(40_000)}\n${'|-'.repeat(40_000)}\n`],
    ['one long line', 'a'.repeat(size)],
    ['brackets', '['.repeat(size)],
    ['definitions', '[a]: b\n'.repeat(size / 7)],
    ['broken definitions', '[a\n'.repeat(size / 3)],
    ['references', `[a]: b\n\n${'[a]\n\n# c\n\n'.repeat(size / 12)}`],
    ['stars', '*a '.repeat(size / 3)],
    ['backticks', '`'.repeat(size)],
    ['fences that are not closed', '```\n~~~~\n'.repeat(size / 10)],
    ['comments that are not closed', '<!-- \n'.repeat(size / 6)],
    ['tags that are not closed', '<a\n'.repeat(size / 3)],
    ['blank lines', '\n'.repeat(size)],
    ['spaces', ' '.repeat(size)],
    ['tabs', '\t- '.repeat(size / 3)],
    ['items with nothing in them', '-\n'.repeat(size / 2)],
    ['numbers', '1. a\n\n\n'.repeat(size / 7)],
    ['underlines', 'a\n'.repeat(size / 4) + '=\n'.repeat(size / 4)],
  ];

  test.each(hostile)('with %s loses nothing and ends', (_what, body) => {
    const runbook = runbookOf(front + body);

    const letters = (text: string) => text.replace(/[^a-z|[\]`~<]/g, '').length;
    expect(letters(rebuilt(runbook))).toBeGreaterThanOrEqual(letters(body.replaceAll('[ ]', '')));
  });

  test('of more than 256 KB is refused, however few characters they are', () => {
    expect(faultsOf(`${front}${'a'.repeat(1_048_576)}`)).toEqual([{ message: 'it is larger than 256 KB' }]);
    expect(faultsOf(`${front}${'\u4e16'.repeat(90_000)}`)).toEqual([{ message: 'it is larger than 256 KB' }]);
  });

  test('keeps no control mark and no mark that turns the reading order', () => {
    const text = '\ufeff---\r\ntitle: a\r\n---\r\n# b\0\u202e\r\rc\u001b[2J\t\ud800\r\n';

    expect(runbookOf(text).sections).toEqual([
      { heading: 'b\ufffd\ufffd', level: 1, parts: [{ kind: 'text', markdown: 'c\ufffd[2J\t\ufffd' }] },
    ]);
  });
});

describe('whatever a runbook holds', () => {
  const indent = fc.nat({ max: 7 }).map((count) => ' '.repeat(count));
  const start = fc.constantFrom(
    ...['', '', '- ', '- [ ] ', '* [x] ', '1. ', '2. [ ] ', '10) ', '-    ', '-\t', '\t', '- - [ ] '],
    ...['> ', '> - [ ] ', '# ', '### ', '```', '~~~', '    ', '| ', '<details>', '<!-- ', '-->', '[ ] '],
  );
  const line = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(indent, start).map(([spaces, mark]) => [`${spaces}${mark}`]) },
    { weight: 2, arbitrary: fc.constant(undefined) },
    {
      weight: 1,
      arbitrary: indent.map((spaces) => [`${spaces}\`\`\`step`, `${spaces}uses: a/b # `, `${spaces}\`\`\``]),
    },
    { weight: 1, arbitrary: fc.constantFrom(['==='], ['---'], ['```'], ['~~~'], ['</details>'], ['***']) },
  );

  test('every word of it stands in its sections once, in its order', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), (drawn) => {
        let words = 0;
        const isBare = (text: string) => /^ *(?:===|---|\*\*\*|```(?:step)?|~~~|<\/details>)$/.test(text);
        const lines = drawn.flatMap((some) => some ?? ['']);
        const body = lines
          .map((text) => (text === '' || isBare(text) ? text : `${text}w${++words}w`))
          .join('\n');
        const parsed = parseRunbook('a', front + body);
        fc.pre(!('faults' in parsed));

        const found = [...rebuilt(parsed.runbook).matchAll(/w(\d+)w/g)].map(([, number]) => Number(number));

        expect(found).toEqual(Array.from({ length: words }, (_, index) => index + 1));
      }),
      { numRuns: 1_000 },
    );
  });

  test('it is a runbook or told of, and ids are never used twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.boolean(), (text, isBody) => {
        const parsed = parseRunbook('a', isBody ? front + text : `---\n${text}\n---\n`);

        const parts = 'faults' in parsed ? [] : parsed.runbook.sections.flatMap((section) => section.parts);
        const ids = parts.flatMap((part) => (part.kind === 'text' ? [] : [part.id]));
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: 500 },
    );
  });
});
