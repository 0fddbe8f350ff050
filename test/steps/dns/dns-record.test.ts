import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dnsRecord } from '../../../src/steps/dns/dns-record.ts';
import { checking, contextOf, contract, failureOf } from '../contract.ts';
import { type DnsServer, startDnsServer } from './dns-server.ts';

describe('dns/record', () => {
  let server: DnsServer;

  beforeAll(async () => {
    server = await startDnsServer({
      'shop.example': { A: ['192.0.2.1', '192.0.2.2'], AAAA: ['2001:db8::1'] },
      'www.shop.example': { CNAME: ['Shop.example'] },
      'broken.example': null,
    });
  });

  afterAll(() => server.close());

  const check = (wanted: object) => checking(dnsRecord, { resolver: server.address, ...wanted });

  contract(dnsRecord, { first: 'satisfied', last: 'satisfied' }, async () => ({
    wanted: { name: 'shop.example', resolver: server.address },
    snapshot: async () => 'nothing of it can change',
    close: async () => {},
  }));

  test.each([
    ['an address among others', { name: 'shop.example', contains: '192.0.2.2' }],
    ['all addresses in any order', { name: 'shop.example', equals: ['192.0.2.2', '192.0.2.1'] }],
    [
      'an IPv6 address in another spelling',
      { name: 'shop.example', type: 'AAAA', equals: ['2001:DB8:0::0001'] },
    ],
    [
      'a name in capitals with a dot at its end',
      { name: 'www.shop.example', type: 'CNAME', equals: ['SHOP.example.'] },
    ],
    ['any address', { name: 'shop.example' }],
  ])('%s is found', async (_, wanted) => {
    expect(await check(wanted)).toMatchObject({ is: 'satisfied', evidence: [{ of: server.address }] });
  });

  test.each([
    [
      'another address',
      { name: 'shop.example', contains: '192.0.2.9' },
      /are 192\.0\.2\.1, 192\.0\.2\.2 according to .*, wanted is 192\.0\.2\.9 among them\.$/,
    ],
    [
      'an address too many',
      { name: 'shop.example', equals: ['192.0.2.1'] },
      /wanted is exactly 192\.0\.2\.1\.$/,
    ],
    [
      'an address too few',
      { name: 'shop.example', equals: ['192.0.2.1', '192.0.2.2', '192.0.2.3'] },
      /wanted is exactly/,
    ],
    [
      'a name that does not exist',
      { name: 'none.example', contains: '192.0.2.1' },
      /^none\.example does not exist according to/,
    ],
    [
      'a type that the name lacks',
      { name: 'www.shop.example', type: 'AAAA' },
      /^www\.shop\.example exists, but not with this type/,
    ],
  ])('%s is told', async (_, wanted, told) => {
    expect(await check(wanted)).toMatchObject({ is: 'unsatisfied', because: expect.stringMatching(told) });
  });

  test('a name server that fails, one that is not there and one that says nothing are failures', async () => {
    const gone = createSocket('udp4').bind(0, '127.0.0.1');
    await once(gone, 'listening');
    const resolver = `127.0.0.1:${gone.address().port}`;
    await new Promise<void>((settle) => gone.close(() => settle()));
    const silent = await startDnsServer();

    const failed = await failureOf(check({ name: 'broken.example' }));
    const missing = await failureOf(check({ name: 'shop.example', resolver }));
    const unheard = await failureOf(check({ name: 'shop.example', resolver: silent.address }));
    await silent.close();

    expect(failed.code).toBe('command-failed');
    expect(missing.code).toBe('connection-refused');
    expect(unheard.code).toBe('timed-out');
    expect(unheard.message).toContain(`${silent.address}, asked for shop.example, does not answer`);
  });

  test('abort stops it at once where the name server says nothing', async () => {
    const silent = await startDnsServer();
    const parameters = dnsRecord.with.parse({ name: 'shop.example', resolver: silent.address });
    const controller = new AbortController();

    const began = performance.now();
    const looking = failureOf(dnsRecord.check(parameters, contextOf({ signal: controller.signal })));
    controller.abort(new DOMException('stopped', 'AbortError'));
    const stopped = await looking;
    const took = performance.now() - began;
    const late = await failureOf(dnsRecord.check(parameters, contextOf({ signal: AbortSignal.timeout(50) })));
    await silent.close();

    expect([stopped.code, late.code]).toEqual(['aborted', 'timed-out']);
    expect(took).toBeLessThan(10_000);
  });

  test('a name server is given as an address', () => {
    const given = (resolver: string) => dnsRecord.with.safeParse({ name: 'shop.example', resolver }).success;

    expect(['192.0.2.53', '192.0.2.53:5353', '[2001:db8::53]:53', '2001:db8::53'].map(given)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(['dns.example', '192.0.2.53:x', ''].map(given)).toEqual([false, false, false]);
  });
});
