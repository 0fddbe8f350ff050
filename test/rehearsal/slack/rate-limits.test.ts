import { describe, expect, test } from 'vitest';
import { slackRateLimits } from '../../../rehearsal/slack/rate-limits.ts';

function calling(method: string, channel = 'C1') {
  return { method, args: { channel }, token: undefined, unreadable: [] };
}

describe('the rate limits of Slack', () => {
  test('let three posts through in one second in one channel', () => {
    const limits = slackRateLimits();

    const waits = [0, 100, 200, 300].map((at) => limits.retryAfter(calling('chat.postMessage'), at));

    expect(waits).toEqual([undefined, undefined, undefined, 1]);
  });

  test('count each channel by itself', () => {
    const limits = slackRateLimits();
    for (const at of [0, 1, 2]) limits.retryAfter(calling('chat.postMessage', 'C1'), at);

    const elsewhere = limits.retryAfter(calling('chat.postMessage', 'C2'), 3);

    expect(elsewhere).toBeUndefined();
  });

  test('let a post through again after the wait that was told', () => {
    const limits = slackRateLimits();
    for (const at of [0, 1, 2]) limits.retryAfter(calling('chat.postMessage'), at);
    const seconds = limits.retryAfter(calling('chat.postMessage'), 3) ?? 0;

    const again = limits.retryAfter(calling('chat.postMessage'), 3 + seconds * 1000);

    expect(again).toBeUndefined();
  });

  test('do not let two posts a second go on for a minute', () => {
    const limits = slackRateLimits();

    const waits = Array.from({ length: 120 }, (_, n) =>
      limits.retryAfter(calling('chat.postMessage'), n * 500),
    );

    expect(waits.findIndex((wait) => wait !== undefined)).toBe(63);
  });

  test.each([
    ['chat.update', 60],
    ['conversations.history', 60],
    ['conversations.replies', 60],
    ['usergroups.users.list', 24],
    ['usergroups.list', 24],
    ['views.open', 120],
    ['views.update', 120],
    ['files.getUploadURLExternal', 120],
  ])('let %s through %i times a minute', (method, allowed) => {
    const limits = slackRateLimits();

    const waits = Array.from({ length: allowed + 1 }, (_, n) => limits.retryAfter(calling(method), n));

    expect(waits.filter((wait) => wait === undefined)).toHaveLength(allowed);
    expect(waits.at(-1)).toBe(60);
  });

  test('leave a method without a limit alone', () => {
    const limits = slackRateLimits();

    const waits = Array.from({ length: 500 }, () => limits.retryAfter(calling('auth.test'), 0));

    expect(waits.every((wait) => wait === undefined)).toBe(true);
  });
});
