import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { type ReleaseServer, startReleaseServer } from '../../rehearsal/demo/release-server.ts';
import { startWorld, type World } from '../../rehearsal/world/world.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';

const Health = z.object({ version: z.string() });

let dir: string;
let database: TestDatabase;
let world: World;
let releases: ReleaseServer;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-releases-'));
  database = await testDatabase();
  world = await startWorld({ dir, postgresUrl: database.url });
  releases = await startReleaseServer(world, join(dir, 'release.json'));
});

afterEach(async () => {
  await releases.stop();
  await world.stop();
  await database.drop();
  await rm(dir, { recursive: true, force: true });
});

test('a version is released, and what ran before it comes back, however often that is asked', async () => {
  await put({ version: 'v2' });
  const released = await versionOfWorld();
  await put({ insteadOf: 'v2' });
  await put({ insteadOf: 'v2' });

  expect(released).toBe('v2');
  expect(await versionOfWorld()).toBe('v1.0.0');
});

test('a flaky version fails once, a broken one until another runs', async () => {
  await put({ version: 'v2-flaky' });
  const flaky = [await payments(), await payments()];
  await put({ version: 'v2-broken' });
  const broken = [await payments(), await payments()];
  await put({ insteadOf: 'v2-broken' });
  await put({ version: 'v3' });

  expect(flaky).toEqual([503, 200]);
  expect(broken).toEqual([503, 503]);
  expect(await payments()).toBe(200);
});

test('a later start has the same address and the same version', async () => {
  await put({ version: 'v2' });
  const { url } = releases;
  await releases.stop();
  world.deployVersion('none');

  releases = await startReleaseServer(world, join(dir, 'release.json'));

  expect(releases.url).toBe(url);
  expect(await versionOfWorld()).toBe('v2');
});

async function put(body: unknown): Promise<void> {
  const answer = await fetch(`${releases.url}/releases/current`, {
    method: 'PUT',
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
}

async function versionOfWorld(): Promise<string> {
  const answer: unknown = await (await fetch(`${world.appUrl}/api/health`)).json();
  return Health.parse(answer).version;
}

async function payments(): Promise<number> {
  return (await fetch(`${world.appUrl}/api/payment/plans`)).status;
}
