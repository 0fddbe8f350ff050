import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type DebianHost, startHost } from '../../../rehearsal/host/host.ts';
import { Secret } from '../../../src/secret.ts';
import { tlsFiles } from '../../../src/steps/tls/tls-files.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contract } from '../contract.ts';
import { type Authority, type Issued, startAuthority } from './certificates.ts';

const names = ['shop.example', 'www.shop.example'];

describeWith('debian-host', 'tls/files', () => {
  let dir: string;
  let debian: DebianHost;
  let authority: Authority;
  let good: Issued;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-tls-files-'));
    authority = await startAuthority(join(dir, 'ca'));
    good = await authority.issue({ names, by: authority.between });
    debian = await startHost({ dir: join(dir, 'host') });
    await debian.shell('apt-get install -y -qq openssl >/dev/null 2>&1');
  }, 600_000);

  afterAll(async () => {
    await debian?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const install = (certificate: string, key: string) =>
    debian.shell(`umask 077
cat >/etc/ssl/private/shop.key <<'END'
${key}END
cat >/etc/ssl/certs/shop.crt <<'END'
${certificate}END
chmod 644 /etc/ssl/certs/shop.crt`);
  const wanting = (more: object = {}) => ({
    host: 'web',
    certificate: '/etc/ssl/certs/shop.crt',
    key: '/etc/ssl/private/shop.key',
    names,
    ca: authority.root.cert,
    ...more,
  });
  const check = (more: object = {}) => checking(tlsFiles, wanting(more), { hosts: { web: debian.host } });

  beforeEach(() => install(good.cert + authority.between.cert, good.key));

  contract(tlsFiles, { first: 'satisfied', last: 'satisfied' }, async () => {
    await install(good.cert + authority.between.cert, good.key);
    return {
      wanted: wanting({ ca: new Secret('OWN_CA', authority.root.cert) }),
      hung: (port) => ({
        wanted: wanting(),
        context: { hosts: { web: { ...debian.host, address: '127.0.0.1', port } } },
      }),
      context: { hosts: { web: debian.host } },
      snapshot: () => debian.shell('ls -la --time-style=full-iso /etc/ssl/certs/shop.crt /etc/ssl/private'),
      close: async () => {},
    };
  });

  test('a good pair is described, and the key is not', async () => {
    const checked = await check();

    expect(checked).toMatchObject({
      is: 'satisfied',
      evidence: [
        {
          answered: expect.stringMatching(
            /^subject: shop\.example\n(.*\n)*chain: shop\.example ← Own Intermediate\nprivate key: mode 0600, root:root$/,
          ),
        },
      ],
    });
    expect(JSON.stringify(checked)).not.toContain('PRIVATE');
  });

  test('a key that everybody may read is named', async () => {
    await debian.shell('chmod 644 /etc/ssl/private/shop.key');

    expect(await check()).toMatchObject({
      because: expect.stringMatching(/shop\.key on .* has mode 0644 and so is open/),
    });
  });

  test('a key of another certificate, and one with a passphrase, are named', async () => {
    const other = await authority.issue({ names });
    await install(good.cert + authority.between.cert, other.key);
    const foreign = await check();
    await debian.shell(
      `cd /etc/ssl/private && openssl pkey -in shop.key -aes256 -passout pass:x -out locked && mv locked shop.key`,
    );
    const locked = await check();

    expect(foreign).toMatchObject({
      because: expect.stringMatching(/^The private key .* does not belong to the certificate .*shop\.crt\.$/),
    });
    expect(locked).toMatchObject({
      because: expect.stringContaining('no private key that can be read without a passphrase'),
    });
  });

  test('a missing intermediate, a wrong order and a self-signed certificate are told apart', async () => {
    const own = await authority.issue({ names, by: 'itself' });
    await install(good.cert, good.key);
    const alone = await check();
    await install(good.cert + authority.root.cert + authority.between.cert, good.key);
    const disordered = await check();
    await install(own.cert, own.key);
    const selfSigned = await check();

    expect(alone).toMatchObject({
      because: expect.stringMatching(
        /ends with shop\.example, whose issuer Own Intermediate is no trusted root; add the intermediate/,
      ),
    });
    expect(disordered).toMatchObject({
      because: expect.stringMatching(
        /wrong order: shop\.example is not issued by Own Root, which follows it/,
      ),
    });
    expect(selfSigned).toMatchObject({ because: expect.stringContaining('is self-signed') });
  });

  test('names and dates are judged as in a handshake', async () => {
    const late = await authority.issue({ names: ['shop.example'], to: 3.5 });
    await install(late.cert, late.key);

    expect(await check()).toMatchObject({
      because: expect.stringMatching(
        /is valid for 3 more days .* does not cover www\.shop\.example; it is for shop\.example\.$/,
      ),
    });
  });

  test('files that are missing or damaged are named', async () => {
    const noKey = await check({ key: '/etc/ssl/private/none.key' });
    const noCertificate = await check({ certificate: '/etc/ssl/none.crt' });
    await install('nothing\n', good.key);
    const empty = await check();

    expect(noKey).toMatchObject({
      because: expect.stringMatching(/^There is no private key file \/etc\/ssl\/private\/none\.key on /),
    });
    expect(noCertificate).toMatchObject({
      because: expect.stringMatching(/^There is no certificate file \/etc\/ssl\/none\.crt on /),
    });
    expect(empty).toMatchObject({ because: expect.stringContaining('holds no certificate in PEM form') });
  });
});
