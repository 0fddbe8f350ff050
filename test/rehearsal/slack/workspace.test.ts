import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, LogLevel } from '@slack/bolt';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startWorkspace, type Workspace } from '../../../rehearsal/slack/workspace.ts';
import { hasLocalSlack } from './requires-local-slack.ts';

const button = {
  type: 'actions' as const,
  block_id: 'deployment',
  elements: [
    {
      type: 'button' as const,
      action_id: 'approve',
      text: { type: 'plain_text' as const, text: 'Approve' },
      value: 'd42',
    },
  ],
};

const reasonModal = {
  type: 'modal' as const,
  callback_id: 'reason',
  title: { type: 'plain_text' as const, text: 'Reject' },
  submit: { type: 'plain_text' as const, text: 'Reject' },
  blocks: [
    {
      type: 'input' as const,
      block_id: 'why',
      label: { type: 'plain_text' as const, text: 'Reason' },
      element: { type: 'plain_text_input' as const, action_id: 'reason', multiline: true },
    },
    {
      type: 'input' as const,
      block_id: 'how',
      label: { type: 'plain_text' as const, text: 'Severity' },
      element: {
        type: 'static_select' as const,
        action_id: 'severity',
        options: ['Low', 'High'].map((text) => ({
          text: { type: 'plain_text' as const, text },
          value: text.toLowerCase(),
        })),
      },
    },
  ],
};

/** A small bot: /deploy posts a card, its button asks for a reason in a modal, the modal answers in the thread. */
function addListeners(app: App): void {
  app.command('/deploy', async ({ ack, command, client, respond }) => {
    await ack();
    if (command.text === 'nonsense') {
      await respond({ text: 'There is no /deploy nonsense.' });
      return;
    }
    await client.chat.postMessage({
      channel: command.channel_id,
      text: `Deploying ${command.text}`,
      blocks: [{ type: 'section', text: { type: 'mrkdwn', text: `Deploying *${command.text}*` } }, button],
      metadata: { event_type: 'surface', event_payload: { surface: 'deployment/42/card' } },
    });
  });
  app.action('approve', async ({ ack, body, client }) => {
    await ack();
    if (body.type === 'block_actions')
      await client.views.open({ trigger_id: body.trigger_id, view: reasonModal });
  });
  app.view('reason', async ({ ack, view, client, body }) => {
    const reason = view.state.values.why?.reason?.value ?? '';
    if (reason === 'bad') {
      await ack({ response_action: 'errors', errors: { why: 'Say more.' } });
      return;
    }
    await ack();
    const severity = view.state.values.how?.severity?.selected_option?.value;
    await client.chat.postMessage({
      channel: 'C0PRODUCTION',
      text: `${body.user.name}: ${reason} (${severity})`,
    });
  });
}

