import { expect, test } from 'vitest';
import { readIncidentWords } from '../../../src/bot/commands/incident-words.ts';

test.each([
  ['', { word: '', people: [], rest: '' }],
  ['  Declare  high  Payments fail ', { word: 'declare', people: [], rest: 'high Payments fail' }],
  ['update #12 a &lt;b&gt; &amp;amp;', { word: 'update', number: '12', people: [], rest: 'a <b> &amp;' }],
  ['#12 timeline', { word: 'timeline', number: '12', people: [], rest: '' }],
  ['role scribe <@U0BOB|bob>', { word: 'role', people: ['U0BOB'], rest: 'scribe @bob' }],
  ['invite <@U0BOB> <@W1|x>', { word: 'invite', people: ['U0BOB', 'W1'], rest: '<@U0BOB> @x' }],
  [
    'update see <#C1|ops> <https://a.test/x|a>',
    { word: 'update', people: [], rest: 'see #ops https://a.test/x' },
  ],
  ['update fixed in a #12', { word: 'update', people: [], rest: 'fixed in a #12' }],
])('of "%s" is understood what was meant', (text, expected) => {
  expect(readIncidentWords(text)).toEqual(expected);
});
