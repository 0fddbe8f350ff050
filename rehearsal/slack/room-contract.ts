import type { Refusal } from './contract.ts';
import type { WebApiCall } from './web-api-call.ts';

const longestName = 80;
const longestTopic = 250;
const mostInvited = 100;

/**
 * Says why Slack would refuse the name of a new channel: only lower-case letters, digits, hyphens and underscores, at most 80.
 * Source: "Naming" and the errors of docs.slack.dev/reference/methods/conversations.create
 */
export function refuseRoomName({ args: { name } }: WebApiCall): Refusal | undefined {
  if (typeof name !== 'string' || name === '') return refusal('invalid_name_required', 'name is empty');
  if (name.length > longestName) {
    return refusal('invalid_name_maxlength', `name has ${name.length} of ${longestName} characters`);
  }
  if (!/[\p{L}\p{N}]/u.test(name)) return refusal('invalid_name_punctuation', `${name} is only punctuation`);
  if (/^[\p{Ll}\p{Lo}\p{N}_-]+$/u.test(name)) return undefined;
  return refusal('invalid_name_specials', `${name} holds more than lower-case letters, digits, - and _`);
}

/**
 * Says why Slack would refuse a topic or a purpose: at most 250 characters. Sources: the errors of
 * docs.slack.dev/reference/methods/conversations.setTopic and …/conversations.setPurpose
 */
export function refuseRoomText({ args }: WebApiCall, name: 'topic' | 'purpose'): Refusal | undefined {
  const text = args[name];
  if (typeof text !== 'string') return refusal('invalid_arguments', `missing required field: ${name}`);
  if (text.length > longestTopic)
    return refusal('too_long', `${name} has ${text.length} of ${longestTopic} characters`);
  return undefined;
}

/**
 * Says why Slack would refuse who is invited: a list of user ids, separated by commas, at most 100.
 * Source: docs.slack.dev/reference/methods/conversations.invite
 */
export function refuseInvited({ args: { users } }: WebApiCall): Refusal | undefined {
  if (typeof users !== 'string' || users === '')
    return refusal('users_list_not_supplied', 'missing required field: users');
  const ids = users.split(',');
  if (ids.length > mostInvited)
    return refusal('too_many_users', `${ids.length} of ${mostInvited} users at once`);
  const wrong = ids.find((id) => !/^[UW][A-Z0-9]+$/.test(id));
  return wrong === undefined ? undefined : refusal('user_not_found', `${wrong} is no user id`);
}

function refusal(error: string, message: string): Refusal {
  return { error, messages: [`[ERROR] ${message}`] };
}
