import { afterAll, beforeAll, expect, test } from 'vitest';
import { firstBreak } from '../../src/store/chain.ts';
import { historyOf, streamIds } from '../../src/store/record.ts';
import { countOf, type TestStore, testStore } from '../support/store.ts';
import { alertBody, webhookBody } from '../support/webhooks.ts';
import type { HostileBody } from './hostile-bodies.ts';
import { hostileBodies } from './hostile-bodies.ts';
import { type IngestSite, ingestSite } from './ingest-site.ts';

const seed = 20_261_122;
const count = 10_000;
const senders = 40;

let store: TestStore;
let site: IngestSite;

beforeAll(async () => {
  store = await testStore();
  site = await ingestSite(store.pool, { config: { maxBytes: 32 * 1_048_576 }, limits: { large: senders } });
});

afterAll(async () => {
  await site.close();
  await store.drop();
});

const authorization = 'Bearer token-of-main';

/** Sends all of them, some at a time, and gives back what was answered to each. */
async function sendAll(
  bodies: readonly HostileBody[],
): Promise<readonly (HostileBody & { readonly status: number })[]> {
  const queue = bodies.entries();
  const answered: (HostileBody & { readonly status: number })[] = [];
  const sender = async () => {
    for (const [, body] of queue) answered.push({ ...body, status: await send(body, 5) });
  };
  await Promise.all(Array.from({ length: senders }, sender));
  return answered;
}

test(`${count} hostile bodies are taken or refused, and none of them does harm`, {
  timeout: 300_000,
}, async () => {
  console.log(`hostile bodies with the seed ${seed}`);
  const answered = await sendAll(hostileBodies(count, seed));

  expect(answered).toHaveLength(count);
  const odd = answered.filter(({ status, isWebhook }) => status !== 200 && (isWebhook || status !== 400));
  const shown = odd.map(({ what, status, bytes }) => ({
    what,
    status,
    bytes: JSON.stringify(Buffer.from(bytes).toString()).slice(0, 1_000),
  }));
  expect(shown.slice(0, 3), `with the seed ${seed}`).toEqual([]);
  // The corpus is of use only when much of it is taken and much is not.
  const taken = answered.filter(({ status }) => status === 200).length;
  expect(taken).toBeGreaterThan(count / 4);
  expect(taken).toBeLessThan((count * 3) / 4);
  expect((await site.send(webhookBody())).status).toBe(200);

  const { rows: wrong } = await store.pool.query(
    `select id from streams where (state ->> 'firing')::int <> (
       select count(*) from alerts
       where stream = id and status = 'firing' and round = (state ->> 'round')::int
     )`,
  );
  expect(wrong).toEqual([]);
  const { rows: kept } = await store.pool.query(
    'select labels, annotations, generator_url from alerts union all select state, null, null from streams',
  );
  const harmful = /(?![\t\n\r])[\p{Cc}\p{Bidi_Control}\p{Cs}]/u;
  expect(kept.flatMap(textsOf).filter((text) => text.length > 4_000 || harmful.test(text))).toEqual([]);
  const ids = await streamIds(store.pool, 'alerts');
  const histories = await Promise.all(ids.map(async (id) => firstBreak(id, await historyOf(store.pool, id))));
  expect(histories.every((broken) => broken === undefined)).toBe(true);
});

/** As Alertmanager does, what is put off is sent again: a busy machine may be slow, but never for the same body again and again. */
async function send(body: HostileBody, tries: number): Promise<number> {
  const { status } = await site.send(body.bytes, { headers: { authorization, ...body.headers } });
  return status === 503 && tries > 1 ? send(body, tries - 1) : status;
}

/** Every text in a value, names of members too. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...textsOf(inner)]);
}

test('fifty thousand alerts in one body are one group', { timeout: 300_000 }, async () => {
  const alerts = Array.from({ length: 50_000 }, (_, index) =>
    alertBody(index, { startsAt: index % 2 ? '0001-01-01T00:00:00Z' : '9999-12-31T23:59:59Z' }),
  );
  const body = webhookBody({ groupKey: 'huge', alerts });
  const before = await countOf(store.pool, 'alerts');

  const all = [body, webhookBody({ groupKey: 'small' })].map((one) => JSON.stringify(one));
  const sent = all.map((bytes) => ({ what: 'many', bytes, isWebhook: true }));
  const first = await Promise.all(sent.map((one) => send(one, 5)));
  const again = await Promise.all(sent.map((one) => send(one, 5)));

  expect([...first, ...again]).toEqual([200, 200, 200, 200]);
  expect((await countOf(store.pool, 'alerts')) - before).toBe(50_001);
  const { rows } = await store.pool.query(
    "select version, (state ->> 'firing')::int as firing from streams where state ->> 'groupKey' = 'huge'",
  );
  expect(rows).toMatchObject([{ firing: 50_000 }]);
});
