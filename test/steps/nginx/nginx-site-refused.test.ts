import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../../support/parts.ts';
import { failureOf } from '../contract.ts';
import { answering, openShop, type Shop } from './shop.ts';

describeWith('debian-host', 'nginx/site that cannot be', () => {
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

/** Which processes take new connections. */
function workers({ debian }: Shop): Promise<string> {
  return debian.shell("pgrep -f '^nginx: worker process$' | sort");
}
