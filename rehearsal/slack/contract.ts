import type { z } from 'zod';
import {
  contractMessages,
  countCharacters,
  HomeView,
  MessageBlocks,
  MessageMetadata,
  ModalView,
} from './block-kit.ts';
import { crowdMentions } from './mentions.ts';
import { refuseInvited, refuseRoomName, refuseRoomText } from './room-contract.ts';
import type { WebApiCall } from './web-api-call.ts';

/** Why Slack would refuse a call: its error code and the sentences of `response_metadata.messages`. */
export type Refusal = { readonly error: string; readonly messages: readonly string[] };

export type Contract = { check(call: WebApiCall): Refusal | undefined };

const textLimit = 4000;
const messageLimit = 13_200;
const timestamp = /^\d{10}\.\d{6}$/;

/**
 * Checks calls against Slack's documented contract and remembers which trigger ids were used up; a call that it does not
 * know passes. Stricter than Slack where Slack would draw something worse than asked: blocks need a fallback text, an
 * update needs text and blocks, text ends at 4,000 characters, and no crowd is mentioned unless it is in `allowMentions`.
 * Sources: the method pages under docs.slack.dev/reference/methods (chat.postMessage, chat.update, views.open, pins.add, and
 * those that room-contract.ts names).
 */
export function slackContract(allowMentions: readonly string[] = []): Contract {
  const usedTriggers = new Set<string>();

  function useTrigger(call: WebApiCall): Refusal | undefined {
    const trigger = call.args.trigger_id;
    if (typeof trigger !== 'string' || trigger === '') return missingArgument('trigger_id');
    if (usedTriggers.has(trigger)) return refusal('exchanged_trigger_id');
    usedTriggers.add(trigger);
    return undefined;
  }

  const checks: Record<string, (call: WebApiCall) => Refusal | undefined> = {
    'chat.postMessage': checkPost,
    'chat.postEphemeral': (call) => needs(call, 'user') ?? checkPost(call),
    'chat.update': checkUpdate,
    'chat.delete': (call) => needsChannelId(call) ?? needsTimestamp(call, 'ts'),
    'chat.getPermalink': (call) => needsChannelId(call) ?? needsTimestamp(call, 'message_ts'),
    'conversations.create': refuseRoomName,
    'conversations.history': needsChannelId,
    'conversations.info': needsChannelId,
    'conversations.invite': (call) => needsChannelId(call) ?? refuseInvited(call),
    'conversations.members': needsChannelId,
    'conversations.replies': (call) => needsChannelId(call) ?? needsTimestamp(call, 'ts'),
    'conversations.setPurpose': (call) => needsChannelId(call) ?? refuseRoomText(call, 'purpose'),
    'conversations.setTopic': (call) => needsChannelId(call) ?? refuseRoomText(call, 'topic'),
    'pins.add': (call) => needsChannelId(call) ?? needsTimestamp(call, 'timestamp'),
    'views.open': (call) => checkView(ModalView, call) ?? useTrigger(call),
    'views.push': (call) => checkView(ModalView, call) ?? useTrigger(call),
    'views.update': (call) =>
      call.args.view_id === undefined && call.args.external_id === undefined
        ? missingArgument('view_id')
        : checkView(ModalView, call),
    'views.publish': (call) => needs(call, 'user_id') ?? checkView(HomeView, call),
    response_url: checkResponse,
    ack: checkAck,
  };

  return {
    check(call) {
      const [unreadable] = call.unreadable;
      if (unreadable !== undefined)
        return refusal(jsonErrors[unreadable] ?? 'invalid_arguments', `${unreadable} is not JSON`);
      const refused = checks[call.method]?.(call);
      if (refused !== undefined) return refused;
      const mentions = crowdMentions(call.args, allowMentions);
      if (mentions.length > 0)
        return refusal('crowd_mentioned', ...mentions.map((found) => `${found} is not allowed`));
      return undefined;
    },
  };
}

const jsonErrors: Record<string, string> = {
  body: 'invalid_json',
  blocks: 'invalid_blocks_format',
  metadata: 'invalid_metadata_format',
};

