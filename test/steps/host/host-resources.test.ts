import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DebianHost, startHost } from '../../../rehearsal/host/host.ts';
import { hostResources } from '../../../src/steps/host/host-resources.ts';
import { readableBytes } from '../../../src/steps/host/resources-amount.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contract } from '../contract.ts';

describeWith('debian-host', 'host/resources', () => {
  let dir: string;
  let debian: DebianHost;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-resources-'));
    debian = await startHost({ dir });
    await debian.shell('mkdir /srv/small && mount -t tmpfs -o size=10M,nr_inodes=100 small /srv/small');
  }, 600_000);

  afterAll(async () => {
    await debian?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const hosts = () => ({ hosts: { app: debian.host } });
  const looked = (wanted: object) => checking(hostResources, { host: 'app', ...wanted }, hosts());

  contract(hostResources, { first: 'satisfied', last: 'satisfied' }, async () => {
    const wanted = { host: 'app', diskFree: '1MB', memoryFree: '1MiB', inodesFree: '1%', cpus: 1 };
    return {
      wanted,
      hung: (port) => ({
        wanted,
        context: { hosts: { app: { ...debian.host, port, address: '127.0.0.1' } } },
      }),
      context: hosts(),
      snapshot: () => debian.shell('ls -A /srv /tmp'),
      close: async () => {},
    };
  });

  test('each shortfall is named with its numbers', async () => {
    await debian.shell(
      'head -c 8M /dev/zero >/srv/small/big; cd /srv/small && for i in $(seq 90); do : >$i; done',
    );

    const check = await looked({
      path: '/srv/small/not/there/yet',
      diskFree: '5GB',
      inodesFree: '20%',
      memoryFree: '64TiB',
      cpus: 4_000,
    });

    expect(check).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringMatching(
        /^deploy@.* has 2 MB free on the disk of \/srv\/small\/not\/there\/yet \(20% of 10\.4 MB\), wanted are 5 GB; has [\d.]+ GB free memory \(\d+% of [\d.]+ GB\), wanted are 70\.3 TB; has [5-9]% of its inodes free at .*, wanted are 20%; has \d+ processors, wanted are 4000\.$/,
      ),
    });
  });

  test.each([
    ['10%', 'satisfied'],
    ['30%', 'unsatisfied'],
    ['2MB', 'satisfied'],
    ['2MiB', 'satisfied'],
    ['3 MB', 'unsatisfied'],
  ])('of a disk with a fifth free %s is %s', async (diskFree, is) => {
    await debian.shell('rm -f /srv/small/*; head -c 8M /dev/zero >/srv/small/big');

    const check = await looked({ path: '/srv/small', diskFree });

    expect(check.is).toBe(is);
  });
});

test.each([
  [{ diskFree: '5 gigabytes' }, false],
  [{ diskFree: '110%' }, false],
  [{ inodesFree: '5GB' }, false],
  [{}, false],
  [{ path: 'srv', cpus: 1 }, false],
  [{ path: '/srv', cpus: 1 }, true],
])('%j: %s', (wanted, isGood) => {
  expect(hostResources.with.safeParse({ host: 'app', ...wanted }).success).toBe(isGood);
});

test.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1_500, '1.5 KB'],
  [4_999_999_999, '4.9 GB'],
])('%d bytes are read as %s', (bytes, text) => {
  expect(readableBytes(bytes)).toBe(text);
});
