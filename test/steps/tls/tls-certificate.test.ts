import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, type TlsOptions } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../../rehearsal/world/free-port.ts';
import { Secret } from '../../../src/secret.ts';
import { tlsCertificate } from '../../../src/steps/tls/tls-certificate.ts';
import { checking, contract, failureOf } from '../contract.ts';
import { type Authority, type Issued, startAuthority } from './certificates.ts';
import { startTlsServer } from './tls-server.ts';

const names = ['shop.example', 'www.shop.example'];

describe('tls/certificate', () => {
  let dir: string;
  let authority: Authority;
  let good: Issued;
  const closers: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-tls-'));
    authority = await startAuthority(dir);
    good = await authority.issue({ names, by: authority.between });
  });

  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  afterAll(() => rm(dir, { recursive: true, force: true }));

  const check = async (options: TlsOptions, more: object = {}) => {
    // The server's side is to take even what is too weak for the other.
    const server = await startTlsServer({ ciphers: 'DEFAULT@SECLEVEL=0', ...options });
    closers.push(server.close);
    return checking(tlsCertificate, { address: server.address, names, ca: authority.root.cert, ...more });
  };
  const full = ({ cert, key }: Issued) => ({ cert: cert + authority.between.cert, key });

  contract(tlsCertificate, { first: 'satisfied', last: 'satisfied' }, async () => {
    const server = await startTlsServer(full(good));
    const ca = new Secret('OWN_CA', authority.root.cert);
    return {
      wanted: { address: server.address, names, ca },
      hung: (port) => ({ wanted: { address: '127.0.0.1', port, names } }),
      snapshot: async () => 'nothing of it can change',
      close: server.close,
    };
  });

  test('a good certificate is described in the evidence, once for each name', async () => {
    const checked = await check(full(good));

    expect(checked).toMatchObject({
      is: 'satisfied',
      evidence: [
        {
          asked: 'TLS handshake for shop.example',
          answered: expect.stringMatching(
            /subject: shop\.example\nissuer: Own Intermediate\nnames: shop\.example, www\.shop\.example\nvalid: .* to .*\nkey: RSA 2048 bits\n.*\nchain: shop\.example ← Own Intermediate ← Own Root\ntrusted, TLSv1\.3/,
          ),
        },
        { asked: 'TLS handshake for www.shop.example' },
      ],
    });
  });

  test.each([
    ['an expired certificate', { to: -0.5, from: -30 }, /expired on/],
    ['one that is not valid yet', { from: 2 }, /is not valid before/],
    ['one that ends soon', { to: 5.5 }, /is valid for 5 more days \(until .*\), wanted are at least 21\./],
    [
      'a name that is missing',
      { names: ['shop.example'] },
      /for www\.shop\.example does not cover www\.shop\.example; it is for shop\.example\./,
    ],
    [
      'a short key',
      { bits: 1024 },
      /has a key of RSA 1024 bits, wanted are RSA with 2048 bits or more, or EC\./,
    ],
    ['a signature with SHA-1', { digest: 'sha1' as const }, /is signed with SHA-1, which can be forged/],
  ])('%s is told', async (_, wish, told) => {
    const issued = await authority.issue({ names, by: authority.between, ...wish });

    const checked = await check(full(issued));

    expect(checked).toMatchObject({ is: 'unsatisfied', because: expect.stringMatching(told) });
    expect(sentences(checked)).toHaveLength(_ === 'a name that is missing' ? 1 : 2);
  });

  test('a missing intermediate, a private root and a self-signed certificate are told apart', async () => {
    const selfSigned = await authority.issue({ names, by: 'itself' });

    const alone = await check(good);
    const unknown = await check(
      { cert: good.cert + authority.between.cert + authority.root.cert, key: good.key },
      { ca: undefined },
    );
    const rootless = await check(full(good), { ca: undefined });
    const own = await check(selfSigned);

    expect(alone).toMatchObject({
      because: expect.stringMatching(/comes alone, without the intermediate certificate of Own Intermediate/),
    });
    expect(unknown).toMatchObject({
      because: expect.stringMatching(/leads to the root Own Root, which is not trusted here/),
    });
    expect(rootless).toMatchObject({
      because: expect.stringMatching(/leads to Own Root, which is not trusted here and was not shown/),
    });
    expect(own).toMatchObject({ because: expect.stringMatching(/is self-signed/) });
  });

  test('every name is asked for by itself, since a server may show another certificate for each', async () => {
    const bad = await authority.issue({ names: ['www.shop.example'], by: authority.between, to: 3 });
    const other = createSecureContext(full(bad));

    const checked = await check({
      ...full(good),
      SNICallback: (name, done) => done(null, name === 'www.shop.example' ? other : undefined),
    });

    expect(sentences(checked)).toEqual([expect.stringMatching(/shows for www\.shop\.example is valid for/)]);
  });

  test('with a name to ask for there is one handshake for all names', async () => {
    const checked = await check(full(good), { servername: 'shop.example' });
    const missed = await check(full(good), {
      servername: 'shop.example',
      names: [...names, 'api.shop.example'],
    });

    expect(checked).toMatchObject({
      is: 'satisfied',
      evidence: [{ asked: 'TLS handshake for shop.example' }],
    });
    expect(sentences(missed)).toEqual([expect.stringContaining('does not cover api.shop.example;')]);
  });

  test('an intermediate that has expired is told, although the certificate itself has not', async () => {
    const old = await authority.issue({ names: ['Old Intermediate'], isAuthority: true, from: -20, to: -10 });
    const issued = await authority.issue({ names, by: old });

    const checked = await check({ cert: issued.cert + old.cert, key: issued.key });

    expect(checked).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringMatching(/shop\.example has Old Intermediate above it, which expired on/),
    });
  });

  test('an address is covered only when the certificate names it', async () => {
    const issued = await authority.issue({ names: ['127.0.0.1'], by: authority.between });

    const covered = await check(full(issued), { names: [] });
    const missed = await check(full(good), { names: [] });

    expect(covered).toMatchObject({ is: 'satisfied' });
    expect(missed).toMatchObject({ because: expect.stringContaining('does not cover 127.0.0.1') });
  });

  test('a port on which nobody listens, and one that speaks no TLS, are failures', async () => {
    const port = await freePort();
    const refused = await failureOf(checking(tlsCertificate, { address: `127.0.0.1:${port}` }));

    const strict = await failureOf(
      check({ ...full(good), minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3', sigalgs: 'ed25519' }),
    );

    const plain = createServer(
      (socket) => void socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    ).listen(0, '127.0.0.1');
    await once(plain, 'listening');
    const at = plain.address();
    const spoken = await failureOf(
      checking(tlsCertificate, { address: '127.0.0.1', port: typeof at === 'object' ? at?.port : 0 }),
    );
    await new Promise((settle) => plain.close(settle));

    expect(refused.code).toBe('connection-refused');
    expect(strict.code).toBe('tls-failed');
    expect(spoken.code).toBe('tls-failed');
    expect(spoken.message).toContain('look whether that port speaks TLS');
  });
});

function sentences(checked: object): readonly string[] {
  const because: unknown = Reflect.get(checked, 'because');
  return typeof because === 'string' ? because.split(/(?<=\.) (?=The )/) : [];
}
