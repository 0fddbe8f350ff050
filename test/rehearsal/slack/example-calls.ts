import type { WebApiCall } from '../../../rehearsal/slack/web-api-call.ts';

// The smallest good thing of each kind; a test adds what it is about.

export const x = (length: number) => 'x'.repeat(length);
export const many = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));
export const plain = (text: string) => ({ type: 'plain_text', text });
export const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
export const section = (text = 'a') => ({ type: 'section', text: mrkdwn(text) });
export const button = (rest: object = {}) => ({ type: 'button', text: plain('Go'), ...rest });
export const actions = (...elements: object[]) => ({ type: 'actions', elements });
export const option = (value: string, text = value) => ({ text: plain(text), value });
export const select = (rest: object = {}) => ({
  type: 'static_select',
  action_id: 's',
  options: [option('a')],
  ...rest,
});
export const input = (element: object, rest: object = {}) => ({
  type: 'input',
  label: plain('Why'),
  element,
  ...rest,
});
export const textInput = (rest: object = {}) => ({ type: 'plain_text_input', action_id: 't', ...rest });
export const confirm = (rest: object) => ({
  confirm: {
    title: plain('Sure?'),
    text: mrkdwn('Really'),
    confirm: plain('Yes'),
    deny: plain('No'),
    ...rest,
  },
});
export const modal = (rest: object = {}) => ({
  type: 'modal',
  title: plain('Reject'),
  blocks: [section()],
  ...rest,
});
export const image = (rest: object = {}) => ({
  type: 'image',
  image_url: 'https://example.test/a.png',
  alt_text: 'a',
  ...rest,
});

/** Builds a call as the gateway reads it. */
export function call(method: string, args: Record<string, unknown>): WebApiCall {
  return { method, args, token: undefined, unreadable: [] };
}
export const post = (...blocks: object[]) => call('chat.postMessage', { channel: 'C1', text: 'a', blocks });
export const postWith = (args: object) => call('chat.postMessage', { channel: 'C1', text: 'a', ...args });
export const update = (args: object) =>
  call('chat.update', { channel: 'C1', ts: '1700000000.000001', text: 'a', blocks: [section()], ...args });
export const open = (view: object) => call('views.open', { trigger_id: '1.2.3', view });
