import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { countOf, type TestStore, testStore } from '../support/store.ts';
import { until } from '../support/until.ts';
import { alertBody, webhookBody } from '../support/webhooks.ts';
import { type IngestSite, ingestSite } from './ingest-site.ts';

let store: TestStore;
const sites: IngestSite[] = [];

beforeAll(async () => {
  store = await testStore();
});

afterEach(async () => {
  for (const site of sites.splice(0)) await site.close();
  await store.pool.query('truncate streams, events, evidence, outbox, alerts');
});

afterAll(async () => {
  await store.drop();
});

const start = async (about: Parameters<typeof ingestSite>[1] = {}) => {
  const site = await ingestSite(store.pool, about);
  sites.push(site);
  return site;
};

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('a webhook of Alertmanager', () => {
  test('is not answered before it is committed', async () => {
    const site = await start();
    const other = new pg.Client({ connectionString: store.url });
    await other.connect();
    await other.query('begin');
    await other.query('lock table events in access exclusive mode');

    let answered = false;
    const sent = site.send(webhookBody()).finally(() => {
      answered = true;
    });
    await until('it waits to be written', async () => {
      const { rowCount } = await other.query(
        `select 1 from pg_locks join pg_database on pg_database.oid = database
         where not granted and datname = current_database()`,
      );
      return rowCount !== 0;
    });
    const early = answered;
    await other.query('rollback');
    await other.end();

    expect(early).toBe(false);
    expect((await sent).status).toBe(200);
  });

  test('is there for everybody when it is answered', async () => {
    const site = await start();

    const { status, json } = await site.send(webhookBody({ alerts: [alertBody(1), alertBody(2)] }));

    expect([status, json]).toEqual([200, {}]);
    const { rows } = await store.pool.query<{ fingerprint: string; status: string }>(
      'select fingerprint, status from alerts order by fingerprint',
    );
    expect(rows).toEqual([
      { fingerprint: '0000000000000001', status: 'firing' },
      { fingerprint: '0000000000000002', status: 'firing' },
    ]);
    expect(await site.counted()).toEqual({ 'main accepted': 1 });
  });

  test.each([
    ['no credential', 'main', {}],
    ['a wrong token', 'main', { authorization: 'Bearer token-of-main!' }],
    ['the beginning of the token', 'main', { authorization: 'Bearer token' }],
    ['an empty token', 'main', { authorization: 'Bearer ' }],
    ["another source's password", 'main', { authorization: basic('am:pass:word') }],
    ['the token as a password', 'main', { authorization: basic('token-of-main') }],
    ['a wrong password', 'other', { authorization: basic('am:pass:wort') }],
    ['another user', 'other', { authorization: basic('an:pass:word') }],
    ['the password as a token', 'other', { authorization: 'Bearer am:pass:word' }],
    ['another scheme', 'main', { authorization: 'Digest token-of-main' }],
    ['an unknown source', 'nobody', { authorization: 'Bearer token-of-main' }],
    ['the name of a member of every object', 'constructor', { authorization: 'Bearer token-of-main' }],
    ['no source that is known and no credential', '__proto__', { authorization: 'none' }],
  ])('with %s is answered 401, whatever its body', async (_, source, headers) => {
    const site = await start();

    const good = await site.send(webhookBody(), { source, headers });
    const bad = await site.send('{', { source, headers });

    expect([good.status, bad.status]).toEqual([401, 401]);
    expect(good.json).toEqual({ error: 'The credential is missing or wrong.' });
    expect(good.headers.get('www-authenticate')).toContain('Bearer');
    expect(await countOf(store.pool, 'streams')).toBe(0);
    const known = source === 'main' || source === 'other' ? source : 'unknown';
    expect(await site.counted()).toEqual({ [`${known} unauthorized`]: 2 });
  });

  test.each([
    ['a token', 'main', { authorization: 'Bearer token-of-main' }],
    ['a token in another case of the scheme', 'main', { authorization: 'bearer token-of-main' }],
    ['a password with a colon', 'other', { authorization: basic('am:pass:word') }],
  ])('is taken with %s', async (_, source, headers) => {
    const site = await start();

    expect((await site.send(webhookBody(), { source, headers })).status).toBe(200);
  });

  test.each([
    ['no body', '', 'The body is empty.'],
    ['half a body', '{"version":"4","alerts":[', 'The body is not JSON.'],
    ['no JSON', '<html>', 'The body is not JSON.'],
    ['a text', '"4"', 'The body must be an object.'],
    [
      'another version',
      JSON.stringify(webhookBody({ version: '5' })),
      'version must be "4", the only version that is read.',
    ],
    ['a wrong alert', JSON.stringify(webhookBody({ alerts: [{}] })), 'alerts[0].fingerprint must be text.'],
    ['a million brackets', '['.repeat(1_000_000), 'The body is nested more than 100 deep.'],
    [
      'brackets in an unknown member',
      `{"a":${'{"a":'.repeat(200)}1${'}'.repeat(200)}}`,
      'The body is nested more than 100 deep.',
    ],
  ])('with %s is answered 400 with the reason', async (_, body, error) => {
    const site = await start();

    const { status, json } = await site.send(body);

    expect([status, json]).toEqual([400, { error }]);
    expect(await site.counted()).toEqual({ 'main refused': 1 });
    expect(site.lines).toMatchObject([{ level: 50, source: 'main', because: error }]);
    expect(await countOf(store.pool, 'streams')).toBe(0);
  });

  test('may have brackets in its texts, whatever it says of its type, and may begin with a byte order mark', async () => {
    const site = await start();
    const text = `${'[{'.repeat(500)}\\"${'['.repeat(500)}`;
    const headers = { authorization: 'Bearer token-of-main', 'content-type': 'text/plain; charset=klingon' };

    const { status } = await site.send(
      `\ufeff${JSON.stringify(webhookBody({ commonAnnotations: { text } }))}`,
      { headers },
    );

    expect(status).toBe(200);
  });

  test('is taken packed, with the cap on what it unpacks to', async () => {
    const site = await start({ config: { maxBytes: 100_000 } });
    const headers = { authorization: 'Bearer token-of-main', 'content-encoding': 'gzip' };
    const bomb = gzipSync('x'.repeat(5_000_000));

    const good = await site.send(gzipSync(JSON.stringify(webhookBody())), { headers });
    const large = await site.send(bomb, { headers });
    const broken = await site.send('not packed at all', { headers });
    const unknown = await site.send('x', { headers: { ...headers, 'content-encoding': 'snappy' } });

    expect(bomb.length).toBeLessThan(100_000);
    expect([good.status, large.status, broken.status, unknown.status]).toEqual([200, 413, 400, 400]);
    expect(await site.counted()).toEqual({ 'main accepted': 1, 'main refused': 3 });
  });

  test('that is larger than the cap is answered 413 with the cap, and that is said aloud', async () => {
    const site = await start({ config: { maxBytes: 10_000 } });

    const { status, json } = await site.send(webhookBody({ extra: 'x'.repeat(20_000) }));

    expect(status).toBe(413);
    expect(json).toEqual({
      error: 'The body has more than 10000 bytes, the most that alerts.maxBody allows.',
    });
    expect(site.lines).toMatchObject([{ level: 50, maxBytes: 10_000 }]);
    expect(await site.counted()).toEqual({ 'main refused': 1 });
  });

  test('that is one of too many is answered 503, and the next is taken', async () => {
    const site = await start({ limits: { requests: 1 } });
    const { port } = new URL(site.url);
    const slow = connect(Number(port), '127.0.0.1');
    slow.write(
      'POST /alerts/alertmanager/main HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token-of-main\r\nContent-Length: 5\r\n\r\n',
    );

    const full = await until('it is full', async () => {
      const answer = await site.send('{}');
      return answer.status === 503 && answer;
    });
    slow.destroy();
    const after = await until('there is room again', async () => {
      const answer = await site.send(webhookBody());
      return answer.status !== 503 && answer;
    });

    expect(full.json).toEqual({ error: 'Too many webhooks are under way.' });
    expect(full.headers.get('retry-after')).toBe('5');
    expect(after.status).toBe(200);
  });

  test('of which large ones fill their room leaves room for small ones', async () => {
    const site = await start({ limits: { requests: 10, large: 1, largeFrom: 1_000 } });
    const { port } = new URL(site.url);
    const slow = connect(Number(port), '127.0.0.1');
    slow.write(
      'POST /alerts/alertmanager/main HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token-of-main\r\nTransfer-Encoding: chunked\r\n\r\n',
    );

    await until('the large ones are full', async () => {
      return (await site.send(webhookBody({ extra: 'x'.repeat(2_000) }))).status === 503;
    });
    const small = await site.send(webhookBody());
    slow.destroy();

    expect(small.status).toBe(200);
  });

  test.each([
    ['whose headers do not end', { headers: 200, request: 60_000 }, ''],
    ['whose body does not come', { headers: 200, request: 400 }, 'Content-Length: 5\r\n\r\n{'],
  ])('%s is not waited for', async (_, limits, rest) => {
    const site = await start({ limits });
    const socket = connect(Number(new URL(site.url).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });

    socket.write(
      `POST /alerts/alertmanager/main HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token-of-main\r\n${rest}`,
    );
    await once(socket, 'close');

    expect(answer.split('\r\n')[0]).toBe('HTTP/1.1 408 Request Timeout');
    expect((await site.send(webhookBody())).status).toBe(200);
  });
});

