import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { type Rehearsed, startRehearsed } from './rehearsed.ts';

const version = 'v2.4.1';
const phases = ['host', 'code', 'api', 'web'];
const limit = 300_000;

describeWith('git', "the phases of the demo's plan on the played host", () => {
  let rehearsed: Rehearsed;
  let first: Readonly<Record<string, string>>;

  beforeAll(async () => {
    rehearsed = await startRehearsed();
    first = await rehearsed.run(version, phases);
  }, limit);

  afterAll(() => rehearsed?.stop());

  const look = (step: string) => rehearsed.look(version, step);
  const repaired = async (...parts: string[]) => Object.entries(await rehearsed.run(version, parts));

  test('bring up everything on an empty host, and find nothing to change the second time', async () => {
    const second = await rehearsed.run(version, phases);

    expect(Object.values(first).filter((end) => end === 'made')).toHaveLength(13);
    expect(Object.values(first).filter((end) => end !== 'made' && end !== 'satisfied')).toEqual([]);
    // A release is a request that is sent each time.
    expect(Object.entries(second).filter(([, end]) => end !== 'satisfied')).toEqual([
      ['api/release', 'made'],
    ]);
  });

  test('a secret that was committed stops the code', async () => {
    const key = `AKIA${randomBytes(8).toString('hex').toUpperCase()}`;
    await rehearsed.commit('v3.0.0-leaky', { 'settings.py': `AWS_ACCESS_KEY_ID = "${key}"\n` });

    const ends = await rehearsed.run('v3.0.0-leaky', ['code']);
    const back = await repaired('code');

    expect(Object.keys(ends)).toEqual(['code/checkout', 'code/secrets']);
    expect(ends['code/secrets']).toContain('settings.py:1 (AWS access key');
    expect(ends['code/secrets']).not.toContain(key);
    expect(back).toEqual([
      ['code/checkout', 'made'],
      ['code/secrets', 'satisfied'],
      ['code/image', 'satisfied'],
    ]);
  });

  test('code that was changed by hand is found, kept and put right', async () => {
    await rehearsed.shell('echo hacked >>/srv/softfactory/current/worker.mjs');

    const found = await look('code/checkout');
    await repaired('code/checkout');

    expect(found).toContain('has changes made by hand: worker.mjs');
    expect(await look('code/checkout')).toBe('satisfied');
    expect(await rehearsed.shell('cat /var/lib/slipway/kept/checkout-*.patch')).toContain('+hacked');
  });

  test('an image that cannot be built stops the code', async () => {
    await rehearsed.commit('v3.0.1-imageless', { Dockerfile: 'RUN nothing\n' });

    const ends = await rehearsed.run('v3.0.1-imageless', ['code']);
    await repaired('code/checkout');

    expect(ends['code/image']).toContain('no build stage');
  });

  test('a package that no source offers stops the host', async () => {
    await rehearsed.shell(`apt-get -y -q remove -- nftables >&2
sed -i '/^nftables /d' /var/lib/apt/offers`);

    const ends = await rehearsed.run(version, ['host']);
    await rehearsed.shell(`echo 'nftables 1.0.6-2+deb12u2' >>/var/lib/apt/offers`);
    const back = await repaired('host/packages');

    expect(ends['host/packages']).toContain('offer no package nftables');
    expect(Object.keys(ends).at(-1)).toBe('host/packages');
    expect(back).toEqual([['host/packages', 'made']]);
  });

  test('an account that somebody gave a login is found and put right', async () => {
    await rehearsed.shell('usermod -s /bin/bash softfactory');

    const found = await look('host/user');
    await repaired('host/user');

    expect(found).toContain('has shell /bin/bash, wanted is /usr/sbin/nologin');
    expect(await look('host/user')).toBe('satisfied');
  });

  test('a port that was opened and one that was closed are both found and put right', async () => {
    await rehearsed.shell(`nft -s list table inet slipway >/run/changed
{ echo 'delete table inet slipway'; sed 's/dport 443 accept/dport 5432 accept/' /run/changed; } >/etc/changed.nft
nft -f /etc/changed.nft`);

    const found = await look('host/firewall');
    await repaired('host/firewall');

    expect(found).toMatch(/443/);
    expect(found).toMatch(/5432/);
    expect(await look('host/firewall')).toBe('satisfied');
  });

  test(
    'a worker that was killed is found and started again; one that cannot run stops the API',
    async () => {
      await rehearsed.shell('kill -s KILL "$(systemctl show -p MainPID --value softfactory-worker.service)"');
      await rehearsed.commit('v3.0.2-dying', { 'worker.mjs': 'throw new Error("no way");\n' });

      const found = await look('api/worker');
      await repaired('api/worker');
      const again = await look('api/worker');
      await rehearsed.run('v3.0.2-dying', ['code/checkout']);
      const ends = await rehearsed.run('v3.0.2-dying', ['api']);
      await repaired('code/checkout', 'api/worker');

      expect(found).toContain('has failed');
      expect(again).toBe('satisfied');
      expect(ends['api/worker']).toContain('softfactory-worker.service');
      expect(Object.keys(ends)).toEqual(['api/worker']);
      expect(await look('api/worker')).toBe('satisfied');
    },
    limit,
  );
});
