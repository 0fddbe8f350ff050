import { describe, expect, test } from 'vitest';
import { slackContract } from '../../../rehearsal/slack/contract.ts';
import type { WebApiCall } from '../../../rehearsal/slack/web-api-call.ts';
import {
  actions,
  button,
  call,
  many,
  modal,
  mrkdwn,
  open,
  plain,
  post,
  postWith,
  section,
  update,
  x,
} from './example-calls.ts';

const refused: [why: string, broken: WebApiCall, error: string, pointer: string][] = [
  ['a text of 4001', postWith({ text: x(4001) }), 'msg_too_long', ''],
  ['blocks without a text', postWith({ text: undefined, blocks: [section()] }), 'no_text', ''],
  ['an empty text', postWith({ text: '' }), 'no_text', ''],
  ['no channel', postWith({ channel: undefined }), 'invalid_arguments', 'channel'],
  ['a thread that is no timestamp', postWith({ thread_ts: '12' }), 'invalid_arguments', 'thread_ts'],
  [
    'metadata without a payload',
    postWith({ metadata: { event_type: 'a' } }),
    'invalid_metadata_format',
    '/metadata/event_payload',
  ],
  [
    'metadata with a list as payload',
    postWith({ metadata: { event_type: 'a', event_payload: [] } }),
    'invalid_metadata_format',
    '/metadata/event_payload',
  ],
  [
    'metadata with more',
    postWith({ metadata: { event_type: 'a', event_payload: {}, more: 1 } }),
    'invalid_metadata_format',
    '/metadata',
  ],
  ['an update by channel name', update({ channel: '#production' }), 'channel_not_found', 'channel id'],
  ['an update without blocks', update({ blocks: undefined }), 'invalid_arguments', 'blocks'],
  ['an update without text', update({ text: undefined }), 'no_text', ''],
  ['an update without ts', update({ ts: undefined }), 'invalid_arguments', 'ts'],
  [
    'an ephemeral message to nobody',
    call('chat.postEphemeral', { channel: 'C1', text: 'a' }),
    'invalid_arguments',
    'user',
  ],
  [
    'history by channel name',
    call('conversations.history', { channel: 'production' }),
    'channel_not_found',
    'channel id',
  ],
  ['a modal without a trigger', call('views.open', { view: modal() }), 'invalid_arguments', 'trigger_id'],
  ['an update of no view', call('views.update', { view: modal() }), 'invalid_arguments', 'view_id'],
  [
    'a response with 51 blocks',
    call('response_url', { text: 'a', blocks: many(51, () => section()) }),
    'invalid_blocks',
    '/blocks',
  ],
  ['a crowd in a text', postWith({ text: 'hey <!channel>' }), 'crowd_mentioned', '<!channel>'],
  ['a crowd with a label', post(section('<!here|here>')), 'crowd_mentioned', '<!here|here>'],
  [
    'a crowd in a field',
    post({ type: 'section', fields: [mrkdwn('<!everyone>')] }),
    'crowd_mentioned',
    '<!everyone>',
  ],
  ['a user group', post(section('<!subteam^S1|@release>')), 'crowd_mentioned', '<!subteam^S1'],
  [
    'a crowd in an attachment',
    postWith({ attachments: [{ text: '<!here>' }] }),
    'crowd_mentioned',
    '<!here>',
  ],
  [
    'a crowd in rich text',
    post({
      type: 'rich_text',
      elements: [{ type: 'rich_text_section', elements: [{ type: 'broadcast', range: 'channel' }] }],
    }),
    'crowd_mentioned',
    '<!channel>',
  ],
  [
    'a modal pushed by an acknowledgement',
    call('ack', { response_action: 'push', view: modal({ title: plain('') }) }),
    'invalid_arguments',
    '/view/title/text',
  ],
  [
    'an acknowledgement with an unknown action',
    call('ack', { response_action: 'explode' }),
    'invalid_arguments',
    'explode',
  ],
  [
    'modal errors without a text',
    call('ack', { response_action: 'errors', errors: { why: '' } }),
    'invalid_arguments',
    'errors',
  ],
  [
    'an event type of 256',
    postWith({ metadata: { event_type: x(256), event_payload: {} } }),
    'invalid_metadata_format',
    '/metadata/event_type',
  ],
];

const taken: [what: string, good: WebApiCall][] = [
  ['a text of 4000', postWith({ text: x(4000) })],
  [
    'metadata',
    postWith({ metadata: { event_type: 'surface', event_payload: { surface: 'deployment/1/card' } } }),
  ],
  ['an update', update({})],
  ['a mention of one person', post(section('<@U1> please'))],
  ['a crowd in plain text, which mentions nobody', post({ type: 'header', text: plain('<!channel>') })],
  ['a crowd in a button value, which nobody sees', post(actions(button({ value: '<!channel>' })))],
  ['an escaped crowd', post(section('&lt;!channel&gt;'))],
  ['a deletion by response address', call('response_url', { delete_original: true })],
  ['a method without a rule', call('auth.test', {})],
  ['modal errors', call('ack', { response_action: 'errors', errors: { why: 'Say more.' } })],
  ['an empty acknowledgement', call('ack', {})],
];

describe('the contract of Slack', () => {
  test.each(refused)('refuses %s', (_why, broken, error, pointer) => {
    const refusal = slackContract().check(broken);

    expect(refusal?.error).toBe(error);
    expect(refusal?.messages.join('\n')).toContain(pointer);
  });

  test.each(taken)('takes %s', (_what, good) => {
    expect(slackContract().check(good)).toBeUndefined();
  });

  test('takes a trigger id once', () => {
    const contract = slackContract();

    const first = contract.check(open(modal()));
    const second = contract.check(open(modal()));

    expect(first).toBeUndefined();
    expect(second?.error).toBe('exchanged_trigger_id');
  });

  test('lets the crowd through that is allowed, and no other', () => {
    const contract = slackContract(['<!subteam^S1>']);

    const allowed = contract.check(post(section('<!subteam^S1|@oncall>')));
    const other = contract.check(post(section('<!subteam^S2>')));

    expect(allowed).toBeUndefined();
    expect(other?.error).toBe('crowd_mentioned');
  });

  test('refuses blocks that are not JSON', () => {
    const refusal = slackContract().check({ ...post(), unreadable: ['blocks'] });

    expect(refusal?.error).toBe('invalid_blocks_format');
  });
});
