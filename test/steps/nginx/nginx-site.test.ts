import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { nginxSite } from '../../../src/steps/nginx/nginx-site.ts';
import { describeWith } from '../../support/parts.ts';
import { contract, failureOf } from '../contract.ts';
import { answering, openShop, type Shop } from './shop.ts';

describeWith('debian-host', 'nginx/site', () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await openShop();
  }, 600_000);

  afterAll(() => shop?.close());

  beforeEach(() => shop.reset());

  contract(nginxSite, { first: 'unsatisfied', last: 'satisfied', undoes: true }, async () => {
    await shop.debian.shell('systemctl restart nginx');
    return {
      wanted: shop.wanting(),
      hung: (port) => ({
        wanted: shop.wanting(),
        context: { hosts: { web: { ...shop.debian.host, address: '127.0.0.1', port } } },
      }),
      context: shop.context,
      snapshot: shop.snapshot,
      close: async () => {},
    };
  });

  test('the site answers at once, and the difference is in the evidence', async () => {
    const applied = await shop.apply();
    const said = await shop.answer();
    const checked = await shop.check();

    expect(said).toBe('wanted\n');
    expect(checked).toMatchObject({ is: 'satisfied' });
    expect(JSON.stringify(applied?.evidence)).toContain('+    listen 80 default_server;');
  });

  test.each([
    [
      'an edited file',
      'sed -i s/wanted/drifted/ /etc/nginx/sites-available/shop',
      'another content than wanted (1 lines',
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
    const slow = request({ host: shop.debian.address, method: 'POST', headers: { 'content-length': 10 } });
    slow.on('error', () => {});
    slow.write('half');
    await once(slow, 'socket').then(([socket]) => once(socket, 'connect'));
    await sleep(100);

    await shop.apply({ content: answering('second') });
    const checked = await shop.check({ content: answering('second') });
    slow.destroy();

    expect(checked).toMatchObject({ is: 'satisfied' });
  });

  test('a site may be there without being enabled', async () => {
    await shop.apply({ enabled: false, replaces: [] });
    const off = await shop.check({ enabled: false, replaces: [] });
    const listed = await shop.debian.shell('ls /etc/nginx/sites-available /etc/nginx/sites-enabled');

    expect(off).toMatchObject({ is: 'satisfied' });
    expect(listed.match(/shop/g)).toHaveLength(1);
    expect(await shop.check()).toMatchObject({
      because: expect.stringContaining('sites-enabled/shop is missing'),
    });
  });

  test('undo puts back the earlier content and starts nothing that was stopped', async () => {
    await shop.apply({ content: answering('before') });
    const before = await shop.snapshot();
    const second = await shop.apply();
    await shop.undo(second);
    const restored = [await shop.snapshot(), await shop.answer()];
    await shop.undo(second);
    await shop.debian.shell('systemctl stop nginx');
    const stopped = await shop.snapshot();
    const third = await shop.apply();
    const running = await shop.answer();

    await shop.undo(third);

    expect(restored).toEqual([before, 'before\n']);
    expect(running).toBe('wanted\n');
    expect(await shop.snapshot()).toEqual(stopped);
  });

  test('undo leaves what somebody has changed since, and what nginx would refuse', async () => {
    const applied = await shop.apply();
    await shop.debian.shell('echo "# by hand" >>/etc/nginx/sites-available/shop');
    const edited = await failureOf(Promise.resolve(shop.undo(applied)));
    await shop.debian.shell('echo "}" >>/etc/nginx/sites-available/shop');
    const repaired = await shop.apply();
    const refused = await failureOf(Promise.resolve(shop.undo(repaired)));

    expect(edited.code).toBe('not-undone');
    expect(edited.message).toContain('changed by somebody since');
    expect(refused.code).toBe('not-undone');
    expect(await shop.answer()).toBe('wanted\n');
  });
});
