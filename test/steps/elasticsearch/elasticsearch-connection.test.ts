import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Elasticsearch, startElasticsearch } from '../../../rehearsal/elasticsearch/elasticsearch.ts';
import { freePort } from '../../../rehearsal/world/free-port.ts';
import { Secret } from '../../../src/secret.ts';
import { withElasticsearch } from '../../../src/steps/elasticsearch/elasticsearch-connection.ts';
import { failureOf } from '../contract.ts';

const run = promisify(execFile);
const signal = () => AbortSignal.timeout(20_000);

let server: Elasticsearch;

beforeAll(async () => {
  server = await startElasticsearch({ password: 'ela5tic pa55/@' });
});

afterAll(() => server.stop());

function asked(url: string | Secret, ca?: string, stop = signal()) {
  return withElasticsearch({ url, ca }, stop, async ({ client, where }) => ({
    where,
    ...(await client.info()),
  }));
}

/** Asks a server that answers every request in the same way. */
async function answeredBy(listener: RequestListener) {
  const other = createServer(listener);
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = address && typeof address === 'object' ? address.port : 0;
  const failure = await failureOf(asked(`http://elastic:secret@127.0.0.1:${port}`));
  other.closeAllConnections();
  await new Promise((settle) => other.close(settle));
  return failure;
}

function refusing(status: number, type: string): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { type, reason: 'because', root_cause: [] }, status }));
  };
}

test('a password with any characters in it is understood, and is in no place name', async () => {
  const { where, version } = await asked(new Secret('ELASTICSEARCH_URL', server.url));

  expect(where).toBe(`elastic@127.0.0.1:${server.port}`);
  expect(version.number).toBe('8.19.1');
});

test.each([
  ['a wrong password', () => `http://elastic:hunter2@127.0.0.1:${server.port}`],
  ['no password', () => `http://127.0.0.1:${server.port}`],
])('%s is told without repeating it', async (_, url) => {
  const failure = await failureOf(asked(url()));

  expect(failure.code).toBe('authentication-failed');
  expect(failure.message).toMatch(/refused the user name or password; correct it in the environment/);
  expect(failure.message).not.toContain('hunter2');
});

test('an address that is none is told without repeating it', async () => {
  const failures = await Promise.all(
    ['elastic:hunter2', 'redis://:hunter2@127.0.0.1'].map((url) => failureOf(asked(url))),
  );

  for (const failure of failures) {
    expect(failure.code).toBe('config-invalid');
    expect(failure.message).not.toContain('hunter2');
  }
});

test('a port on which nothing listens, and a host that does not resolve', async () => {
  const refused = await failureOf(asked(`http://127.0.0.1:${await freePort()}`));
  const unknown = await failureOf(asked('http://elastic:a@nowhere.invalid:9200'));

  expect(refused.code).toBe('connection-refused');
  expect(unknown.code).toBe('host-not-found');
  expect(unknown.message).toMatch(/^Elasticsearch at elastic@nowhere\.invalid:9200 /);
});

test('a server that is no Elasticsearch', async () => {
  const page = await answeredBy((_request, response) => response.end('<html></html>'));
  const missing = await answeredBy((_request, response) => response.writeHead(404).end('not here'));

  for (const failure of [page, missing]) {
    expect(failure.code).toBe('config-invalid');
    expect(failure.message).toMatch(/answers, but is no Elasticsearch; correct the address/);
  }
});

test.each([
  [403, 'security_exception', 'permission-denied'],
  [403, 'cluster_block_exception', 'permission-denied'],
  [429, 'cluster_block_exception', 'disk-full'],
  [429, 'es_rejected_execution_exception', 'unavailable'],
  [503, 'master_not_discovered_exception', 'unavailable'],
  [404, 'index_not_found_exception', 'not-found'],
  [400, 'parsing_exception', 'config-refused'],
  [500, 'null_pointer_exception', 'command-failed'],
])('status %i with %s is the reason %s', async (status, type, code) => {
  const failure = await answeredBy(refusing(status, type));

  expect(failure.code).toBe(code);
  expect(failure.message).toContain(`${type}: because`);
});

test('a connection that is cut before the answer', async () => {
  const failure = await answeredBy((request) => void request.socket.destroy());

  expect(failure.code).toBe('connection-refused');
  expect(failure.message).toContain('closed the connection');
});

test('an answer that does not come within the time limit', async () => {
  server.slow(2_000);

  const failure = await failureOf(asked(server.url, undefined, AbortSignal.timeout(100)));
  server.slow(0);

  expect(failure.code).toBe('timed-out');
});

test('a certificate is trusted only with its CA, and https is not spoken to a server without it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-es-tls-'));
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const name = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const made = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
  ];
  await run('openssl', [...made, ...name, '-keyout', key, '-out', cert]);
  const tls = { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
  await rm(dir, { recursive: true });
  const secure = await startElasticsearch({ password: 'a', tls });

  const unknown = await failureOf(asked(secure.url));
  const known = await asked(secure.url, tls.cert);
  const none = await failureOf(asked(secure.url, 'not a certificate'));
  const plain = await failureOf(asked(server.url.replace('http:', 'https:')));
  const cut = await failureOf(asked(secure.url.replace('https:', 'http:')));
  await secure.stop();

  expect(unknown.code).toBe('tls-failed');
  expect(unknown.message).toMatch(/has a certificate that is not trusted here .* name its CA/);
  expect(known.version.number).toBe('8.19.1');
  expect(none.code).toBe('config-invalid');
  expect(plain.code).toBe('tls-failed');
  expect(cut.code).toBe('connection-refused');
});
