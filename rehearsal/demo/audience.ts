import type { People } from '../slack/people.ts';
import type { Message } from '../slack/screen.ts';
import { readable } from './story.ts';

/** A dozen phases lie between an approval and what comes of it, and Slack's pace makes the last messages of a busy run late. */
const waiting = { timeoutMs: 120_000 };

/** Waits for what the people in the channel see. */
export interface Audience {
  /** A message in the channel itself in which all of these words are read. */
  readonly inChannel: (words: readonly string[]) => Promise<Message>;
  /** A message in the thread of a card in which all of these words, buttons included, are read. */
  readonly inThread: (card: Message, words: readonly string[]) => Promise<Message>;
  /** What somebody alone is told because of what is done, in which all of these words are read. */
  readonly told: (user: string, words: readonly string[], act: () => Promise<unknown>) => Promise<Message>;
}

export function audienceOf(people: People, channel: string): Audience {
  const wait = (words: readonly string[], where: (message: Message) => boolean) =>
    people.waitForMessage(channel, (message) => where(message) && reads(message, words), {
      ...waiting,
      what: `a message with “${words.join('”, “')}”`,
    });
  return {
    inChannel: (words) =>
      wait(words, ({ thread_ts, ephemeral_to }) => thread_ts === undefined && ephemeral_to === undefined),
    inThread: (card, words) => wait(words, ({ thread_ts }) => thread_ts === card.ts),
    told: async (user, words, act) => {
      const before = new Set(people.ephemeralTo(user).map(({ ts }) => ts));
      await act();
      return people.waitForEphemeral(user, (message) => !before.has(message.ts) && reads(message, words), {
        ...waiting,
        what: `“${words.join('”, “')}”`,
      });
    },
  };
}

function reads(message: Message, words: readonly string[]): boolean {
  const text = readable(message).join('\n');
  return words.every((word) => text.includes(word));
}