function checkPost(call: WebApiCall): Refusal | undefined {
  const channel = call.args.channel;
  if (typeof channel !== 'string' || channel === '') return missingArgument('channel');
  if (call.args.thread_ts !== undefined) {
    const refused = needsTimestamp(call, 'thread_ts');
    if (refused !== undefined) return refused;
  }
  return checkContent(call);
}

function checkUpdate(call: WebApiCall): Refusal | undefined {
  const refused = needsChannelId(call) ?? needsTimestamp(call, 'ts');
  if (refused !== undefined) return refused;
  if (call.args.blocks === undefined) {
    return refusal('invalid_arguments', '[ERROR] an update carries blocks beside its text');
  }
  return checkContent(call);
}

function checkResponse(call: WebApiCall): Refusal | undefined {
  if (call.args.delete_original === true) return undefined;
  const type = call.args.response_type;
  if (type !== undefined && type !== 'ephemeral' && type !== 'in_channel') {
    return refusal('invalid_arguments', '[ERROR] response_type must be ephemeral or in_channel');
  }
  return checkContent(call);
}

function checkAck(call: WebApiCall): Refusal | undefined {
  const { response_action: action, errors, text, blocks } = call.args;
  switch (action) {
    case undefined:
      return text === undefined && blocks === undefined ? undefined : checkResponse(call);
    case 'clear':
      return undefined;
    case 'update':
    case 'push':
      return checkView(ModalView, call);
    case 'errors':
      if (typeof errors === 'object' && errors !== null && Object.values(errors).every(isText))
        return undefined;
      return refusal('invalid_arguments', '[ERROR] errors must give each block_id a text');
    default:
      return refusal('invalid_arguments', `[ERROR] there is no response_action ${String(action)}`);
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function checkContent(call: WebApiCall): Refusal | undefined {
  const { text, blocks, metadata } = call.args;
  if (typeof text !== 'string' || text === '') {
    return refusal('no_text', '[ERROR] text is required, with blocks it is what a notification shows');
  }
  if (text.length > textLimit) {
    return refusal('msg_too_long', `[ERROR] text must be less than ${textLimit + 1} characters`);
  }
  if (blocks !== undefined) {
    const parsed = MessageBlocks.safeParse(blocks);
    if (!parsed.success) return refusal('invalid_blocks', ...contractMessages(parsed.error, 'blocks'));
    const characters = countCharacters(blocks);
    if (characters > messageLimit) {
      return refusal(
        'msg_blocks_too_long',
        `[ERROR] blocks hold ${characters} of ${messageLimit} characters`,
      );
    }
  }
  if (metadata !== undefined) {
    const parsed = MessageMetadata.safeParse(metadata);
    if (!parsed.success)
      return refusal('invalid_metadata_format', ...contractMessages(parsed.error, 'metadata'));
  }
  return undefined;
}

function checkView(view: z.ZodType, call: WebApiCall): Refusal | undefined {
  if (call.args.view === undefined) return missingArgument('view');
  const parsed = view.safeParse(call.args.view);
  return parsed.success ? undefined : refusal('invalid_arguments', ...contractMessages(parsed.error, 'view'));
}

function needs(call: WebApiCall, name: string): Refusal | undefined {
  const value = call.args[name];
  return typeof value === 'string' && value !== '' ? undefined : missingArgument(name);
}

function needsChannelId(call: WebApiCall): Refusal | undefined {
  const channel = call.args.channel;
  if (typeof channel !== 'string' || channel === '') return missingArgument('channel');
  if (/^[CGD][A-Z0-9]+$/.test(channel)) return undefined;
  return refusal('channel_not_found', `[ERROR] ${call.method} takes a channel id, not ${channel}`);
}

function needsTimestamp(call: WebApiCall, name: string): Refusal | undefined {
  const value = call.args[name];
  if (value === undefined || value === '') return missingArgument(name);
  if (typeof value === 'string' && timestamp.test(value)) return undefined;
  return refusal(
    'invalid_arguments',
    `[ERROR] ${name} must be a message timestamp such as 1405894322.002768`,
  );
}

function missingArgument(name: string): Refusal {
  return refusal('invalid_arguments', `[ERROR] missing required field: ${name}`);
}

function refusal(error: string, ...messages: string[]): Refusal {
  return { error, messages };
}
