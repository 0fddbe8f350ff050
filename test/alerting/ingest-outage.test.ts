import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';
import { migrate } from '../../src/store/migrate.ts';
import { countOf, testStore } from '../support/store.ts';
import { until } from '../support/until.ts';
import { webhookBody } from '../support/webhooks.ts';
import { ingestSite } from './ingest-site.ts';

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

test('while PostgreSQL is away webhooks are put off, and taken when it is back', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-outage-'));
  closers.push(() => rm(dir, { recursive: true, force: true }));
  let server = await startEmbeddedPostgres({ dir });
  closers.push(() => server.stop());
  const pool = new pg.Pool({ connectionString: server.url, max: 4 });
  pool.on('error', () => undefined);
  closers.push(() => pool.end());
  await migrate(pool);
  const site = await ingestSite(pool);
  closers.push(() => site.close());
  const bodies = Array.from({ length: 20 }, (_, index) => webhookBody({ groupKey: `group ${index}` }));
  const before = await site.send(bodies[0]);

  await server.stop();
  const away = await Promise.all(bodies.map((body) => site.send(body)));
  const bad = await site.send('{');
  const health = await fetch(`${site.url}/alerts/healthz`);
  server = await startEmbeddedPostgres({ dir, port: server.port });
  const back = await until('it is taken again', async () => {
    const answers = await Promise.all(bodies.map((body) => site.send(body)));
    return answers.every(({ status }) => status === 200) && answers;
  });

  expect(before.status).toBe(200);
  expect(away.map(({ status }) => status)).toEqual(bodies.map(() => 503));
  expect(away[0]?.json).toEqual({ error: 'What was sent could not be committed.' });
  expect(away[0]?.headers.get('retry-after')).toBe('5');
  expect([bad.status, health.status]).toEqual([400, 200]);
  expect(back).toHaveLength(20);
  expect(await countOf(pool, 'streams')).toBe(20);
  expect(await countOf(pool, 'alerts')).toBe(20);
});

test('while PostgreSQL does not answer webhooks are put off within seconds, and one that it kept all the same counts once', async () => {
  const store = await testStore();
  closers.push(() => store.drop());
  const site = await ingestSite(store.pool);
  closers.push(() => site.close());
  const other = new pg.Client({ connectionString: store.url });
  await other.connect();
  closers.push(() => other.end());

  await other.query('begin');
  await other.query('lock table events in access exclusive mode');
  const away = await Promise.all([site.send(webhookBody()), site.send(webhookBody({ groupKey: 'another' }))]);
  await other.query('rollback');
  const back = await Promise.all([site.send(webhookBody()), site.send(webhookBody({ groupKey: 'another' }))]);

  expect(away.map(({ status }) => status)).toEqual([503, 503]);
  expect(back.map(({ status }) => status)).toEqual([200, 200]);
  expect(await countOf(store.pool, 'alerts')).toBe(2);
  const { rows } = await store.pool.query("select 1 from events where type = 'GroupOpened'");
  expect(rows).toHaveLength(2);
});