describe('the place where webhooks come in', () => {
  test('says that it is there, and nothing else to who does not know', async () => {
    const site = await start();

    const healthy = await fetch(`${site.url}/alerts/healthz`);
    const others = ['/', '/alerts', '/alerts/alertmanager/main', '/alerts/pagerduty', '/metrics'];
    const answers = await Promise.all(others.map((path) => fetch(site.url + path)));
    const broken = await fetch(`${site.url}/alerts/alertmanager/%E0%A4%A`, { method: 'POST' });

    expect([healthy.status, await healthy.text()]).toEqual([200, 'ok\n']);
    expect(answers.map(({ status }) => status)).toEqual(others.map(() => 404));
    expect(await answers[0]?.json()).toEqual({ error: 'There is nothing here.' });
    expect(broken.status).toBe(400);
    expect(await broken.json()).toEqual({ error: expect.stringContaining('broken') });
    expect(healthy.headers.get('x-powered-by')).toBeNull();
  });

  test('gives PagerDuty its exact bytes', async () => {
    const bodies: string[] = [];
    const site = await start({
      pagerduty: (request, response) => {
        bodies.push(request.body.toString('hex'));
        response.status(202).end();
      },
    });

    const post = (body: NonNullable<RequestInit['body']>) =>
      fetch(`${site.url}/alerts/pagerduty`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      });
    const statuses = [await post('{"a" :  1}'), await post(Buffer.from([0, 255, 128])), await post('')];

    expect(statuses.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(bodies).toEqual([Buffer.from('{"a" :  1}').toString('hex'), '00ff80', '']);
  });

  test('says nothing of its inside when something is wrong with it', async () => {
    const site = await start({
      pagerduty: () => {
        throw new RangeError('the secret path /etc/slipway');
      },
    });

    const response = await fetch(`${site.url}/alerts/pagerduty`, { method: 'POST', body: 'x' });

    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ error: 'Something went wrong here.' });
    expect(site.lines).toMatchObject([{ level: 50, stack: expect.stringContaining('RangeError') }]);
  });

  test('refuses to share its port', async () => {
    const site = await start();
    const port = Number(new URL(site.url).port);

    const second = ingestSite(store.pool, { config: { listen: { host: '127.0.0.1', port } } });

    await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  test('finishes what is under way when it is closed', async () => {
    const site = await ingestSite(store.pool);
    const body = JSON.stringify(webhookBody());
    const socket = connect(Number(new URL(site.url).port), '127.0.0.1');
    const said: string[] = [];
    socket.on('data', (chunk) => said.push(chunk.toString()));
    socket.write(
      `POST /alerts/alertmanager/main HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token-of-main\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    await until('it has begun', () => said.join('').includes('100 Continue'));

    const closed = site.close();
    socket.write(body);
    await closed;

    expect(said.join('')).toContain('HTTP/1.1 200 OK');
    expect(await countOf(store.pool, 'alerts')).toBe(1);
    await expect(fetch(site.url)).rejects.toThrow();
  });
});
