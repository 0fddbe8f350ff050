import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, HTTPReceiver, LogLevel } from '@slack/bolt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorkspace, type Workspace } from '../../../rehearsal/slack/workspace.ts';
import { hasLocalSlack } from './requires-local-slack.ts';

describe.skipIf(!hasLocalSlack('signed HTTP with the local Slack'))(
  'a bot that takes signed HTTP requests',
  () => {
    let dir: string;
    let workspace: Workspace;
    let app: App;

    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'slipway-http-'));
      workspace = await startWorkspace({ dir, delivery: 'http' });
      const receiver = new HTTPReceiver({
        signingSecret: workspace.env.SLACK_SIGNING_SECRET,
        logLevel: LogLevel.ERROR,
      });
      app = new App({
        token: workspace.env.SLACK_BOT_TOKEN,
        receiver,
        logLevel: LogLevel.ERROR,
        clientOptions: { slackApiUrl: workspace.env.SLACK_API_URL },
      });
      app.command('/deploy', async ({ ack, command, client }) => {
        await ack(command.text === 'loud' ? '<!channel> done' : 'Seen.');
        await client.chat.postMessage({ channel: command.channel_id, text: `Deploying ${command.text}` });
      });
      const server = await app.start({ port: 0, host: '127.0.0.1' });
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      workspace.gateway.deliverTo(`http://127.0.0.1:${port}/slack/events`);
    });

    afterAll(async () => {
      await app?.stop();
      await workspace?.stop();
      await rm(dir, { recursive: true, force: true });
    });

    test('answers a command whose signature it has checked', async () => {
      const { people } = workspace;

      const { acked } = await people.command('alice', 'production', '/deploy', 'v1');

      expect(acked).toBe(true);
      await people.waitForEphemeral('alice', (message) => message.text === 'Seen.');
      await people.waitForMessage('production', (message) => message.text === 'Deploying v1');
    });

    test('has a bad acknowledgement refused and recorded', async () => {
      const { people, gateway } = workspace;

      await people.command('alice', 'staging', '/deploy', 'loud');
      await people.waitForMessage('staging', (message) => message.text === 'Deploying loud');

      expect(people.messages('staging').map(({ text }) => text)).toEqual(['Deploying loud']);
      expect(gateway.violations).toMatchObject([{ method: 'ack', error: 'crowd_mentioned' }]);
    });

    test('is told nothing that was signed with another secret', async () => {
      const answer = await fetch(workspace.gateway.deliveryUrl, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'x-slack-request-timestamp': String(Math.floor(Date.now() / 1000)),
          'x-slack-signature': 'v0=00',
        },
        body: 'command=%2Fdeploy&text=forged&channel_id=C0PRODUCTION',
      });

      expect(answer.status).toBe(401);
    });
  },
);
