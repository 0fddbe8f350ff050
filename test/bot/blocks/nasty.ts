import fc from 'fast-check';

const samples = [
  '<!channel> <!here> <@U012AB3CD> <#C012|x> <https://evil.example|Approve>',
  '```\n*Approved* by ~carol~ _now_ `x` :white_check_mark:',
  '\u202Egnirts\u202C \u200B\u2066 \u0000\u0007 \u2028 \r\n\t',
  '&amp; &lt;b&gt; & < >',
  '😀👩‍👩‍👧🏳️‍🌈',
  'z\u0300\u0301\u0302\u0303\u0304\u0305\u0306',
  '\ud800 lone \udfff',
  '> quoted\n> twice',
  '@channel @here @everyone http://evil.example',
  '',
  '   ',
];

/** Text as the worst outside world could send it, now and then very long. */
export const nasty: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...samples),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc
    .tuple(fc.constantFrom(...samples, 'x', '&', '<', '\n', '`'), fc.integer({ min: 1, max: 4_000 }))
    .map(([text, times]) => text.repeat(times).slice(0, 8_000)),
);
