import { describe, expect, test } from 'vitest';
import { reasonOf } from '../src/reason-of.ts';

const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });

describe('why something could not be reached', () => {
  test.each([
    ['is what the error says', new Error('no route'), 'no route'],
    ['is what its innermost cause says', new Error('fetch failed', { cause: refused }), refused.message],
    ['is what the first of several says', new AggregateError([refused, new Error('other')]), refused.message],
    [
      'is what the error says that Slack’s client has wrapped',
      Object.assign(new Error('A request error occurred'), { original: refused }),
      refused.message,
    ],
    ['is the code where nothing is said', Object.assign(new Error(), { code: 'ETIMEDOUT' }), 'ETIMEDOUT'],
    ['is the name where there is no code either', new TypeError(), 'TypeError'],
    ['is what was thrown when that is no error', 'gone', 'gone'],
  ])('%s', (_, error, told) => {
    const reason = reasonOf(error);

    expect(reason).toBe(told);
  });

  test('is found in errors that name each other', () => {
    const one = new Error('one');
    const other = new Error('other', { cause: one });
    one.cause = other;

    const reason = reasonOf(one);

    expect(['one', 'other']).toContain(reason);
  });
});
