import { describe, expect, test } from 'vitest';
import { messageHistory } from '../../../rehearsal/slack/message-history.ts';

const history = messageHistory();
const all = ['1.000001', '2.000002', '3.000003', '4.000004'].map((ts) => ({ ts, text: `at ${ts}` }));

function read(
  args: Record<string, unknown>,
  method = 'conversations.history',
  messages: object[] = [...all].reverse(),
) {
  const call = { method, args: { channel: 'C1', ...args }, token: undefined, unreadable: [] };
  return history.complete(call, { ok: true, messages }) as {
    messages: { ts: string; metadata?: unknown }[];
    has_more: boolean;
    response_metadata: { next_cursor: string };
  };
}
const times = (answer: ReturnType<typeof read>) => answer.messages.map(({ ts }) => Math.floor(Number(ts)));

describe('message history', () => {
  test.each([
    ['everything, newest first', {}, [4, 3, 2, 1]],
    ['what is newer than oldest', { oldest: '2.000002' }, [4, 3]],
    ['what is older than latest', { latest: '3.000003' }, [2, 1]],
    ['the ends too when inclusive', { oldest: '2.000002', latest: '3.000003', inclusive: 'true' }, [3, 2]],
    ['the newest of a limit', { limit: '2' }, [4, 3]],
    ['one message by its ts', { latest: '2.000002', inclusive: true, limit: 1 }, [2]],
  ])('gives %s', (_what, args, expected) => {
    const answer = read(args);

    expect(times(answer)).toEqual(expected);
  });

  test('goes on where the cursor says', () => {
    const first = read({ limit: 3 });
    const second = read({ limit: 3, cursor: first.response_metadata.next_cursor });

    expect(first.has_more).toBe(true);
    expect(times(second)).toEqual([1]);
    expect(second).toMatchObject({ has_more: false, response_metadata: { next_cursor: '' } });
  });

  test('gives the parent of a thread with every page of its replies', () => {
    const first = read({ ts: '1.000001', limit: 2 }, 'conversations.replies', all);
    const cursor = first.response_metadata.next_cursor;
    const second = read({ ts: '1.000001', limit: 2, cursor }, 'conversations.replies', all);

    expect(times(first)).toEqual([1, 2, 3]);
    expect(times(second)).toEqual([1, 4]);
  });

  test('hides what was shown to one person only', () => {
    const answer = read({}, 'conversations.history', [
      { ts: '1.000001', subtype: 'ephemeral' },
      { ts: '2.000002' },
    ]);

    expect(times(answer)).toEqual([2]);
  });

  test('gives metadata back when asked, as the last update left it', () => {
    const put = (method: string, event_type: string) =>
      history.complete(
        { method, args: { metadata: { event_type } }, token: undefined, unreadable: [] },
        { ok: true, channel: 'C1', ts: '3.000003' },
      );
    put('chat.postMessage', 'first');
    put('chat.update', 'second');

    const asked = read({ include_all_metadata: 'true', oldest: '2.000002', limit: 2 });
    const notAsked = read({});

    expect(asked.messages.map(({ metadata }) => metadata)).toEqual([undefined, { event_type: 'second' }]);
    expect(notAsked.messages.every(({ metadata }) => metadata === undefined)).toBe(true);
  });
});
