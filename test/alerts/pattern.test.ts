import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../../src/alerts/pattern.ts';

function matches(pattern: string, value: string): boolean {
  const compiled = compile(pattern);
  if (!compiled.ok) throw new Error(`${pattern}: ${compiled.because}`);
  return compiled.test(value);
}

describe('a regular expression', () => {
  test.each([
    ['', [''], ['a']],
    ['web|api', ['web', 'api'], ['webapi', 'we', 'xapi', '']],
    ['web-.*', ['web-', 'web-1', 'web-ü🙂'], ['web', 'web-\n']],
    ['(?s)a.b', ['a\nb'], ['ab']],
    ['web-(?:[0-9]+|x{2,3}y?)', ['web-12', 'web-xx', 'web-xxxy'], ['web-', 'web-x', 'web-xxxx']],
    ['a{2}b{1,}c{0,1}', ['aab', 'aabbbc'], ['ab', 'aac', 'aabcc']],
    ['a??b*?c+?', ['c', 'abbcc'], ['ab']],
    ['(?i)Web', ['web', 'WEB'], ['wep']],
    ['(?i:w)eb', ['Web', 'web'], ['WEB']],
    ['a(?i)b|c', ['aB', 'C'], ['AB']],
    ['(?i)[a-cß]', ['B', 'ß'], ['d']],
    ['(?i-i)a', ['a'], ['A']],
    ['(?P<name>a)(?<other>b)', ['ab'], ['a']],
    ['^web$', ['web'], ['web\n']],
    ['\\Aweb\\z', ['web'], ['webb']],
    ['(?m)a$\\n^b', ['a\nb'], ['ab']],
    ['a$\\n^b', [], ['a\nb']],
    ['\\bweb\\b.*', ['web', 'web-1'], ['web1']],
    ['a\\Bb', ['ab'], ['a b']],
    ['\\d\\D\\s\\S\\w\\W', ['1a b_-'], ['١a b_-', 'aa b_-']],
    ['[\\d_-]+', ['1_-'], ['a']],
    ['[]a]+', [']a'], ['[']],
    ['[^]a]', ['b', '\n'], [']', 'a']],
    ['[a-]', ['a', '-'], ['b']],
    ['[[:alpha:][:^ascii:]]+', ['aü'], ['1']],
    ['[[:upper:]]', ['A'], ['a']],
    ['\\pL\\p{Lu}\\p{Greek}\\PL\\p{^L}', ['aBα11'], ['1Bα11', 'abα11', 'aBb11']],
    ['\\x41\\x{1F642}\\101\\07', ['A🙂A\u0007'], ['AA']],
    ['\\t\\n\\r\\f\\v\\a', ['\t\n\r\f\v\u0007'], ['tnrfva']],
    ['\\.\\-\\/\\"\\:\\_', ['.-/":_'], ['x-/":_']],
    ['\\Qa.b*\\E+', ['a.b*', 'a.b***'], ['axb*', 'a.b']],
    ['a{,2}', ['a{,2}'], ['aa']],
    ['{a}', ['{a}'], ['a']],
    ['x{', ['x{'], ['x']],
    ['🙂+', ['🙂🙂'], ['🙂\ud83d']],
    ['(a|)(|b)', ['', 'a', 'b', 'ab'], ['ba']],
    ['(?:){1000}a', ['a'], ['']],
    ['(^a*)*b', ['aaab', 'b'], ['aa']],
  ])('%s is that of RE2', (pattern, yes, no) => {
    expect(yes.filter((value) => !matches(pattern, value))).toEqual([]);
    expect(no.filter((value) => matches(pattern, value))).toEqual([]);
  });

  test.each([
    ['(web', 'a ( has no ) after it'],
    ['web)', 'a ) has no ( before it'],
    ['[web', 'a [ has no ] after it'],
    ['[b-a]', 'a range in [ ] ends before it begins'],
    ['[a-\\d]', 'a range in [ ] ends before it begins'],
    ['[[:word2:]]', '[:word2:] names no characters'],
    ['*', 'nothing stands before * that could be repeated'],
    ['{2}', 'nothing stands before { that could be repeated'],
    ['a|+', 'nothing stands before + that could be repeated'],
    ['a**', 'one repetition stands right after another'],
    ['a{1001}', 'it cannot be repeated'],
    ['a{2,1}', 'it cannot be repeated'],
    ['(?=a)b', 'RE2 has no (?=a'],
    ['(?<!a)b', 'RE2 has no (?<!'],
    ['(a)\\1', 'RE2 has no \\1'],
    ['\\y', '\\y is not known'],
    ['\\p{Klingon}', '\\p{Klingon} names no characters'],
    ['\\x{110000}', '\\x{110000} is no character'],
    ['a\\', 'it ends with a \\'],
    ['\\Qa*', 'a \\Q has no \\E after it'],
    ['(?-)a', '(?- are no flags'],
    ['(a{1000}){1000}', 'it is too large'],
    ['('.repeat(1_000), 'its groups stand too deep in each other'],
  ])('cannot be %s', (pattern, because) => {
    expect(compile(pattern)).toEqual({ ok: false, because: expect.stringContaining(because) });
  });

  test.each(['(a+)+b', '(a|a)*b', '(.*a){20}b', 'a*a*a*a*a*a*a*a*a*a*b', '(((a?){30}){30})?b', '(x+x+)+y'])(
    '%s does not explode',
    (pattern) => {
      expect(matches(pattern, 'a'.repeat(2_000))).toBe(false);
      expect(matches(pattern, 'x'.repeat(2_000))).toBe(false);
    },
  );

  test('of nothing, very often, is read at once', () => {
    expect(matches('(((()){1000}){1000}){1000}', '')).toBe(true);
  });

  // Without what JavaScript means otherwise: its \s knows more spaces, and a repeated edge is an error there. Short, since in
  // JavaScript they do explode.
  const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '\\w', '\\n', '\\.', '-', '🙂');
  const edge = fc.constantFrom('^', '$', '\\b', '\\B');
  const { pattern } = fc.letrec<{ pattern: string; item: string }>((tie) => ({
    item: fc.oneof(
      { maxDepth: 2, depthSize: 'small', withCrossShrink: true },
      atom,
      edge,
      fc
        .tuple(atom, fc.constantFrom('*', '+', '?', '{2}', '{1,}', '{0,2}', '*?', '+?'))
        .map(([a, b]) => a + b),
      fc
        .tuple(tie('pattern'), fc.constantFrom('', '*', '+', '?', '{2}', '{0,3}'))
        .map(([inner, repeat]) => `(?:${inner})${repeat}`),
    ),
    pattern: fc
      .array(fc.array(tie('item'), { maxLength: 4 }), { minLength: 1, maxLength: 3 })
      .map((choices) => choices.map((items) => items.join('')).join('|')),
  }));
  const value = fc.string({ unit: fc.constantFrom('a', 'b', '1', '-', '\n', '.', '🙂'), maxLength: 5 });

  test('matches what JavaScript matches, where both know the syntax', () => {
    fc.assert(
      fc.property(pattern, fc.array(value, { minLength: 5, maxLength: 5 }), (text, values) => {
        const javascript = new RegExp(`^(?:${text})$`, 'u');

        expect(values.map((one) => matches(text, one))).toEqual(values.map((one) => javascript.test(one)));
      }),
      { numRuns: 1_500 },
    );
  });

  test('is read or refused whatever is typed, and never throws', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'ab()[]{}*+?|\\^$.-:,12PpQEx<i='), maxLength: 20 }),
        value,
        (text, one) => {
          const compiled = compile(text);
          expect(compiled.ok ? typeof compiled.test(one) : compiled.because).not.toBe('');
        },
      ),
      { numRuns: 5_000 },
    );
  });
});
