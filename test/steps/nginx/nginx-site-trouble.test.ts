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

  test('a configuration that nginx refuses changes nothing, and the old site still answers', async () => {
    await shop.apply({ content: answering('before') });
    const before = [await shop.snapshot(), await workers(shop)];

    const failure = await failureOf(shop.apply({ content: answering('broken', '    no_such_word on;\n') }));

    expect(failure.code).toBe('config-refused');
    expect(failure.message).toContain('nothing was changed');
    expect(failure.message).toContain('no_such_word');
    expect([await shop.snapshot(), await workers(shop)]).toEqual(before);
    expect(await shop.answer()).toBe('before\n');
  });

  test('a site that takes a port of another program is put back, and the old site still answers', async () => {
    await shop.apply({ content: answering('before') });
    const before = await shop.snapshot();
    await shop.debian.shell(`systemd-run -q --unit=squatter perl -MIO::Socket::INET -e '
      $s = IO::Socket::INET->new(LocalPort => 443, Listen => 5, ReuseAddr => 1) or die; sleep 600'; sleep 0.3`);

    const failure = await failureOf(shop.apply({ content: answering('after', '    listen 443;\n') }));
    await shop.debian.shell('systemctl stop squatter');

    expect(failure.code).toBe('command-failed');
    expect(failure.message).toMatch(/cannot run with it, so everything was put back as it was: .*443/);
    expect(await shop.snapshot()).toEqual(before);
    expect(await shop.answer()).toBe('before\n');
    expect(await shop.check({ content: answering('before') })).toMatchObject({ is: 'satisfied' });
  });

  test('a stopped nginx that cannot start with the site is left as it was', async () => {
    await shop.debian.shell(`systemctl stop nginx; systemd-run -q --unit=squatter perl -MIO::Socket::INET -e '
      $s = IO::Socket::INET->new(LocalPort => 443, Listen => 5, ReuseAddr => 1) or die; sleep 600'; sleep 0.3`);
    const before = await shop.snapshot();

    const failure = await failureOf(shop.apply({ content: answering('after', '    listen 443;\n') }));
    await shop.debian.shell('systemctl stop squatter');

    expect(failure.code).toBe('command-failed');
    expect(failure.message).toContain('443');
    expect(await shop.snapshot()).toEqual(before);
  });

  test('a certificate that is not there is named before anything changes', async () => {
    const before = await shop.snapshot();
    const more =
      '    listen 443 ssl;\n    ssl_certificate /etc/ssl/none.crt;\n    ssl_certificate_key /etc/ssl/none.key;\n';

    const failure = await failureOf(shop.apply({ content: answering('after', more) }));

    expect(failure.code).toBe('config-refused');
    expect(failure.message).toContain('/etc/ssl/none.crt');
    expect(await shop.snapshot()).toEqual(before);
  });

  test('a site that nginx would never read is refused', async () => {
    const before = await shop.snapshot();
    await shop.debian.shell("sed -i 's|sites-enabled/\\*|sites-enabled/*.conf|' /etc/nginx/nginx.conf");

    const failure = await failureOf(shop.apply());
    await shop.debian.shell("sed -i 's|sites-enabled/\\*.conf|sites-enabled/*|' /etc/nginx/nginx.conf");

    expect(failure.code).toBe('config-refused');
    expect(failure.message).toContain('does not include the files in sites-enabled');
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

  test('where nothing can be tried in private, nothing is changed', async () => {
    const before = await shop.snapshot();
    await shop.debian.shell('mv /usr/bin/unshare /usr/bin/unshare.away');

    const failure = await failureOf(shop.apply());
    await shop.debian.shell('mv /usr/bin/unshare.away /usr/bin/unshare');

    expect(failure.code).toBe('permission-denied');
    expect(failure.message).toContain('nothing was changed');
    expect(await shop.snapshot()).toEqual(before);
  });

  test('a file where the link should be is left to people', async () => {
    await shop.debian.shell('echo "# mine" >/etc/nginx/sites-enabled/shop');

    const checked = await shop.check();
    const failure = await failureOf(shop.apply());
    const left = await shop.debian.shell('cat /etc/nginx/sites-enabled/shop');

    expect(checked).toMatchObject({
      because: expect.stringContaining('sites-enabled/shop is a file and no link'),
    });
    expect(failure.code).toBe('command-failed');
    expect(left).toBe('# mine\n');
  });

  test('a host without nginx is told', async () => {
    await shop.debian.shell('mv /usr/sbin/nginx /usr/sbin/nginx.away');

    const checked = await shop.check();
    const failure = await failureOf(shop.apply());
    await shop.debian.shell('mv /usr/sbin/nginx.away /usr/sbin/nginx');

    expect(checked).toMatchObject({ because: expect.stringContaining('nginx is not installed') });
    expect(failure.code).toBe('not-found');
  });
});

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

/** Which processes take new connections. */
function workers({ debian }: Shop): Promise<string> {
  return debian.shell("pgrep -f '^nginx: worker process$' | sort");
}
