import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorkspace, type Workspace } from '../../../rehearsal/slack/workspace.ts';
import { hasLocalSlack } from './requires-local-slack.ts';

describe.skipIf(!hasLocalSlack('channels behind the gateway'))('a channel that a bot makes', () => {
  let dir: string;
  let workspace: Workspace;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-rooms-'));
    workspace = await startWorkspace({ dir });
  });

  afterAll(async () => {
    await workspace?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  async function ask(method: string, args: Record<string, unknown>) {
    const authorization = `Bearer ${workspace.env.SLACK_BOT_TOKEN}`;
    const response = await fetch(workspace.gateway.url + method, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify(args),
    });
    return JSON.parse(await response.text());
  }

  async function made(name: string, more: Record<string, unknown> = {}): Promise<string> {
    const { channel } = await ask('conversations.create', { name, ...more });
    return channel.id;
  }

  test.each([
    ['upper-case letters', 'Inc-1', 'invalid_name_specials'],
    ['a space', 'inc 1', 'invalid_name_specials'],
    ['a full stop', 'inc.1', 'invalid_name_specials'],
    ['81 characters', 'x'.repeat(81), 'invalid_name_maxlength'],
    ['nothing but hyphens', '---', 'invalid_name_punctuation'],
    ['nothing', '', 'invalid_name_required'],
    ['a name that another channel has', 'production', 'name_taken'],
  ])('is refused with %s in its name', async (_what, name, error) => {
    expect(await ask('conversations.create', { name })).toMatchObject({ ok: false, error });
  });

  test('is known with its topic, its purpose and who made it, to the bot and on the page', async () => {
    const channel = await made('inc-1-described');
    await ask('conversations.setTopic', { channel, topic: 'The topic' });
    await ask('conversations.setPurpose', { channel, purpose: 'The purpose' });

    const about = await ask('conversations.info', { channel });
    const own = await ask('users.conversations', { types: 'public_channel', limit: 1000 });

    expect(about.channel).toMatchObject({
      name: 'inc-1-described',
      creator: 'U0SLIPWAY',
      topic: { value: 'The topic' },
      purpose: { value: 'The purpose' },
    });
    expect(own.channels).toContainEqual(about.channel);
    expect(workspace.people.messages('inc-1-described')).toEqual([]);
  });

  test('has those in it who were invited, and says of the others why not', async () => {
    const channel = await made('inc-2-invited');

    const all = await ask('conversations.invite', { channel, users: 'U0ALICE,U0NOBODY', force: false });
    const some = await ask('conversations.invite', { channel, users: 'U0ALICE,U0NOBODY', force: true });
    const again = await ask('conversations.invite', { channel, users: 'U0ALICE' });
    const itself = await ask('conversations.invite', { channel, users: 'U0SLIPWAY' });
    const { members } = await ask('conversations.members', { channel });

    const stranger = { user: 'U0NOBODY', ok: false, error: 'user_not_found' };
    expect(all).toMatchObject({ ok: false, error: 'user_not_found', errors: [stranger] });
    expect(some).toMatchObject({ ok: true, errors: [stranger] });
    expect(again).toMatchObject({ ok: false, error: 'already_in_channel' });
    expect(itself).toMatchObject({ ok: false, error: 'cant_invite_self' });
    expect(members).toEqual(['U0SLIPWAY', 'U0ALICE']);
  });

  test('can only be acted in by a bot that is in it', async () => {
    const topic = await ask('conversations.setTopic', { channel: 'C0ELSEWHERE', topic: 'a' });
    const invite = await ask('conversations.invite', { channel: 'C0NOWHERE', users: 'U0BOB' });

    expect(topic).toMatchObject({ ok: false, error: 'not_in_channel' });
    expect(invite).toMatchObject({ ok: false, error: 'channel_not_found' });
  });

  test('keeps what was pinned, once', async () => {
    const channel = await made('inc-3-pinned');
    const { ts: timestamp } = await ask('chat.postMessage', { channel, text: 'The card' });

    const first = await ask('pins.add', { channel, timestamp });
    const second = await ask('pins.add', { channel, timestamp });
    const none = await ask('pins.add', { channel, timestamp: '1700000000.000001' });

    expect([first.ok, second.error, none.error]).toEqual([true, 'already_pinned', 'message_not_found']);
  });

  test('is listed by its type, page by page', async () => {
    const hidden = await made('inc-4-hidden', { is_private: true });
    const open = await ask('users.conversations', { limit: 1000 });
    const closed = await ask('users.conversations', { types: 'private_channel' });
    const first = await ask('users.conversations', { limit: 2 });
    const cursor = first.response_metadata.next_cursor;
    const second = await ask('users.conversations', { limit: 2, cursor });

    const ids = ({ channels }: { channels: { id: string }[] }) => channels.map(({ id }) => id);
    expect(ids(closed)).toEqual([hidden]);
    expect(ids(open)).not.toContain(hidden);
    expect([...ids(first), ...ids(second)]).toEqual(ids(open).slice(0, 4));
  });

  test('is made although the answer is lost, or not at all when it is refused on demand', async () => {
    workspace.gateway.fail({ method: 'conversations.create', with: 'drop-after-delivery' });
    await expect(ask('conversations.create', { name: 'inc-5-lost' })).rejects.toThrow('fetch failed');
    const again = await ask('conversations.create', { name: 'inc-5-lost' });
    workspace.gateway.fail({
      method: 'conversations.create',
      with: 'refusal',
      error: 'restricted_action',
    });
    const refused = await ask('conversations.create', { name: 'inc-6' });

    expect(again).toMatchObject({ ok: false, error: 'name_taken' });
    expect(refused).toMatchObject({ ok: false, error: 'restricted_action' });
  });
});
