import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../../support/parts.ts';
import { answering, openShop, type Shop } from './shop.ts';

describeWith('debian-host', 'nginx/site after a change by hand', () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await openShop();
  }, 600_000);

  afterAll(() => shop?.close());

  beforeEach(() => shop.reset());

  test.each([
    [
      'an edited file',
      'sed -i s/wanted/drifted/ /etc/nginx/sites-available/shop',
      'another content than wanted (1 line ',
    ],
    ['a link that is gone', 'rm /etc/nginx/sites-enabled/shop', 'sites-enabled/shop is missing'],
    [
      'a link to elsewhere',
      'ln -sfn ../sites-available/default /etc/nginx/sites-enabled/shop',
      'leads to /etc/nginx/sites-available/default',
    ],
    [
      'a site that is back',
      'ln -s ../sites-available/default /etc/nginx/sites-enabled/',
      'sites-enabled/default is still enabled',
    ],
    ['a stopped nginx', 'systemctl stop nginx', 'nginx does not run (systemd says inactive)'],
    [
      'a file that was edited to be broken',
      'echo "}" >>/etc/nginx/sites-available/shop',
      'nginx -t refuses the configuration on the disk',
    ],
    ['another owner', 'chown www-data /etc/nginx/sites-available/shop', 'belongs to www-data:root'],
  ])('%s is found, named and repaired', async (_, drift, named) => {
    await shop.apply();
    await shop.debian.shell(drift);

    const found = await shop.check();
    await shop.apply();
    const repaired = await shop.check();

    expect(found).toMatchObject({ is: 'unsatisfied', because: expect.stringContaining(named) });
    expect(repaired).toMatchObject({ is: 'satisfied' });
    expect(await shop.answer()).toBe('wanted\n');
  });

  test('workers older than the files are found, even where the file is put there with an old date', async () => {
    await shop.apply({ content: answering('before') });
    await shop.debian.shell('sleep 0.1');
    await shop.debian.shell(`cd /etc/nginx/sites-available && sed s/before/wanted/ shop >/tmp/shop &&
      touch -d 2020-01-01 /tmp/shop && cp -p /tmp/shop .new && mv .new shop`);

    const found = await shop.check();
    const served = await shop.answer();
    await shop.apply();

    expect(found).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringMatching(
        /sites-enabled\/shop was changed at .*, but nginx has not been reloaded since/,
      ),
    });
    expect(served).toBe('before\n');
    expect(await shop.answer()).toBe('wanted\n');
    expect(await shop.check()).toMatchObject({ is: 'satisfied' });
  });

  test('workers that still finish old connections do not count', async () => {
    await shop.apply();
    const slow = connect(80, shop.debian.address).on('error', () => {});
    slow.write('GET / HTTP/1.1\r\nHost: half');
    await once(slow, 'connect');
    await sleep(200);

    await shop.apply({ content: answering('second') });
    const checked = await shop.check({ content: answering('second') });
    slow.destroy();

    expect(checked).toMatchObject({ is: 'satisfied' });
  });
});
