import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { refuseRoomName, refuseRoomText } from '../../rehearsal/slack/room-contract.ts';
import { messageText } from '../../src/response/message-text.ts';
import { nextName, roomName } from '../../src/response/room-name.ts';
import { roomTopic } from '../../src/response/room-topic.ts';

const call = (args: Record<string, unknown>) => ({ method: 'x', args, token: undefined, unreadable: [] });

describe('the name of a channel', () => {
  test.each([
    ['Payments fail', 'inc-12-payments-fail'],
    ['  API: 5xx > 10 % (eu-1)!  ', 'inc-12-api-5xx-10-eu-1'],
    ['Größe überschritten — Éclair', 'inc-12-grosse-uberschritten-eclair'],
    ['<!channel> @here', 'inc-12-channel-here'],
    ['数据库', 'inc-12'],
    ['', 'inc-12'],
  ])('of “%s” is %s', (title, expected) => {
    expect(roomName('inc', 12, title)).toBe(expected);
  });

  test('is one that Slack takes, whatever the title is and however many are taken', () => {
    const title = fc.string({ unit: 'grapheme', maxLength: 300 });
    const attempt = fc.integer({ min: 1, max: 20 });

    fc.assert(
      fc.property(title, attempt, fc.integer({ min: 1, max: 2 ** 31 - 1 }), (text, count, number) => {
        const name = nextName(roomName('a-very-long-prefix-x', number, text), count);
        expect(refuseRoomName(call({ name }))).toBeUndefined();
      }),
    );
  });

  test('does not end in a hyphen where it is cut', () => {
    expect(roomName('inc', 12, `${'a'.repeat(72)} b`)).toBe(`inc-12-${'a'.repeat(72)}`);
  });

  test('is another one at each attempt', () => {
    const name = roomName('inc', 12, 'x'.repeat(300));

    const names = Array.from({ length: 20 }, (_, index) => nextName(name, index + 1));

    expect(new Set(names).size).toBe(20);
    expect(names[0]).toBe(name);
  });
});

describe('the topic of a channel', () => {
  const incident = { number: 12, severity: 'high', status: 'identified', title: 'A & B < C' } as const;

  test('says what it is and leads to where it was declared', () => {
    expect(roomTopic(incident, 'https://slack.example/p1?a=1&b=2')).toBe(
      '#12 · high · identified · A &amp; B &lt; C · https://slack.example/p1?a=1&amp;b=2',
    );
  });

  test('is short enough for Slack and mentions nobody, whatever the title is', () => {
    const title = fc.string({ unit: 'grapheme', maxLength: 300 });
    const link = fc.constantFrom(
      undefined,
      'https://slack.example/p1',
      `https://slack.example/${'&'.repeat(90)}`,
    );

    fc.assert(
      fc.property(title, link, (text, address) => {
        const topic = roomTopic({ ...incident, title: `<!channel>${text}` }, address);
        expect(refuseRoomText(call({ topic }), 'topic')).toBeUndefined();
        expect(topic).not.toMatch(/<[!@#]/);
      }),
    );
  });

  test('drops a link that leaves no room for the title, and cuts the title instead of an escape', () => {
    const topic = roomTopic(
      { ...incident, title: '&'.repeat(150) },
      `https://slack.example/${'x'.repeat(200)}`,
    );

    expect(topic.length).toBeLessThanOrEqual(250);
    expect(topic).toMatch(/&amp;…$/);
  });
});

describe('the text of a message', () => {
  test.each([
    ['plain', 'plain'],
    ['a &amp;lt; b &lt;c&gt;', 'a &lt; b <c>'],
    ['<@U0ALICE> and <@U0BOB|bob>', '@U0ALICE and @bob'],
    ['see <#C0ALERTS|alerts> <#C1>', 'see #alerts #C1'],
    ['<!here> <!channel|channel> <!subteam^S1|@oncall>', '@here channel @oncall'],
    ['<https://a.example|the page> <https://b.example>', 'the page (https://a.example) https://b.example'],
    ['a <b and c> d', 'a b and c d'],
  ])('“%s” is read as “%s”', (text, expected) => {
    expect(messageText(text)).toBe(expected);
  });
});
