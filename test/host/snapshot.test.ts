import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DebianHost, startHost } from '../../rehearsal/host/host.ts';
import { describeWith } from '../support/parts.ts';
import { differences, snapshotOf } from './snapshot.ts';

describeWith('debian-host', 'a snapshot of a host', () => {
  let dir: string;
  let debian: DebianHost;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-snapshot-'));
    debian = await startHost({ dir });
    await debian.shell('systemctl is-system-running --wait; apt-get install -qq -y nftables >/dev/null 2>&1');
  }, 600_000);

  afterAll(async () => {
    await debian?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  test('is the same as long as nothing is changed', async () => {
    const before = await snapshotOf(debian);
    const after = await snapshotOf(debian);

    expect(differences(before, after)).toEqual([]);
  });

  test.each([
    ['files', 'touch /etc/hostname', '/etc/hostname'],
    ['files', 'chmod 0600 /etc/motd', '/etc/motd'],
    ['packages', 'dpkg --remove nftables >/dev/null', 'nftables'],
    ['accounts', 'useradd somebody', 'somebody'],
    ['services', 'systemctl restart ssh', 'ssh.service'],
    ['timers', 'touch /etc/cron.d/by-hand', 'by-hand'],
  ])('shows in %s what %s changed', async (part, script, name) => {
    const before = await snapshotOf(debian);
    await debian.shell(script);
    const after = await snapshotOf(debian);

    const lines = differences(before, after).filter((line) => line.startsWith(part));

    expect(lines.join('\n')).toContain(name);
  });

  test('shows a rule of the firewall', async () => {
    await debian.shell('apt-get install -qq -y nftables >/dev/null 2>&1');
    const before = await snapshotOf(debian);
    await debian.shell('nft add table inet byhand');
    const after = await snapshotOf(debian);

    expect(differences(before, after)).toEqual(['firewall + table inet byhand {', 'firewall + }']);
  });
});
