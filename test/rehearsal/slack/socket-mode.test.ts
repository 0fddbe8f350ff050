import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, LogLevel } from '@slack/bolt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorkspace, type Workspace } from '../../../rehearsal/slack/workspace.ts';
import { hasLocalSlack } from './requires-local-slack.ts';

describe.skipIf(!hasLocalSlack('Socket Mode with two processes'))('two connections of one app', () => {
  let dir: string;
  let workspace: Workspace;
  const apps: App[] = [];
  const handledBy: string[] = [];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-sockets-'));
    workspace = await startWorkspace({ dir });
    for (const name of ['first', 'second']) {
      const app = new App({
        token: workspace.env.SLACK_BOT_TOKEN,
        appToken: workspace.env.SLACK_APP_TOKEN,
        socketMode: true,
        logLevel: LogLevel.ERROR,
        clientOptions: { slackApiUrl: workspace.env.SLACK_API_URL },
      });
      app.command('/deploy', async ({ ack, command }) => {
        handledBy.push(name);
        await (command.text === 'loud' ? ack({ text: '<!here>' }) : ack());
      });
      await app.start();
      apps.push(app);
    }
  });

  afterAll(async () => {
    for (const app of apps) await app.stop();
    await workspace?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  test('take turns, each command is handled once', async () => {
    for (const text of ['1', '2', '3', '4'])
      await workspace.people.command('alice', 'production', '/deploy', text);

    expect([...handledBy].sort()).toEqual(['first', 'first', 'second', 'second']);
  });

  test('carry a command longer than one network packet', async () => {
    const handled = handledBy.length;

    const { acked } = await workspace.people.command('alice', 'production', '/deploy', 'ü'.repeat(100_000));

    expect(acked).toBe(true);
    expect(handledBy).toHaveLength(handled + 1);
  });

  test('have an acknowledgement refused that would wake a crowd', async () => {
    const { acked } = await workspace.people.command('alice', 'production', '/deploy', 'loud');

    expect(acked).toBe(false);
    expect(workspace.gateway.violations).toMatchObject([{ method: 'ack', error: 'crowd_mentioned' }]);
    expect(workspace.people.messages('production')).toEqual([]);
  });

  test('leave all to the one that remains', async () => {
    await apps.pop()?.stop();
    const handled = handledBy.length;

    for (const text of ['5', '6']) await workspace.people.command('alice', 'production', '/deploy', text);

    expect(handledBy.slice(handled)).toEqual(['first', 'first']);
  });
});