describe.skipIf(!hasLocalSlack('the local Slack with a bot'))('a bot in the local Slack', () => {
  let dir: string;
  let workspace: Workspace;
  let app: App;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-slack-'));
    workspace = await startWorkspace({ dir, groups: { S0RELEASE: ['U0BOB'] } });
    app = new App({
      token: workspace.env.SLACK_BOT_TOKEN,
      appToken: workspace.env.SLACK_APP_TOKEN,
      socketMode: true,
      logLevel: LogLevel.ERROR,
      clientOptions: { slackApiUrl: workspace.env.SLACK_API_URL },
    });
    addListeners(app);
    await app.start();
  });

  afterAll(async () => {
    await app?.stop();
    await workspace?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  test('answers a command with a message that people see', async () => {
    const { people } = workspace;

    const { ackMs, acked } = await people.command('alice', 'production', '/deploy', 'v1');
    const card = await people.waitForMessage('production', (message) => message.text === 'Deploying v1');

    expect(acked).toBe(true);
    expect(ackMs).toBeLessThan(3000);
    expect(card.blocks).toHaveLength(2);
    expect(workspace.gateway.violations).toEqual([]);
  });

  test('opens a modal from a button and reads what was filled in', async () => {
    const { people } = workspace;
    await people.command('alice', 'production', '/deploy', 'v2');
    const card = await people.waitForMessage('production', (message) => message.text === 'Deploying v2');

    const clicked = await people.click('bob', card, 'Approve');
    await people.waitForModal({ title: 'Reject' });
    const submitted = await people.submitModal('bob', { Reason: 'too early\nby far', severity: 'High' });
    const answer = await people.waitForMessage('production', (message) => message.text.includes('too early'));

    expect(clicked.acked).toBe(true);
    expect(submitted).toMatchObject({ acked: true, errors: {} });
    expect(answer.text).toBe('bob: too early\nby far (high)');
  });

  test('shows the errors of a refused modal and closes it on request', async () => {
    const { people } = workspace;
    await people.command('alice', 'production', '/deploy', 'v3');
    const card = await people.waitForMessage('production', (message) => message.text === 'Deploying v3');
    await people.click('bob', card, 'approve');
    await people.waitForModal();

    const submitted = await people.submitModal('bob', { reason: 'bad', Severity: 'low' });
    await people.closeModal('bob');

    expect(submitted.errors).toEqual({ why: 'Say more.' });
  });

  test('will not send a modal that the page would not send', async () => {
    const { people } = workspace;
    await people.command('alice', 'production', '/deploy', 'v4');
    const card = await people.waitForMessage('production', (message) => message.text === 'Deploying v4');
    await people.click('bob', card, 'Approve');
    await people.waitForModal();

    await expect(people.submitModal('bob', { Severity: 'Low' })).rejects.toThrow('“Reason”');
    await expect(people.submitModal('bob', { Reason: 'x', Severity: 'Huge' })).rejects.toThrow('“Low” (low)');
    await expect(people.submitModal('bob', { Cause: 'x' })).rejects.toThrow('no field “Cause”');
    await people.closeModal('bob');
  });

  test('answers one person alone through the response address, by way of the gateway', async () => {
    const { people, gateway } = workspace;

    await people.command('carol', 'production', '/deploy', 'nonsense');
    const told = await people.waitForEphemeral('carol', (message) => message.text.includes('nonsense'));

    expect(told.text).toBe('There is no /deploy nonsense.');
    expect(people.ephemeralTo('alice')).toEqual([]);
    await vi.waitFor(() => {
      expect(gateway.calls.map(({ method, ok }) => ({ method, ok }))).toContainEqual({
        method: 'response_url',
        ok: true,
      });
    });
  });

  test('uploads a file by way of the gateway', async () => {
    const { people, gateway } = workspace;

    await app.client.files.uploadV2({
      channel_id: 'C0PRODUCTION',
      filename: 'log.txt',
      content: 'line 1\nline 2',
    });
    await people.waitForMessage('production', (message) => message.files !== undefined);
    const [file] = people.files('production');

    expect(file && (await people.readFile(file))).toBe('line 1\nline 2');
    expect(gateway.calls).toContainEqual(expect.objectContaining({ method: 'upload', ok: true }));
  });

  test('finds a message again by its metadata', async () => {
    const found = await app.client.conversations.history({
      channel: 'C0PRODUCTION',
      include_all_metadata: true,
    });
    const plain = await app.client.conversations.history({ channel: 'C0PRODUCTION' });

    expect(
      found.messages?.filter((message) => message.metadata?.event_type === 'surface').length,
    ).toBeGreaterThan(0);
    expect(plain.messages?.some((message) => message.metadata !== undefined)).toBe(false);
  });

  test('knows who is in a user group', async () => {
    const answer = await app.client.usergroups.users.list({ usergroup: 'S0RELEASE' });

    expect(answer.users).toEqual(['U0BOB']);
  });

  test('tells what the channel shows when a message does not come', async () => {
    const { people } = workspace;
    await people.say('alice', 'staging', 'anybody here?');

    const waiting = people.waitForMessage('staging', () => false, { timeoutMs: 50, what: 'an answer' });

    await expect(waiting).rejects.toThrow(/an answer did not appear within 50 ms.*anybody here\?/s);
  });

  test('loses its socket in the dark and comes back with the light', async () => {
    const { people, gateway } = workspace;

    gateway.goDark();
    await expect(fetch(`${gateway.url}auth.test`)).rejects.toThrow();
    gateway.light();
    let acked = false;
    while (!acked) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      acked = (await people.command('alice', 'staging', '/deploy', 'again')).acked;
    }

    const card = await people.waitForMessage('staging', (message) => message.text === 'Deploying again');
    expect(card.blocks).toHaveLength(2);
  });
});
