import { setTimeout as delay } from 'node:timers/promises';
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import { z } from 'zod';
import { persist } from '../store/persist.ts';
import type { Incidents } from './incidents.ts';
import { messageText } from './message-text.ts';
import { refusalOf } from './room-slack.ts';

/** A reaction as Slack tells of it (https://docs.slack.dev/reference/events/reaction_added). */
export interface Reacted {
  readonly user: string;
  /** The emoji's name without colons. */
  readonly reaction: string;
  readonly item: { readonly channel: string; readonly ts: string };
}

/** What pinning needs of the rest. */
export interface PinParts {
  readonly incidents: Pick<Incidents, 'inChannel' | 'handle'>;
  readonly client: WebClient;
  readonly log: Pick<Logger, 'warn'>;
}

/** The emoji that bring a message into the timeline: 📌 and 📍. */
const pins = new Set(['pushpin', 'round_pushpin']);

/** Slack tells of a reaction once, so a database that is away is waited for, in milliseconds. */
const databasePatience = 30_000;

/** A message as far as the timeline wants it; a bot's own has no user in some clients. */
const Message = z.object({
  ts: z.string(),
  text: z.string().catch(''),
  user: z.string().optional().catch(undefined),
  bot_id: z.string().optional().catch(undefined),
  reactions: z.array(z.object({ name: z.string() })).catch([]),
});

/** Brings the message that somebody put a pin on, in an incident's channel, into its timeline. */
export async function pinMessage(reacted: Reacted, parts: PinParts): Promise<void> {
  const incident = await incidentOf(reacted, parts);
  if (incident === undefined) return;
  const { channel, ts } = reacted.item;
  const message = await patiently(() => messageAt(channel, ts, parts.client));
  if (message === undefined) {
    parts.log.warn({ channel, ts }, 'a message that was pinned is not there');
    return;
  }
  const { text, user, bot_id: bot } = message;
  await persist(databasePatience, () =>
    parts.incidents.handle(incident.id, {
      type: 'Pin',
      ts,
      author: user ?? bot ?? '',
      text: messageText(text),
      by: reacted.user,
    }),
  );
}

/** Takes a message out of the timeline again, once nobody's pin is on it any more. */
export async function unpinMessage(reacted: Reacted, parts: PinParts): Promise<void> {
  const incident = await incidentOf(reacted, parts);
  if (incident === undefined || !incident.pins.some(({ ts }) => ts === reacted.item.ts)) return;
  const { channel, ts } = reacted.item;
  const message = await patiently(() => messageAt(channel, ts, parts.client));
  if (message?.reactions.some(({ name }) => isPin(name)) === true) return;
  await persist(databasePatience, () =>
    parts.incidents.handle(incident.id, { type: 'Unpin', ts, by: reacted.user }),
  );
}

async function incidentOf({ reaction, item }: Reacted, { incidents }: PinParts) {
  return isPin(reaction) ? persist(databasePatience, () => incidents.inChannel(item.channel)) : undefined;
}

/** A skin tone would follow two colons. */
function isPin(name: string): boolean {
  return pins.has(name.split('::')[0] ?? name);
}

/** Slack tells of a reaction once, so what passes is waited for: half a second at first, half a minute in all. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let pause = 500; ; pause *= 2) {
    try {
      return await work();
    } catch (error) {
      if (refusalOf(error) !== undefined || pause > 16_000) throw error;
      await delay(pause);
    }
  }
}

/** A message by its time: one of the channel itself, else one in a thread, whose replies the history leaves out. */
async function messageAt(
  channel: string,
  ts: string,
  client: WebClient,
): Promise<z.infer<typeof Message> | undefined> {
  const only = { channel, latest: ts, oldest: ts, inclusive: true, limit: 1 };
  const history = await client.conversations.history(only);
  const found = messageIn(history.messages, ts);
  if (found !== undefined) return found;
  // A reply by its own time gives the thread that it is in (https://docs.slack.dev/reference/methods/conversations.replies, `ts`).
  const replies = await client.conversations.replies({ ...only, ts });
  return messageIn(replies.messages, ts);
}

function messageIn(messages: unknown, ts: string): z.infer<typeof Message> | undefined {
  const all = Array.isArray(messages) ? messages : [];
  return all.flatMap((one) => Message.safeParse(one).data ?? []).find((message) => message.ts === ts);
}
