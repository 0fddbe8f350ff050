import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { startRedis } from '../../rehearsal/world/redis.ts';
import { describeWith } from '../support/parts.ts';
import { type Slipway, startSlipway } from '../support/slipway.ts';
import { crewOf } from './acting.ts';
import { confirms, gate, looks, phase, planOf, posts } from './plans.ts';
import { startTarget, type Target } from './target.ts';

let slipway: Slipway | undefined;
let target: Target | undefined;
const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await slipway?.stop();
  await target?.stop();
  for (const close of closers.splice(0)) await close();
  slipway = target = undefined;
});

/** A deployment with an approval, a change, a failure that is retried, a confirmation and an end. */
async function wholeDeployment(): Promise<void> {
  if (slipway === undefined || target === undefined) throw new Error('nothing runs');
  const crew = crewOf(slipway);
  target.say('/health', { status: 503 });

  await crew.deploy('alice', 'production v1');
  await crew.press('alice', 'Approve');
  await crew.told('alice', 'somebody else must approve');
  await crew.press('bob', 'Approve');
  await crew.offered('Retry');
  target.say('/health', { status: 200 });
  await crew.press('alice', 'Retry');
  await crew.fillIn('carol', 'Confirm', { answer: 'Green.' });
  await crew.card('succeeded', '3/3 steps');
  await crew.settled();

  expect(target.asked).toEqual(['POST /deploy', 'GET /health', 'GET /health']);
  expect(slipway.workspace.gateway.violations).toEqual([]);
}

function planFor({ url }: Target) {
  return planOf([
    phase('main', 'Main work', [posts(`${url}/deploy`)], gate()),
    phase('smoke', 'Smoke tests', [looks(`${url}/health`)], { needs: ['main'] }),
    phase('people', 'People', [confirms()], { needs: ['smoke'] }),
  ]);
}

describeWith('local-slack', 'a deployment over signed HTTP', () => {
  test('runs as over Socket Mode', async () => {
    target = await startTarget();
    slipway = await startSlipway({
      plan: planFor(target),
      workspace: { delivery: 'http' },
      inProcess: false,
    });
    const port = await freePort();
    slipway.workspace.gateway.deliverTo(`http://127.0.0.1:${port}/slack/events`);
    await slipway.restart({ SLACK_APP_TOKEN: '', PORT: String(port) });

    await wholeDeployment();

    const forged = await fetch(`http://127.0.0.1:${port}/slack/events`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': String(Math.floor(Date.now() / 1000)),
        'x-slack-signature': 'v0=00',
      },
      body: 'command=%2Fdeploy&text=production&channel_id=C0PRODUCTION&user_id=U0ALICE',
    });
    expect(forged.status).toBe(401);
  });
});

describeWith(['local-slack', 'redis-server'], 'a deployment with its queue on Redis', () => {
  test('runs as with its queue on PostgreSQL', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'slipway-redis-'));
    closers.push(() => rm(dir, { recursive: true, force: true }));
    const redis = await startRedis({ dir });
    if (redis === undefined) throw new Error('redis-server is missing');
    closers.unshift(() => redis.stop());
    target = await startTarget();
    slipway = await startSlipway({ plan: planFor(target), redisUrl: redis.url });

    await wholeDeployment();
  });
});

describeWith('local-slack', 'a deployment with its queue on PostgreSQL', () => {
  test('runs to its end', async () => {
    target = await startTarget();
    slipway = await startSlipway({ plan: planFor(target) });

    await wholeDeployment();
  });
});

/** A port that nobody listens on just now; the test's own bot takes it at once. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
