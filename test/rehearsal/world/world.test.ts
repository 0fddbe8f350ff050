import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startWorld, type World } from '../../../rehearsal/world/world.ts';
import { type TestDatabase, testDatabase } from '../../support/postgres.ts';

let dir: string;
let database: TestDatabase;
let world: World;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-world-'));
  database = await testDatabase();
  world = await startWorld({ dir, postgresUrl: database.url });
});

afterEach(async () => {
  await world.stop();
  await database.drop();
  await rm(dir, { recursive: true, force: true });
});

test('the application answers as the checklist expects', async () => {
  const health = await fetch(`${world.appUrl}/api/health`);
  const stranger = await fetch(`${world.appUrl}/api/auth/user`);
  const user = await fetch(`${world.appUrl}/api/auth/user`, {
    headers: { authorization: 'Bearer demo_token' },
  });
  const oauth = await fetch(`${world.appUrl}/api/auth/oauth/google/url`);
  const plans = await fetch(`${world.appUrl}/api/payment/plans`);
  const upload = await fetch(`${world.appUrl}/api/files/upload`, { method: 'POST', body: 'a file' });

  expect(await health.json()).toEqual({ status: 'ok', version: '1.0.0' });
  expect(stranger.status).toBe(401);
  expect(await user.json()).toEqual({ user: { id: 1, email: 'demo@softfactory.example', name: 'Demo' } });
  expect(Object.keys(Object(await oauth.json()))).toEqual(['auth_url', 'state_token']);
  expect(await plans.json()).toMatchObject({ plans: [{}, {}, {}] });
  expect(await upload.json()).toMatchObject({ file_id: expect.any(String), cdn_url: expect.any(String) });
  expect(await (await fetch(world.appUrl)).text()).toMatch(/^<!DOCTYPE html>/);
  expect(await (await fetch(`${world.appUrl}/metrics`)).text()).toMatch(/^softfactory_requests_total \d+$/m);
  expect(await (await fetch(world.n8nUrl)).text()).toContain('n8n');
});

test('a path fails as often as asked and then works again', async () => {
  world.fail('/api/health', 2);

  const statuses = [];
  for (let n = 0; n < 3; n += 1) statuses.push((await fetch(`${world.appUrl}/api/health`)).status);

  expect(statuses).toEqual([503, 503, 200]);
});

test('a path fails and hesitates until that is cleared', async () => {
  world.fail('/api/health');
  world.slow('/api/health', 120);

  const began = performance.now();
  const failing = await fetch(`${world.appUrl}/api/health`);
  const took = performance.now() - began;
  world.clear('/api/health');
  const cleared = await fetch(`${world.appUrl}/api/health`);

  expect(failing.status).toBe(503);
  expect(took).toBeGreaterThanOrEqual(115);
  expect(cleared.status).toBe(200);
});

test('a deployed version shows in the health answer and the metrics', async () => {
  world.deployVersion('2.0.0');

  const health = await fetch(`${world.appUrl}/api/health`);
  const metrics = await fetch(`${world.appUrl}/metrics`);

  expect(await health.json()).toMatchObject({ version: '2.0.0' });
  expect(await metrics.text()).toContain('softfactory_info{version="2.0.0"} 1');
});

test('a second start is found at the same addresses', async () => {
  const before = [world.appUrl, world.n8nUrl, world.redis?.url];
  await world.stop();

  world = await startWorld({ dir, postgresUrl: database.url });

  expect([world.appUrl, world.n8nUrl, world.redis?.url]).toEqual(before);
});
