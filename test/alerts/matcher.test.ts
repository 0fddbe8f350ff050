import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Matcher } from '../../src/alerts/group.ts';
import { formatMatcher, matches, parseMatcher, parseMatchers } from '../../src/alerts/matcher.ts';

const matcher = (name: string, operator: string, value: string): Matcher => ({
  name,
  value,
  isRegex: operator.endsWith('~'),
  isEqual: !operator.startsWith('!'),
});

describe('a matcher', () => {
  test.each([
    ['severity="critical"', matcher('severity', '=', 'critical')],
    ['severity=critical', matcher('severity', '=', 'critical')],
    [' severity = "critical" ', matcher('severity', '=', 'critical')],
    ['team!="db"', matcher('team', '!=', 'db')],
    ['service=~"web|api"', matcher('service', '=~', 'web|api')],
    ['service=~web|api', matcher('service', '=~', 'web|api')],
    ['service!~"^(?:web|api)$"', matcher('service', '!~', '^(?:web|api)$')],
    ['missing=""', matcher('missing', '=', '')],
    ['"größe.in px"="1,5 {m}"', matcher('größe.in px', '=', '1,5 {m}')],
    ['größe=🙂', matcher('größe', '=', '🙂')],
    [String.raw`path="C:\new \"x\" \\ \d\n"`, matcher('path', '=', 'C:\new "x" \\ \\d\n')],
    [String.raw`instance=~"web\.\d+"`, matcher('instance', '=~', String.raw`web\.\d+`)],
    ['__proto__="x"', matcher('__proto__', '=', 'x')],
  ])('is read from %s', (text, expected) => {
    expect(parseMatcher(text)).toEqual({ ok: true, matcher: expected });
  });

  test.each([
    ['', 'is empty'],
    ['severity', 'is no matcher'],
    ['severity=', 'has no value; write severity=""'],
    ['="critical"', 'is no matcher'],
    ['""="critical"', 'a label has no name'],
    ['severity=="critical"', 'is no matcher'],
    ['severity="critical', 'is no matcher'],
    ['severity=very critical', 'is no matcher'],
    ["severity='critical'", 'is no matcher'],
    ['a="b" c="d"', 'is no matcher'],
    ['a="b",c="d"', 'is not one matcher'],
    ['{}', 'is not one matcher'],
    ['service=~"(web"', 'the regular expression «(web» cannot be used'],
    [`a="${'x'.repeat(5_000)}"`, 'is longer than 4096 characters'],
  ])('is not %s', (text, because) => {
    const read = parseMatcher(text);

    expect(read).toEqual({ ok: false, because: expect.stringContaining(because) });
  });

  test.each([
    ['{a="b",c=~"d"}', ['a="b"', 'c=~"d"']],
    [' { a="b" , c!=d, } ', ['a="b"', 'c!="d"']],
    ['a="b",c="{d}"', ['a="b"', 'c="{d}"']],
    ['{}', []],
  ])('may stand with others in %s', (text, expected) => {
    const read = parseMatchers(text);

    expect(read.ok && read.matchers.map(formatMatcher)).toEqual(expected);
  });

  test('is read again as it is shown, whatever stands in it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.constantFrom('=', '!='),
        (name, value, operator) => {
          const made = matcher(name, operator, value);
          expect(parseMatcher(formatMatcher(made))).toEqual({ ok: true, matcher: made });
        },
      ),
    );
  });

  test('is read or refused whatever is typed, and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab"\\{}=~!,( *+[n'), maxLength: 30 }), (text) => {
        const read = parseMatchers(text);
        expect(read.ok ? read.matchers.every(({ name }) => name !== '') : read.because !== '').toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('labels', () => {
  const labels = { team: 'db', service: 'web-1', note: 'a\nb' };

  test.each([
    ['team="db"', true],
    ['team="DB"', false],
    ['team!="db"', false],
    ['team!="web"', true],
    ['service=~"web-.*"', true],
    ['service=~"web"', false],
    ['service=~"eb-1|web"', false],
    ['service!~"web"', true],
    ['absent=""', true],
    ['absent!=""', false],
    ['absent=~".*"', true],
    ['absent=~".+"', false],
    ['absent!~"x"', true],
    ['constructor=""', true],
    ['__proto__=""', true],
    ['{team="db",service="web-1"}', true],
    ['{team="db",service="web-2"}', false],
    ['{}', true],
  ])('are held against %s: %s', (text, expected) => {
    const read = parseMatchers(text);

    expect(read.ok && matches(read.matchers, labels)).toBe(expected);
  });
});
