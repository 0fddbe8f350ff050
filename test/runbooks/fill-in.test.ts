import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filledCode, filledText, filledValue, labelsIn, missingLabels } from '../../src/runbooks/fill-in.ts';
import { parseRunbook } from '../../src/runbooks/parse.ts';

describe('text', () => {
  test.each([
    ['{{ labels.instance }} is down', 'db1:9100 is down'],
    ['{{labels.instance}}', 'db1:9100'],
    ['{{ $labels.instance }}', 'db1:9100'],
    ['{{\t$labels.instance\t}}', 'db1:9100'],
    ['{{ labels.team }} and {{ labels.team }}', '<team> and <team>'],
    ['{{ labels.toString }} {{ labels.__proto__ }}', '<toString> <__proto__>'],
    ['{{ label.instance }} {{ labels.a-b }} {{ .Labels.instance }} {labels.instance}', undefined],
    ['{{{ labels.instance }}}', '{db1:9100}'],
    ['{{ labels.two }}', 'a b'],
    ['{{ labels.turned }}', 'ab'],
    ['{{ labels.again }}', '{{ labels.instance }}'],
  ])('%s is filled in with the labels of an alert', (text, filled) => {
    const labels = {
      instance: 'db1:9100',
      two: 'a\r\n\n b',
      turned: 'a\u202e\u200bb\u0000',
      again: '{{ labels.instance }}',
    };

    expect(filledText(text, labels)).toBe(filled ?? text);
  });

  test('does not grow without bounds', () => {
    const text = '{{ labels.a }}'.repeat(10_000);

    expect(filledText(text, { a: 'x'.repeat(1_000_000) }).length).toBeLessThan(200_000);
  });

  test('of nothing but braces ends', () => {
    const text = `${'{{ '.repeat(30_000)}${'{'.repeat(30_000)}{{${' '.repeat(100_000)}`;

    expect(filledText(text, {})).toBe(text);
  });
});

describe('code', () => {
  const labels = { host: 'db1:9100', odd: "it's; $(touch x)", option: '-oProxyCommand=x', empty: '' };
  const dollar = '$';
  const quoted = `'it'\\''s; $(touch x)'`;

  test.each([
    ['ping {{ labels.host }}', 'ping db1:9100'],
    ['ping {{ labels.odd }}', `ping ${quoted}`],
    ['ping --name={{ labels.odd }} -c 3', `ping --name=${quoted} -c 3`],
    [`echo 'a b' "c" \\\n  {{ labels.odd }}`, `echo 'a b' "c" \\\n  ${quoted}`],
    ['echo "\\"" \\\' # {{ labels.odd }}', `echo "\\"" \\' # ${quoted}`],
    ['ping {{ labels.empty }}', "ping ''"],
    ['ping {{ labels.none }}', 'ping <none>'],
    ['ping {{ labels.option }}', 'ping <option>'],
    ['ping {{ labels.empty }}{{ labels.option }}', "ping ''<option>"],
    ['ping --to={{ labels.option }}', "ping --to='-oProxyCommand=x'"],
  ])('%s is filled in so that it may be pasted', (text, filled) => {
    expect(filledCode(text, labels)).toBe(filled);
  });

  test.each([
    ['double quotes', 'echo "{{ labels.odd }}"'],
    ['single quotes', "echo '{{ labels.odd }}'"],
    ['a text of SQL', `psql -c "select 1 where a = '{{ labels.odd }}'"`],
    ['a here-document', 'cat <<E\n{{ labels.odd }}\nE'],
    ['a command within quotes', 'echo "$(cat "{{ labels.odd }}")"'],
    ['backticks', 'echo "`cat {{ labels.odd }}`"'],
    ['quotes of bash', "echo $'it\\'s {{ labels.odd }}'"],
    ['a dollar before it', `echo ${dollar}{{ labels.odd }}`],
    ['a backslash before it', 'echo \\{{ labels.odd }}'],
    ['arithmetic', 'echo $(( {{ labels.odd }} ))'],
    ['a comparison of bash', '[[ {{ labels.odd }} -eq 1 ]]'],
    ['a parameter', `echo ${dollar}{a:-{{ labels.odd }}}`],
    ['an apostrophe in a comment', "# don't\necho {{ labels.odd }}"],
    ['quotes below an apostrophe in a comment', "# don't\necho '{{ labels.odd }}'"],
    ['quotes below a comment that is not at the beginning', "ls # don't\necho '{{ labels.odd }}'"],
    ['quotes that hold an escaped one', 'echo "\\"{{ labels.odd }}"'],
    ['another shell', 'sh -c {{ labels.odd }}'],
    ['another shell with more options', 'bash -xc {{ labels.odd }}'],
    ['another host', 'ssh app1 df {{ labels.odd }}'],
    ['an evaluation', 'true; eval {{ labels.odd }}'],
    ['a very long line', `echo ${'a '.repeat(2_000)}{{ labels.odd }}`],
  ])('takes only plain values within %s', (_where, text) => {
    const plain = filledCode(text.replaceAll('labels.odd', 'labels.host'), labels);

    expect(filledCode(text, labels)).toBe(text.replace('{{ labels.odd }}', '<odd>'));
    expect(plain).toContain('db1:9100');
  });

  test('of another language takes only plain values', () => {
    expect(filledCode('a = {{ labels.odd }} or {{ labels.host }}', labels, 'sql')).toBe(
      'a = <odd> or db1:9100',
    );
    expect(filledCode('echo {{ labels.odd }}', labels, 'Bash')).toBe(`echo ${quoted}`);
  });

  test.each([
    'a\nb',
    'a\rb',
    'a\u2028b',
    'a\u0000b',
    'a\u001b[2Jb',
    'a\u202eb',
    'a\u200bb',
    '\ud800',
    'x'.repeat(1_001),
  ])('never takes a value that cannot be seen or pasted as it is: %j', (value) => {
    expect(filledCode('echo {{ labels.a }}', { a: value })).toBe('echo <a>');
  });

  test('of a huge size ends', () => {
    const text = 'echo {{ labels.a }} '.repeat(12_000);

    expect(filledCode(text, { a: '$' }).length).toBeGreaterThan(100_000);
  });
});

