import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DebianHost, startHost } from '../../../rehearsal/host/host.ts';
import { hostPackage } from '../../../src/steps/host/host-package.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contextOf, contract, failureOf } from '../contract.ts';

describe('the parameters of host/package', () => {
  test.each([
    [['nginx', 'g++', 'libc6', { name: 'redis-server', version: '>=5:7.0' }], true],
    [['nginx-'], false],
    [['--force'], false],
    [['nginx/testing'], false],
    [['Nginx'], false],
    [[{ name: 'nginx', version: '1.22' }], false],
    [[{ name: 'nginx', version: '>=$(id)' }], false],
    [[], false],
  ])('%j: %s', (packages, isGood) => {
    expect(hostPackage.with.safeParse({ host: 'app', packages }).success).toBe(isGood);
  });
});

describeWith('debian-host', 'host/package', () => {
  let dir: string;
  let debian: DebianHost;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-package-'));
    debian = await startHost({ dir });
    // Its sources cannot be reached from here; this way that is found out at once.
    await debian.shell("echo '127.0.0.1 deb.debian.org' >>/etc/hosts");
  }, 600_000);

  afterAll(async () => {
    await debian?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const installed = async () =>
    (await debian.shell(`dpkg-query --show -f '\${db:Status-Abbrev} \${Package} \${Version}\\n' | grep ^ii`))
      .trim()
      .split('\n');
  const hosts = () => ({ hosts: { app: debian.host } });
  const applied = async (packages: unknown, log: (text: string) => void = () => {}) =>
    hostPackage.apply?.(hostPackage.with.parse({ host: 'app', packages }), contextOf({ ...hosts(), log }));
  const undone = async (packages: unknown, remembered: unknown) =>
    hostPackage.undo?.(hostPackage.with.parse({ host: 'app', packages }), contextOf(hosts()), remembered);

  contract(hostPackage, { first: 'unsatisfied', last: 'satisfied', undoes: true }, async () => {
    const wanted = { host: 'app', packages: ['openssl', 'cron', { name: 'sudo', version: '>=1.8' }] };
    return {
      wanted,
      hung: (port) => ({
        wanted,
        context: { hosts: { app: { ...debian.host, port, address: '127.0.0.1' } } },
      }),
      context: hosts(),
      snapshot: installed,
      close: async () => {},
    };
  });

  test('what is missing and what is too old are named with their versions', async () => {
    const packages = ['bash', 'git', { name: 'sudo', version: '>= 9' }];

    const check = await checking(hostPackage, { host: 'app', packages }, hosts());

    expect(check).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringMatching(
        /^On .* git is not installed; sudo has version 1\.9\.13p3-1\+deb12u\d+, wanted is sudo >= 9\.$/,
      ),
      evidence: [{ answered: expect.stringMatching(/^bash 5\.2.*\ngit is not installed\nsudo 1\.9/) }],
    });
  });

  test('the output is streamed, what came along is remembered, and only that is removed', async () => {
    const before = await installed();
    const packages = ['openssl', 'nftables'];
    let log = '';

    const did = await applied(packages, (text) => {
      log += text;
    });
    await undone(packages, JSON.parse(JSON.stringify(did?.remember)));
    await undone(packages, did?.remember);

    expect(log).toMatch(/Unpacking nftables .*Setting up nftables/s);
    expect(did?.remember).toEqual({
      installed: expect.arrayContaining(['nftables', expect.stringContaining('libnftables1')]),
      upgraded: [],
    });
    expect(await installed()).toEqual(before);
    expect(await debian.shell('ls -A /var/lib/slipway/packages')).toBe('');
  });

  test('nothing is removed that something else needs now', async () => {
    const did = await applied(['libjansson4']);
    await debian.shell('apt-get install -y --no-install-recommends nftables');

    const failure = await failureOf(undone(['libjansson4'], did?.remember));

    expect(failure.code).toBe('not-undone');
    expect(failure.message).toMatch(
      /libjansson4.* stay, since something that was installed since needs them/,
    );
    expect((await installed()).join('\n')).toContain('ii  nftables');
  });

  test('what no source offers is told, after the lists were brought up to date', async () => {
    const unknown = await failureOf(applied(['no-such-package']));
    const tooNew = await failureOf(applied([{ name: 'cron', version: '>=99' }]));

    expect(unknown.code).toBe('not-found');
    expect(unknown.message).toMatch(/The sources of .* offer no package no-such-package, wanted is/);
    expect(tooNew.message).toMatch(/offer cron 3\.0pl1-162 only, wanted is cron >= 99/);
  });

  test('what a killed package manager left is settled first', async () => {
    await debian.shell(
      'cd /tmp && apt-get -qq install --no-install-recommends -d cron && dpkg --unpack /var/cache/apt/archives/cron*.deb',
    );

    const before = await checking(hostPackage, { host: 'app', packages: ['cron'] }, hosts());
    await applied(['cron']);
    const after = await checking(hostPackage, { host: 'app', packages: ['cron'] }, hosts());

    expect(before.is).toBe('unsatisfied');
    expect(after.is).toBe('satisfied');
    expect(await debian.shell('dpkg --audit')).toBe('');
  });

  test('a version is found in lists that are brought up to date first; an upgrade is not undone, and that is said', async () => {
    await debian.shell(offering('1.5'));
    const older = await applied(['tool']);
    await debian.shell(offering('2.0'));

    const newer = await applied([{ name: 'tool', version: '>=2' }]);
    const failure = await failureOf(undone(['tool'], newer?.remember));
    const shown = await debian.shell('dpkg-query --show tool | cut -f 2');
    await undone(['tool'], older?.remember);

    expect(older?.evidence[0]).toMatchObject({ asked: 'apt-get update', answered: 'exit code 0' });
    expect(older?.remember).toEqual({ installed: ['tool'], upgraded: [] });
    expect(newer?.remember).toEqual({ installed: [], upgraded: [{ name: 'tool', from: '1.5', to: '2.0' }] });
    expect(failure.code).toBe('not-undone');
    expect(failure.message).toContain('tool (1.5 → 2.0)');
    expect(shown).toBe('2.0\n');
    expect((await installed()).join('\n')).not.toContain('tool');
  });
});

/** Makes a package `tool` of that version and offers it as the host's only source. */
function offering(version: string): string {
  return `set -e
    rm -rf /srv/tool && mkdir -p /srv/tool/DEBIAN /srv/offer && cd /srv
    printf 'Package: tool\nVersion: ${version}\nArchitecture: all\nMaintainer: x <x@x.example>\nDescription: x\n' >tool/DEBIAN/control
    dpkg-deb --root-owner-group --build tool offer/tool.deb >/dev/null
    { cat tool/DEBIAN/control
      echo "Filename: ./tool.deb"
      echo "Size: $(stat -c %s offer/tool.deb)"
      echo "SHA256: $(sha256sum <offer/tool.deb | cut -d ' ' -f 1)"
    } >offer/Packages
    rm -f /etc/apt/sources.list.d/*
    echo 'deb [trusted=yes] file:/srv/offer ./' >/etc/apt/sources.list`;
}
