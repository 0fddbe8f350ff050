import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { tlsProtocols } from '../../../src/steps/tls/tls-protocols.ts';
import { checking, contract, failureOf } from '../contract.ts';
import { type Issued, startAuthority } from './certificates.ts';
import { startTlsServer } from './tls-server.ts';

const modern = 'ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305';

describe('tls/protocols', () => {
  let dir: string;
  let issued: Issued;
  const closers: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-tls-'));
    const authority = await startAuthority(dir);
    issued = await authority.issue({ names: ['shop.example'] });
  });

  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  afterAll(() => rm(dir, { recursive: true, force: true }));

  const check = async (options: TlsOptions, more: object = {}) => {
    const server = await startTlsServer({ ...issued, ...options });
    closers.push(server.close);
    return checking(tlsProtocols, { address: server.address, servername: 'shop.example', ...more });
  };

  contract(tlsProtocols, { first: 'satisfied', last: 'satisfied' }, async () => {
    const server = await startTlsServer({ ...issued, ciphers: modern, minVersion: 'TLSv1.2' });
    return {
      wanted: { address: server.address },
      hung: (port) => ({ wanted: { address: '127.0.0.1', port } }),
      snapshot: async () => 'nothing of it can change',
      close: server.close,
    };
  });

  test('a modern server passes, each refusal by its own alert', async () => {
    const checked = await check({ ciphers: modern, minVersion: 'TLSv1.2' });

    expect(checked).toMatchObject({
      is: 'satisfied',
      evidence: [
        {
          asked: 'handshake with TLSv1.2',
          answered: expect.stringContaining('accepted: TLSv1.2, ECDHE-RSA-'),
        },
        { asked: 'handshake with TLSv1.3', answered: expect.stringContaining('accepted: TLSv1.3, TLS_') },
        {
          asked: 'handshake with TLSv1',
          answered: expect.stringMatching(/^refused with the alert .*PROTOCOL_VERSION/),
        },
        {
          asked: 'handshake with TLSv1.1',
          answered: expect.stringMatching(/^refused with the alert .*PROTOCOL_VERSION/),
        },
        { asked: expect.stringContaining('TLS 1.2 with MD5, SHA1'), answered: 'refused' },
      ],
    });
  });

  test('a server that does accept TLS 1.0 and 1.1 is found', async () => {
    const checked = await check({ ciphers: 'ALL:@SECLEVEL=0', minVersion: 'TLSv1' }, { ciphers: [] });

    expect(checked).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringMatching(
        /^127.* accepts TLSv1, which is to be refused\. 127.* accepts TLSv1\.1, which is to be refused\.$/,
      ),
    });
  });

  test('a server without TLS 1.3 is found', async () => {
    const checked = await check({ ciphers: modern, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' });

    expect(checked).toMatchObject({
      because: expect.stringMatching(
        /does not accept TLSv1\.3 \(refused with the alert .*PROTOCOL_VERSION\)\.$/,
      ),
    });
  });

  test('every weak suite is named', async () => {
    const weak = ['ECDHE-RSA-AES128-SHA', 'ECDHE-RSA-AES256-SHA384', 'AES128-GCM-SHA256'];

    const checked = await check({ ciphers: `${modern}:${weak.join(':')}`, minVersion: 'TLSv1.2' });

    const because: unknown = Reflect.get(checked, 'because');
    expect(because).toMatch(/accepts the weak cipher suites/);
    for (const name of weak) expect(because).toContain(name);
    expect(because).not.toContain('ECDHE-RSA-AES128-GCM');
  });

  test('suites that cannot be offered from here are not taken for refused', async () => {
    const some = await check({ ciphers: modern, minVersion: 'TLSv1.2' }, { ciphers: ['RC4', 'SHA1'] });
    const none = await failureOf(check({ ciphers: modern }, { ciphers: ['RC4'] }));

    expect(some).toMatchObject({ is: 'satisfied' });
    expect(JSON.stringify(some)).toContain('refused; not known here and so not offered: RC4');
    expect(none.code).toBe('config-invalid');
  });

  test('a server that hangs up on everything has refused nothing', async () => {
    const server = createServer((socket) => void socket.once('data', () => socket.destroy())).listen(
      0,
      '127.0.0.1',
    );
    await once(server, 'listening');
    const at = server.address();
    const port = typeof at === 'object' ? at?.port : 0;

    const checked = await checking(tlsProtocols, { address: '127.0.0.1', port, ciphers: [] });
    await new Promise((settle) => server.close(settle));

    expect(checked).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringMatching(
        /does not accept TLSv1\.2 \(closed without an alert\)\..*instead of refusing TLSv1,/,
      ),
    });
  });
});
