import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorkspace, type Workspace } from '../../../rehearsal/slack/workspace.ts';
import { hasLocalSlack } from './requires-local-slack.ts';

const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });

describe.skipIf(!hasLocalSlack('the gateway before the local Slack'))('the gateway', () => {
  let dir: string;
  let workspace: Workspace;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-gateway-'));
    workspace = await startWorkspace({ dir, limits: 'slack', groups: { S0RELEASE: ['U0BOB', 'U0CAROL'] } });
  });

  afterAll(async () => {
    await workspace?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  async function ask(
    method: string,
    args: Record<string, unknown> = {},
    token = workspace.env.SLACK_BOT_TOKEN,
  ) {
    const response = await fetch(workspace.gateway.url + method, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(args),
      signal: AbortSignal.timeout(1000),
    });
    const text = await response.text();
    const retryAfter = response.headers.get('retry-after');
    return { status: response.status, retryAfter, body: text.startsWith('{') ? JSON.parse(text) : text };
  }

  // Each test posts in a channel of its own, for the rate limits hold across tests.
  async function ownChannel(name: string): Promise<string> {
    const { body } = await ask('conversations.create', { name });
    return body.channel.id;
  }

  test('takes a good message as a form or as JSON and shows it to people', async () => {
    const channel = await ownChannel('good');
    const form = {
      channel,
      text: 'a form',
      blocks: JSON.stringify([section('a *form*')]),
      token: 'xoxb-rehearsal-slipway',
    };

    const asForm = await fetch(`${workspace.gateway.url}chat.postMessage`, {
      method: 'POST',
      body: new URLSearchParams(form),
    });
    const asJson = await ask('chat.postMessage', { channel, text: 'JSON', blocks: [section('*JSON*')] });

    expect(await asForm.json()).toMatchObject({ ok: true, channel });
    expect(asJson.body).toMatchObject({ ok: true, channel });
    const shown = await workspace.people.waitForMessage('good', (message) => message.text === 'JSON');
    expect(shown.blocks).toEqual([section('*JSON*')]);
    expect(workspace.people.messages('good')[0]?.blocks).toEqual([section('a *form*')]);
  });

  test('refuses a bad message as Slack does, records it, and shows it to nobody', async () => {
    const channel = await ownChannel('bad');
    const before = workspace.gateway.violations.length;

    const { status, body } = await ask('chat.postMessage', { channel, text: 'a', blocks: [section('')] });

    expect(status).toBe(200);
    expect(body).toMatchObject({ ok: false, error: 'invalid_blocks' });
    expect(body.response_metadata.messages[0]).toContain('[json-pointer:/blocks/0/text/text]');
    expect(workspace.gateway.violations.slice(before)).toMatchObject([
      { method: 'chat.postMessage', error: 'invalid_blocks' },
    ]);
    expect(workspace.people.messages('bad')).toEqual([]);
  });

  test.each([
    ['channel_not_found', { channel: 'C0NOWHERE', text: 'a' }],
    ['not_in_channel', { channel: 'C0ELSEWHERE', text: 'a' }],
  ])('answers %s', async (error, args) => {
    const { body } = await ask('chat.postMessage', args);

    expect(body).toMatchObject({ ok: false, error });
  });

  test('answers history of a channel that is not there as Slack does', async () => {
    const { body } = await ask('conversations.history', { channel: 'C0NOWHERE' });

    expect(body).toMatchObject({ ok: false, error: 'channel_not_found' });
  });

  test.each([
    ['invalid_auth', 'auth.test', 'xoxb-wrong'],
    ['not_allowed_token_type', 'apps.connections.open', 'xoxb-rehearsal-slipway'],
  ])('answers %s to a wrong token', async (error, method, token) => {
    const { body } = await ask(method, {}, token);

    expect(body).toMatchObject({ ok: false, error });
  });

  test('answers 429 with Retry-After to a fourth post within a second', async () => {
    const channel = await ownChannel('hurry');
    const limited = workspace.gateway.stats.rateLimited;

    const answers = await Promise.all(
      [1, 2, 3, 4].map((n) => ask('chat.postMessage', { channel, text: `${n}` })),
    );

    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toEqual([{ status: 429, retryAfter: '1', body: { ok: false, error: 'ratelimited' } }]);
    expect(workspace.gateway.stats.rateLimited).toBe(limited + 1);
    expect(workspace.people.messages('hurry')).toHaveLength(3);
  });

  test('lists user groups and their members', async () => {
    const groups = await ask('usergroups.list');
    const members = await ask('usergroups.users.list', { usergroup: 'S0RELEASE' });
    const none = await ask('usergroups.users.list', { usergroup: 'S0NONE' });

    expect(groups.body).toMatchObject({ ok: true, usergroups: [{ id: 'S0RELEASE' }] });
    expect(members.body).toEqual({ ok: true, users: ['U0BOB', 'U0CAROL'] });
    expect(none.body).toEqual({ ok: false, error: 'no_such_subteam' });
  });

  test('fails with 500 as often as it was told, for that method only', async () => {
    workspace.gateway.fail({ method: 'users.info', times: 2, with: 'http500' });

    const other = await ask('auth.test');
    const statuses = [
      await ask('users.info'),
      await ask('users.info'),
      await ask('users.info', { user: 'U0BOB' }),
    ];

    expect(other.body.ok).toBe(true);
    expect(statuses.map(({ status }) => status)).toEqual([500, 500, 200]);
  });

  test('answers 429 on demand with the seconds it was given', async () => {
    workspace.gateway.fail({ with: '429', retryAfter: 7 });

    const answer = await ask('auth.test');

    expect(answer).toMatchObject({ status: 429, retryAfter: '7' });
  });

  test('lets a call hang on demand, until the order is taken back', async () => {
    const takeBack = workspace.gateway.fail({
      method: 'auth.test',
      times: Number.POSITIVE_INFINITY,
      with: 'timeout',
    });

    await expect(ask('auth.test')).rejects.toThrow(/timeout/i);
    takeBack();
    const after = await ask('auth.test');

    expect(after.body.ok).toBe(true);
  });

  test('drops a call before it is delivered', async () => {
    const channel = await ownChannel('lost');
    workspace.gateway.fail({ method: 'chat.postMessage', with: 'drop-before' });

    await expect(ask('chat.postMessage', { channel, text: 'lost' })).rejects.toThrow('fetch failed');

    expect(workspace.people.messages('lost')).toEqual([]);
  });

  test('drops a call after it was delivered, and the metadata tells', async () => {
    const channel = await ownChannel('doubt');
    const metadata = { event_type: 'surface', event_payload: { surface: 'deployment/1/card' } };
    workspace.gateway.fail({ method: 'chat.postMessage', with: 'drop-after-delivery' });

    await expect(ask('chat.postMessage', { channel, text: 'in doubt', metadata })).rejects.toThrow(
      'fetch failed',
    );

    const { body } = await ask('conversations.history', { channel, include_all_metadata: true, limit: 1 });
    expect(body.messages).toMatchObject([{ text: 'in doubt', metadata }]);
  });

  test('takes five answers at one response address and no sixth', async () => {
    const address = new URL(`/slack:${workspace.slack.port}/_hooks/response/none`, workspace.gateway.url);
    const body = JSON.stringify({ text: 'a' });

    const errors: unknown[] = [];
    for (let use = 1; use <= 6; use += 1) {
      const answer = await fetch(address, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      errors.push(await answer.json());
    }

    expect(errors[4]).toMatchObject({ error: 'expired_url' });
    expect(errors[5]).toMatchObject({ error: 'used_url' });
  });

  test('answers nothing in the dark and everything in the light', async () => {
    workspace.gateway.goDark();
    await expect(ask('auth.test')).rejects.toThrow('fetch failed');
    workspace.gateway.light();

    const after = await ask('auth.test');

    expect(after.body.ok).toBe(true);
  });

  test('keeps a record of every call in the order of arrival', async () => {
    await ask('users.info', { user: 'U0ALICE' });
    await ask('users.info', { user: 'U0NOBODY' });

    const last = workspace.gateway.calls.slice(-2);

    expect(last).toMatchObject([
      { method: 'users.info', args: { user: 'U0ALICE' }, ok: true, error: undefined },
      { method: 'users.info', args: { user: 'U0NOBODY' }, ok: false, error: 'user_not_found' },
    ]);
  });
});
