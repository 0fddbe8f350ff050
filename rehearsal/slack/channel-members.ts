import { z } from 'zod';
import type { Refusal } from './contract.ts';
import type { WebApiCall } from './web-api-call.ts';

const State = z.object({
  apps: z.array(z.object({ botUserId: z.string() })),
  channels: z.array(
    z.object({ id: z.string(), name: z.string(), is_im: z.boolean(), members: z.array(z.string()) }),
  ),
});

const inChannel = new Set([
  'chat.postMessage',
  'chat.postEphemeral',
  'chat.update',
  'conversations.history',
  'conversations.replies',
  'files.completeUploadExternal',
]);

/**
 * Says why Slack would refuse a call for its channel: channel_not_found, not_in_channel or user_not_in_channel, which the
 * emulator does not check; `state` is the body of the emulator's `/_control/state`.
 * Source: the errors of docs.slack.dev/reference/methods/chat.postMessage and …/chat.postEphemeral.
 */
export function refuseChannel(call: WebApiCall, state: unknown): Refusal | undefined {
  const named = call.args.channel ?? call.args.channel_id;
  if (typeof named !== 'string' || named.startsWith('U')) return undefined;
  const { apps, channels } = State.parse(state);
  const channel = channels.find(({ id, name }) => id === named || name === named.replace(/^#/, ''));
  if (channel === undefined)
    return { error: 'channel_not_found', messages: [`there is no channel ${named}`] };
  if (!apps.some(({ botUserId }) => channel.members.includes(botUserId))) {
    return { error: 'not_in_channel', messages: [`the bot is not in ${channel.name}`] };
  }
  const reader = call.method === 'chat.postEphemeral' ? call.args.user : undefined;
  if (typeof reader === 'string' && !channel.members.includes(reader)) {
    return { error: 'user_not_in_channel', messages: [`${reader} is not in ${channel.name}`] };
  }
  return undefined;
}

/** Tells whether a call of this method acts in a channel that the bot must be a member of. */
export function actsInChannel(method: string): boolean {
  return inChannel.has(method);
}
