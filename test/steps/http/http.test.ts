import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Secret } from '../../../src/secret.ts';
import { httpRequest } from '../../../src/steps/http/http.ts';
import { checking, contextOf, contract, failureOf } from '../contract.ts';

const token = new Secret('API_TOKEN', 'tok-5f0c9d1e7a');
const posted: string[] = [];
let server: Server;
let base: string;

beforeAll(async () => {
  server = createServer(answering);
  base = `http://127.0.0.1:${await listen(server)}`;
});

afterAll(() => closed(server));

contract(httpRequest, { first: 'satisfied', last: 'satisfied' }, async () => ({
  // The server echoes the token, as careless servers do.
  wanted: {
    url: `${base}/echo?x=1`,
    headers: { authorization: token },
    expect: { status: 200, json: { 'headers.authorization': { exists: true } } },
  },
  hung: (port) => ({ wanted: { url: `http://127.0.0.1:${port}/`, headers: { authorization: token } } }),
  snapshot: async () => [...posted],
  close: async () => {},
}));

describe('http/request', () => {
  test('a POST is never sent by a check, and judged when applied', async () => {
    const wanted = httpRequest.with.parse({
      method: 'POST',
      url: `${base}/post`,
      json: { secret: token, list: [1, token] },
      expect: { status: 201 },
    });
    const before = posted.length;

    const check = await httpRequest.check(wanted, contextOf());
    const sentByCheck = posted.length - before;
    const applied = await httpRequest.apply?.(wanted, contextOf());

    expect(check.is).toBe('unknown');
    expect(sentByCheck).toBe(0);
    expect(posted.at(-1)).toBe(`{"secret":"${token.reveal()}","list":[1,"${token.reveal()}"]}`);
    expect(JSON.stringify(applied)).not.toContain(token.reveal());
  });

  test('a POST that is said to be safe is a check', async () => {
    const check = await checking(httpRequest, {
      method: 'POST',
      url: `${base}/post`,
      text: 'hello',
      safe: true,
      expect: { status: [200, 201], body: { contains: 'hello' } },
    });

    expect(check.is).toBe('satisfied');
  });

  test('an applied request with another answer fails with what was found', async () => {
    const wanted = httpRequest.with.parse({ method: 'POST', url: `${base}/post`, expect: { status: 204 } });

    const failure = await failureOf(Promise.resolve(httpRequest.apply?.(wanted, contextOf())));

    expect(failure.code).toBe('not-satisfied');
    expect(failure.message).toBe(`POST ${base}/post gave status 201 instead of 204.`);
  });

  test('an address takes the place of what the name resolves to, and the name is still asked for', async () => {
    const { port } = new URL(base);

    const check = await checking(httpRequest, {
      url: `http://shop.invalid:${port}/echo`,
      address: '127.0.0.1',
      expect: { json: { 'headers.host': { equals: `shop.invalid:${port}` } } },
    });

    expect(check).toMatchObject({ is: 'satisfied', evidence: [{ of: `shop.invalid:${port} at 127.0.0.1` }] });
  });

  test.each([
    [{ status: 404 }, 'status 200 instead of 404'],
    [{ headers: { 'X-Kind': 'b' } }, 'header X-Kind "a" instead of "b"'],
    [{ headers: { 'x-kind': { matches: '^z' } } }, 'header x-kind "a" instead of a match of /^z/'],
    [{ headers: { 'x-none': 'b' } }, 'no header x-none'],
    [{ body: { contains: 'nothing like it' } }, 'a body without "nothing like it"'],
    [{ json: { 'list[1].n': { equals: 3 } } }, 'list[1].n 2 instead of 3'],
    [{ json: { 'list[0].n': { min: 5 } } }, 'list[0].n 1 instead of at least 5'],
    [{ json: { 'list[5].n': { exists: true } } }, 'list[5].n missing instead of any value'],
    [{ json: { list: { exists: false } } }, 'instead of none'],
    [{ json: { list: { length: 3 } } }, 'instead of a list of 3'],
    [{ json: { word: { matches: '^x' } } }, 'word "abc" instead of a match of /^x/'],
  ])('an answer that misses %o is told', async (expected, says) => {
    const check = await checking(httpRequest, { url: `${base}/json`, expect: expected });

    expect(check).toMatchObject({ is: 'unsatisfied', because: expect.stringContaining(says) });
  });

  test('all expectations met at once', async () => {
    const check = await checking(httpRequest, {
      url: `${base}/json`,
      expect: {
        headers: { 'x-kind': 'a', 'content-type': { matches: '^application/json' } },
        json: {
          'list[1].n': { equals: 2 },
          word: { matches: '^a' },
          list: { length: 2 },
          none: { exists: false },
        },
        latency: '5s',
      },
    });

    expect(check.is).toBe('satisfied');
  });

  test('a slow answer is told with its latency', async () => {
    const check = await checking(httpRequest, { url: `${base}/slow`, expect: { latency: '50ms' } });

    expect(check).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringMatching(/\d{3} ms instead of at most 50 ms/),
    });
  });

  test('a redirect is an answer of its own unless it is to be followed', async () => {
    const seen = await checking(httpRequest, {
      url: `${base}/moved`,
      expect: { status: 302, headers: { location: '/json' } },
    });
    const followed = await checking(httpRequest, { url: `${base}/moved`, follow: true });

    expect(seen.is).toBe('satisfied');
    expect(followed.is).toBe('satisfied');
  });

  test('credentials do not follow a redirect to another origin', async () => {
    const check = await checking(httpRequest, {
      url: `${base}/elsewhere`,
      headers: { authorization: token },
      follow: true,
      expect: { json: { 'headers.authorization': { exists: false } } },
    });

    expect(check.is).toBe('satisfied');
  });

  test('of a secret address only the origin is shown', async () => {
    const check = await checking(httpRequest, {
      url: new Secret('HOOK', `${base}/json?key=s3cr3t`),
      expect: { status: 500 },
    });

    expect(JSON.stringify(check)).toContain(`GET ${base}/…`);
    expect(JSON.stringify(check)).not.toContain('s3cr3t');
  });

  test('an endless body is cut', async () => {
    const check = await checking(httpRequest, { url: `${base}/endless` });

    expect(check.is).toBe('satisfied');
    expect(JSON.stringify(check).length).toBeLessThan(5_000);
  });

  test.each([
    ['a closed port', 'http://127.0.0.1:1/', 'connection-refused'],
    ['an unknown host', 'http://no-such-host.invalid/', 'host-not-found'],
    ['a connection cut in the answer', '/cut', 'connection-refused'],
    ['an address that is no URL', 'softfactory/health', 'config-invalid'],
  ])('%s is told as what it is', async (_, url, code) => {
    const failure = await failureOf(checking(httpRequest, { url: url.startsWith('/') ? base + url : url }));

    expect(failure.code, failure.message).toBe(code);
  });
});

