import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../../support/parts.ts';
import { failureOf } from '../contract.ts';
import { answering, openShop, type Shop } from './shop.ts';

describeWith('debian-host', 'nginx/site in trouble', () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await openShop();
  }, 600_000);

  afterAll(() => shop?.close());

  beforeEach(() => shop.reset());

  test('a site that takes a port of another program is put back, and the old site still answers', async () => {
    await shop.apply({ content: answering('before') });
    const before = await shop.snapshot();
    await shop.debian.shell(squatter);

    const failure = await failureOf(shop.apply({ content: answering('after', '    listen 443;\n') }));
    await shop.debian.shell('systemctl stop squatter');

    expect(failure.code).toBe('command-failed');
    expect(failure.message).toMatch(/cannot run with it, so everything was put back as it was: .*443/);
    expect(await shop.snapshot()).toEqual(before);
    expect(await shop.answer()).toBe('before\n');
    expect(await shop.check({ content: answering('before') })).toMatchObject({ is: 'satisfied' });
  });

  test('a stopped nginx that cannot start with the site is left as it was', async () => {
    await shop.debian.shell(`systemctl stop nginx; ${squatter}`);
    const before = await shop.snapshot();

    const failure = await failureOf(shop.apply({ content: answering('after', '    listen 443;\n') }));
    await shop.debian.shell('systemctl stop squatter');

    expect(failure.code).toBe('command-failed');
    expect(failure.message).toContain('443');
    expect(await shop.snapshot()).toEqual(before);
  });

  test('when the connection is lost in mid-apply the host finishes, and running again finds it done', async () => {
    await shop.debian.shell(slowReload);
    const applying = failureOf(shop.apply());
    await until(() => shop.debian.shell('test -L /etc/nginx/sites-enabled/shop && echo yes || true'));
    await shop.debian.shell("pkill -KILL -f '^sshd: deploy'");

    const failure = await applying;
    await shop.debian.shell('flock /run/slipway-nginx.lock true');
    await shop.debian.shell(usualReload);
    await shop.apply();

    expect(failure.code).toBe('connection-refused');
    expect(await shop.check()).toMatchObject({ is: 'satisfied' });
    expect(await shop.answer()).toBe('wanted\n');
  });

  test('when the connection is lost and then nginx cannot run with the site, the host puts the old one back', async () => {
    await shop.apply({ content: answering('before') });
    const before = await shop.snapshot();
    await shop.debian.shell(slowReload + squatter);
    const applying = failureOf(shop.apply({ content: answering('after', '    listen 443;\n') }));
    await until(() => shop.debian.shell('grep -l after /etc/nginx/sites-available/shop || true'));
    await shop.debian.shell("pkill -KILL -f '^sshd: deploy'");

    await applying;
    await shop.debian.shell(`flock /run/slipway-nginx.lock true; systemctl stop squatter; ${usualReload}`);

    expect(await shop.snapshot()).toEqual(before);
    expect(await shop.check({ content: answering('before') })).toMatchObject({ is: 'satisfied' });
  });

  test('an abort in mid-apply puts the old site back, a kill leaves whole files, and running again succeeds', async () => {
    await shop.apply({ content: answering('before') });
    const before = await shop.snapshot();
    await shop.debian.shell(slowReload);
    const controller = new AbortController();
    const aborted = failureOf(shop.apply({}, { signal: controller.signal }));
    await until(() => shop.debian.shell('grep -l wanted /etc/nginx/sites-available/shop || true'));
    controller.abort(new DOMException('stopped', 'AbortError'));
    const stopped = await aborted;
    await shop.debian.shell('flock /run/slipway-nginx.lock true');
    const afterAbort = await shop.snapshot();

    const killed = failureOf(shop.apply());
    await until(() => shop.debian.shell('grep -l wanted /etc/nginx/sites-available/shop || true'));
    await shop.debian.shell(killHolders);
    await killed;
    await shop.debian.shell(usualReload);
    const afterKill = await shop.debian.shell('cat /etc/nginx/sites-available/shop; nginx -t 2>&1');
    await shop.apply();

    expect(stopped.code).toBe('aborted');
    expect(afterAbort).toEqual(before);
    expect(afterKill).toContain(answering('wanted'));
    expect(await shop.check()).toMatchObject({ is: 'satisfied' });
    expect(await shop.answer()).toBe('wanted\n');
  });
});

/** Another program takes the port of HTTPS. */
const squatter = `
systemd-run -q --unit=squatter perl -MIO::Socket::INET -e '
  $s = IO::Socket::INET->new(LocalPort => 443, Listen => 5, ReuseAddr => 1) or die; sleep 600'
sleep 0.3
`;

const slowReload = `mkdir -p /run/systemd/system/nginx.service.d
printf '[Service]\\nExecReload=\\nExecReload=/bin/sleep 3\\nExecReload=/usr/sbin/nginx -s reload\\n' >/run/systemd/system/nginx.service.d/slow.conf
systemctl daemon-reload`;

/** Ends at once whoever has the lock of an apply open. */
const killHolders = `for fd in /proc/[0-9]*/fd/*; do
  [ "$(readlink "$fd")" = /run/slipway-nginx.lock ] || continue
  pid=\${fd#/proc/}; kill -KILL "\${pid%%/*}"
done; true`;

const usualReload = 'rm -r /run/systemd/system/nginx.service.d; systemctl daemon-reload';

async function until(seen: () => Promise<string>): Promise<void> {
  for (let tries = 0; (await seen()) === ''; tries += 1) {
    if (tries > 400) throw new Error('it did not come');
    await sleep(25);
  }
}
