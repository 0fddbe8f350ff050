import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { claim } from '../../../rehearsal/host/claim.ts';
import { debianRoot } from '../../../rehearsal/host/debian-root.ts';
import { describeWith } from '../../support/parts.ts';
import { compileSlipway } from '../../support/processes.ts';
import { until } from '../../support/until.ts';

describeWith('debian-host', 'a Debian host in trouble', () => {
  let dir: string;
  let hosts: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-host-trouble-'));
    await compileSlipway(dir);
    hosts = join(dir, 'dist/rehearsal/host');
    // So that the tests below wait for a host and not for the building of one.
    await debianRoot();
  }, 600_000);

  afterAll(() => rm(dir, { recursive: true, force: true }));

  /** Starts a program that may use the compiled modules. */
  const start = (program: string) =>
    spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });

  test('is gone, with its network, when the process that started it is killed', async () => {
    const child = start(
      `const { startHost } = await import(${JSON.stringify(join(hosts, 'host.js'))});
       const { outside } = await startHost({ dir: ${JSON.stringify(join(dir, 'killed'))} });
       console.log(outside);
       setInterval(() => {}, 1_000);`,
    );
    const [chunk] = await once(child.stdout, 'data');
    const [, , number = ''] = String(chunk).trim().split('.');
    const link = `/sys/class/net/ve-slipway${number}`;
    const wasThere = existsSync(link);

    child.kill('SIGKILL');

    expect(wasThere).toBe(true);
    await until('the end of the host', () => !existsSync(link));
  });

  test('waits for another process that holds what it needs, until that process ends', async () => {
    const child = start(
      `const { claim } = await import(${JSON.stringify(join(hosts, 'claim.js'))});
       await claim('of-a-test');
       console.log('held');
       setInterval(() => {}, 1_000);`,
    );
    await once(child.stdout, 'data');

    const whileHeld = await claim('of-a-test');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const afterwards = await until('the claim', () => claim('of-a-test'));
    const twice = await claim('of-a-test');
    await afterwards();

    expect(whileHeld).toBeUndefined();
    expect(twice).toBeUndefined();
  });

  test('cannot be started where its addresses are taken, and says by which link', async () => {
    const program = `const { hostsMissing } = await import(${JSON.stringify(join(hosts, 'debian-root.js'))}); console.log(hostsMissing());`;
    const script = `set -e; ip link set lo up; ip route add 10.83.0.0/16 dev lo
      exec "$1" --input-type=module -e "$2"`;

    const { stdout } = await promisify(execFile)('/usr/bin/unshare', [
      ...['--net', 'sh', '-c', script, 'sh', process.execPath, program],
    ]);

    expect(stdout.trim()).toBe(
      '10.83.0.0/16, in which hosts get their addresses, is taken by lo (see ip route)',
    );
  });
});
