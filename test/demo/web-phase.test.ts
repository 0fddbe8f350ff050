import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAuthority } from '../steps/tls/certificates.ts';
import { describeWith } from '../support/parts.ts';
import { type Rehearsed, startRehearsed } from './rehearsed.ts';

const version = 'v2.4.1';
const limit = 300_000;

describeWith('git', "the web site of the demo's plan", () => {
  let rehearsed: Rehearsed;

  beforeAll(async () => {
    rehearsed = await startRehearsed();
    await rehearsed.run(version, ['host/packages', 'web']);
  }, limit);

  afterAll(() => rehearsed?.stop());

  const look = (step: string) => rehearsed.look(version, step);
  const repaired = (...parts: string[]) => rehearsed.run(version, parts);

  test('a site that nginx refuses leaves the former one running', async () => {
    await rehearsed.shell(`echo 'listn 80;' >/etc/nginx/sites-enabled/other`);

    const found = await look('web/site');
    const served = await look('web/health');
    await rehearsed.shell('rm /etc/nginx/sites-enabled/other');
    await repaired('web/site');

    expect(found).toContain('unknown directive "listn" in /etc/nginx/sites-enabled/other:1');
    expect(served).toBe('satisfied');
    expect(await look('web/site')).toBe('satisfied');
  });

  test(
    'a certificate that expired is found, in its file and in the handshake',
    async () => {
      const dir = await mkdtemp(join(tmpdir(), 'slipway-expired-'));
      const authority = await startAuthority(dir);
      const { cert, key } = await authority.issue({ names: ['softfactory.example'], from: -90, to: -1 });
      await rm(dir, { recursive: true, force: true });
      await rehearsed.shell(`cat >/etc/ssl/certs/softfactory.example.crt <<'END'
${cert}END
cat >/etc/ssl/private/softfactory.example.key <<'END'
${key}END
systemctl reload nginx.service
sleep 1`);

      const found = [await look('web/files'), await look('web/tls')];
      await repaired('web/certificate', 'web/key', 'web/site');

      expect(found[0]).toMatch(/softfactory\.example\.crt on .* expired on/);
      expect(found[1]).toMatch(/shows for softfactory\.example expired on/);
      expect([await look('web/files'), await look('web/tls')]).toEqual(['satisfied', 'satisfied']);
    },
    limit,
  );

  test('a web server that accepts TLS 1.1 is found', async () => {
    await rehearsed.shell(`cd /etc/nginx/sites-available
sed -i -e 's/ssl_protocols .*/ssl_protocols TLSv1.1 TLSv1.2 TLSv1.3;/' -e 's/ssl_ciphers .*/ssl_ciphers ALL:@SECLEVEL=0;/' softfactory
systemctl reload nginx.service
sleep 1`);

    const found = await look('web/protocols');
    await repaired('web/site');

    expect(found).toContain('accepts TLSv1.1, which is to be refused');
    expect(await look('web/protocols')).toBe('satisfied');
  });

  test('a port that is closed is found', async () => {
    await rehearsed.shell('systemctl stop nginx.service');

    const found = [await look('web/site'), await look('web/health'), await look('web/tls')];
    await repaired('web/site');

    expect(found[0]).toContain('nginx does not run');
    expect(found[1]).toMatch(/refuses? connections|refused/);
    expect(found[2]).toMatch(/refuses? connections|refused/);
    expect(await look('web/health')).toBe('satisfied');
  });

  test('a name that leads elsewhere is found', async () => {
    rehearsed.world.pointNames('203.0.113.99');

    const found = await look('web/dns');
    rehearsed.world.pointNames('127.0.0.1');

    expect(found).toContain('203.0.113.99');
    expect(await look('web/dns')).toBe('satisfied');
  });
});