describe('a filled command', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'fill-in-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What real shells print for each of some commands; each prints one word and a mark of its end. */
  const said = (shell: string, command: string) =>
    execFileSync(shell, ['-c', command], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  const value = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 30 }),
    fc.string({ unit: fc.constantFrom(...`'"\\$()\`;|&<>{}[]!#~*?= -ab\n`), maxLength: 30 }),
    fc.constantFrom(
      "'$(touch x)'",
      '"$(touch x)"',
      '`touch x`',
      '$(touch x)',
      "';touch x;'",
      '\\',
      "\\'",
      "'",
      '!!',
    ),
    fc.constantFrom(
      '> x',
      '| tee x',
      '& touch x &',
      'a[$(touch x)]',
      '\n touch x',
      '*',
      '~',
      '-n',
      '%s',
      '\\n',
    ),
  );

  test.each(['sh', 'bash'])('read by %s gives the value back, and nothing else is run', (shell) => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 40 }), (values) => {
        const labels = Object.fromEntries(values.map((one, index) => [`l${index}`, one]));
        const lines = values.map(
          (_one, index) => `printf '%s\\0' a={{ labels.l${index} }}{{ labels.l${index} }}b`,
        );
        const filled = filledCode(lines.join('\n'), labels);
        // One that is left out reads as a redirection, which a person has to see and a shell must not.
        const runnable = filled.replace(/<l\d+>/g, 'LEFT');

        const words = said(shell, runnable).split('\0').slice(0, -1);

        const isWhole = (one: string) => !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(one);
        const expected = values.map((one) => {
          if (!isWhole(one)) return 'a=LEFTLEFTb';
          return one.startsWith('-') ? `a=${one}LEFTb` : `a=${one}${one}b`;
        });
        expect(words).toEqual(expected);
        expect(readdirSync(folder)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test('runs nothing of a value wherever in a command it stands', () => {
    const around = fc.constantFrom(
      ...[
        "'",
        '"',
        '\\',
        '$',
        '`',
        '(',
        ')',
        '((',
        '))',
        '{',
        '}',
        '$(',
        '${',
        '<<E\n',
        '#',
        '\n',
        ' ',
        'a',
        '[[',
        ']]',
        '$((',
        ';',
        '=',
        'echo ',
      ],
    );
    fc.assert(
      fc.property(
        fc.array(around, { maxLength: 8 }),
        fc.array(around, { maxLength: 4 }),
        value,
        (before, after, one) => {
          const template = `: ${before.join('')}{{ labels.l }}${after.join('')}`;
          const filled = filledCode(template, { l: one }).replace('<l>', 'LEFT');
          try {
            said('bash', filled);
          } catch {
            // A command that no shell can read runs nothing.
          }
          // What the command itself does with the names around is its own.
          expect(readdirSync(folder).filter((name) => name === 'x')).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the parameters of a step', () => {
  test('are filled in wherever a text stands', () => {
    const parameters = {
      '{{ labels.a }}': 1,
      url: 'http://{{ labels.a }}/{{ labels.b }}',
      list: ['{{ $labels.a }}', { deep: '{{ labels.a }}' }, null, true, 4],
    };

    expect(filledValue(parameters, { a: "x'y" })).toEqual({
      '{{ labels.a }}': 1,
      url: "http://x'y/<b>",
      list: ["x'y", { deep: "x'y" }, null, true, 4],
    });
  });
});

test('the labels of a text are named once, sorted', () => {
  expect(labelsIn('{{ labels.b }} {{labels.a}} {{ $labels.b }} {{ b }}')).toEqual(['a', 'b']);
});

test('the labels that a runbook takes and an alert does not have are named', () => {
  const body = [
    '---\ntitle: A {{ labels.a }}\n---\n## On {{ labels.heading }}\n{{ labels.text }} {{ labels.known }}',
    '- [ ] {{ labels.task }}\n\n  `{{ $labels.more }}`',
    '```step\nuses: a/b\ntitle: "{{ labels.title }}"\nwith: {c: ["{{ labels.parameter }}"]}\n```',
  ].join('\n\n');
  const parsed = parseRunbook('a', body);
  if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));

  expect(missingLabels(parsed.runbook, { known: '' })).toEqual([
    ...['a', 'heading', 'more', 'parameter', 'task', 'text', 'title'],
  ]);
});