describe('http/request over TLS', () => {
  let dir: string;
  let tls: Server;
  let port: number;
  let certificate: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-tls-'));
    const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const kind = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
    ];
    await promisify(execFile)('openssl', [...kind, ...subject, '-keyout', key, '-out', cert]);
    certificate = await readFile(cert, 'utf8');
    tls = createTlsServer({ key: await readFile(key), cert: certificate }, answering);
    port = await listen(tls);
  });

  afterAll(async () => {
    await closed(tls);
    await rm(dir, { recursive: true, force: true });
  });

  test('an unknown certificate is refused, and trusted when its CA is named', async () => {
    const failure = await failureOf(checking(httpRequest, { url: `https://127.0.0.1:${port}/json` }));
    const check = await checking(httpRequest, { url: `https://127.0.0.1:${port}/json`, ca: certificate });

    expect(failure.code).toBe('tls-failed');
    expect(failure.message).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(check.is).toBe('satisfied');
  });

  test('a port that does not speak TLS is told as such', async () => {
    const failure = await failureOf(
      checking(httpRequest, { url: `${base.replace('http:', 'https:')}/json` }),
    );

    expect(failure.code, failure.message).toBe('tls-failed');
  });
});

const answering: RequestListener = async (request, response) => {
  const path = (request.url ?? '/').split('?')[0];
  if (path === '/echo') return void response.end(JSON.stringify({ headers: request.headers }));
  if (path === '/post') {
    posted.push(await bodyOf(request));
    return void response.writeHead(201).end(posted.at(-1));
  }
  if (path === '/json') {
    response.writeHead(200, { 'content-type': 'application/json', 'x-kind': 'a' });
    return void response.end(JSON.stringify({ word: 'abc', list: [{ n: 1 }, { n: 2 }] }));
  }
  if (path === '/moved') return void response.writeHead(302, { location: '/json' }).end();
  if (path === '/elsewhere') {
    return void response.writeHead(302, { location: `${base.replace('127.0.0.1', 'localhost')}/echo` }).end();
  }
  if (path === '/slow') return void setTimeout(() => response.end('late'), 150);
  if (path === '/cut') {
    response.writeHead(200, { 'content-length': 100 }).write('half');
    return void setTimeout(() => request.socket.resetAndDestroy(), 20);
  }
  if (path === '/endless') {
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
    };
    response.on('drain', more);
    return more();
  }
  response.writeHead(404).end();
};

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function listen(one: Server): Promise<number> {
  one.listen(0, '127.0.0.1');
  await once(one, 'listening');
  const address = one.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

async function closed(one: Server): Promise<void> {
  one.closeAllConnections();
  await new Promise((settle) => one.close(settle));
}
