import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DebianHost, startHost } from '../../../rehearsal/host/host.ts';
import { runOn } from '../../../src/steps/ssh/ssh-run.ts';
import { contextOf } from '../../steps/contract.ts';
import { describeWith } from '../../support/parts.ts';

describeWith('debian-host', 'a Debian host', () => {
  let dir: string;
  let debian: DebianHost;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-host-'));
    debian = await startHost({ dir });
  }, 600_000);

  afterAll(async () => {
    await debian?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  test('runs systemd with nothing failed, and has nothing of the checklist', async () => {
    const state = await debian.shell('systemctl is-system-running --wait; systemctl --failed --no-legend');
    const packages = await debian.shell('dpkg --get-selections | cut -f 1');

    expect(state.trim()).toBe('running');
    expect(packages.split('\n')).not.toContain('nginx-light');
  });

  test('keeps its services in control groups that no other machine has', async () => {
    const machine = `slipway${debian.address.split('.')[2]}`;

    const { stdout } = await promisify(execFile)('sh', [
      ...['-c', 'cat /proc/[0-9]*/cgroup 2>/dev/null | grep -o "/[^:]*/ssh.service" | sort -u'],
    ]);

    expect(stdout).toContain(`/${machine}/`);
  });

  test('is reached over SSH, by root and by an account that becomes root', async () => {
    const who = async (host = debian.host, as?: string) => {
      const command = { words: ['sh', '-c', 'id -un; pwd'], limit: 10_000, ...(as && { as }) };
      return (await runOn(host, command, contextOf())).stdout;
    };

    const said = [
      await who(),
      await who(debian.host, 'root'),
      await who(debian.root),
      await who(debian.root, 'deploy'),
    ];

    expect(said).toEqual([
      'deploy\n/home/deploy\n',
      'root\n/root\n',
      'root\n/root\n',
      'deploy\n/home/deploy\n',
    ]);
  });
});
