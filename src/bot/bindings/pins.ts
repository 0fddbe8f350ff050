import type { ReactionAddedEvent, ReactionRemovedEvent } from '@slack/types';
import { pinMessage, type Reacted, unpinMessage } from '../../response/pins.ts';
import type { BotParts } from '../bot-parts.ts';
import type { Listening } from '../listen.ts';

/** A pin on a message in an incident's channel brings it into the timeline, and takes it out again. */
export function bindPins(on: Listening, { incidents, client, log }: BotParts): void {
  if (incidents === undefined) return;
  const parts = { incidents, client, log };
  on.event('reaction_added', async (event) => pinMessage(reactedOf(event), parts));
  on.event('reaction_removed', async (event) => unpinMessage(reactedOf(event), parts));
}

function reactedOf({ user, reaction, item }: ReactionAddedEvent | ReactionRemovedEvent): Reacted {
  return { user, reaction, item: { channel: item.channel, ts: item.ts } };
}
