import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { LocalSlackMissing, startLocalSlack } from '../../../rehearsal/slack/local-slack.ts';
import { rehearsalWorkspace } from '../../../rehearsal/slack/slack-workspace.ts';
import { hasLocalSlack } from './requires-local-slack.ts';

const State = z.object({ users: z.array(z.object({ name: z.string() })) });
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-local-slack-'));
});

afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

describe('the start of the local Slack', () => {
  test('says what to install when there is nothing to start', async () => {
    const starting = startLocalSlack({
      workspace: rehearsalWorkspace(),
      dir,
      command: [join(dir, 'nothing')],
    });

    await expect(starting).rejects.toThrow(LocalSlackMissing);
    await expect(starting).rejects.toThrow('npm install --no-save local-slack');
  });

  test.skipIf(!hasLocalSlack('the local Slack itself'))(
    'serves the workspace on loopback until it is stopped',
    async () => {
      const slack = await startLocalSlack({ workspace: rehearsalWorkspace(), dir });

      const state = await fetch(`http://127.0.0.1:${slack.port}/_control/state`);
      const { users } = State.parse(await state.json());
      const page = await fetch(slack.url);
      const elsewhere = await outsideAddresses(slack.port);
      await slack.stop();

      expect(users.map(({ name }) => name)).toEqual(['slipway', 'alice', 'bob', 'carol']);
      expect(page.status).toBe(200);
      expect(elsewhere).toEqual([]);
      await expect(fetch(slack.url)).rejects.toThrow();
    },
  );

  test.skipIf(!hasLocalSlack('the local Slack itself'))(
    'tells what the emulator said when it would not start',
    async () => {
      const taken = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => taken.once('listening', resolve));
      const address = taken.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;

      const starting = startLocalSlack({ workspace: rehearsalWorkspace(), dir, port });

      await expect(starting).rejects.toThrow(/stopped at its start.*in use/s);
      await new Promise((resolve) => taken.close(resolve));
    },
  );
});

/** The addresses beside loopback at which the port answers. */
async function outsideAddresses(port: number): Promise<string[]> {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => address);
  const answers = await Promise.allSettled(addresses.map((address) => fetch(`http://${address}:${port}/`)));
  return addresses.filter((_, index) => answers[index]?.status === 'fulfilled');
}
