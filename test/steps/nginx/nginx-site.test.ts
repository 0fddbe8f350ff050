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

  test('an undo where nothing was changed changes nothing, one without a record is refused', async () => {
    await shop.apply();
    const before = await shop.snapshot();
    const second = await shop.apply();

    const taken = await shop.undo(second);
    const unrecorded = await failureOf(shop.undo(undefined));

    expect(taken).toMatchObject([{ answered: 'nothing was changed' }]);
    expect(unrecorded.code).toBe('not-undone');
    expect(await shop.snapshot()).toEqual(before);
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
