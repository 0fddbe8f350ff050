import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DebianHost, startHost } from '../../../rehearsal/host/host.ts';
import { hostDirectory } from '../../../src/steps/host/host-directory.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contextOf, contract, failureOf } from '../contract.ts';

describeWith('debian-host', 'host/directory', () => {
  let dir: string;
  let debian: DebianHost;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-directory-'));
    debian = await startHost({ dir });
  }, 600_000);

  afterAll(async () => {
    await debian?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const hosts = () => ({ hosts: { app: debian.host } });
  const applied = async (wanted: unknown) =>
    hostDirectory.apply?.(hostDirectory.with.parse(wanted), contextOf(hosts()));
  const undone = async (wanted: unknown, remembered: unknown) =>
    hostDirectory.undo?.(hostDirectory.with.parse(wanted), contextOf(hosts()), remembered);
  const treeOf = (path: string) => debian.shell(`find ${path} -printf '%p %y %u:%g %m\\n' | sort`);

  contract(hostDirectory, { first: 'unsatisfied', last: 'satisfied', undoes: true }, async () => {
    await debian.shell('mkdir -p /srv/contract');
    const wanted = {
      host: 'app',
      path: '/srv/contract/a/b c',
      owner: 'deploy',
      group: 'www-data',
      mode: '2750',
    };
    return {
      wanted,
      hung: (port) => ({
        wanted,
        context: { hosts: { app: { ...debian.host, port, address: '127.0.0.1' } } },
      }),
      context: hosts(),
      snapshot: () => treeOf('/srv/contract'),
      close: async () => {},
    };
  });

  test('what is missing above it is made as root’s, and only what this run made is removed', async () => {
    await debian.shell('mkdir -m 0711 /srv/there');
    const wanted = { host: 'app', path: '/srv/there/x/y', owner: 'deploy', group: 'deploy' };

    const before = await checking(hostDirectory, wanted, hosts());
    const did = await applied(wanted);
    const made = await treeOf('/srv/there');
    await undone(wanted, JSON.parse(JSON.stringify(did?.remember)));
    await undone(wanted, did?.remember);

    expect(before).toMatchObject({
      because: `There is no directory /srv/there/x/y on deploy@${debian.address}:22.`,
    });
    expect(made).toBe(
      '/srv/there d root:root 711\n/srv/there/x d root:root 755\n/srv/there/x/y d deploy:deploy 755\n',
    );
    expect(await treeOf('/srv/there')).toBe('/srv/there d root:root 711\n');
  });

  test('another owner and other permissions are named, repaired and put back', async () => {
    await debian.shell('mkdir -m 1777 /srv/open && touch /srv/open/file');
    const wanted = { host: 'app', path: '/srv/open', owner: 'deploy', group: 'www-data', mode: '0700' };

    const before = await checking(hostDirectory, wanted, hosts());
    const did = await applied(wanted);
    const after = await checking(hostDirectory, wanted, hosts());
    await undone(wanted, did?.remember);
    const first = await treeOf('/srv/open');
    await undone(wanted, did?.remember);
    await debian.shell('chmod 0123 /srv/open');
    const failure = await failureOf(undone(wanted, did?.remember));

    expect(before).toMatchObject({
      because: `/srv/open on deploy@${debian.address}:22 belongs to root:root, wanted is deploy:www-data, has mode 1777, wanted is 0700.`,
    });
    expect(after.is).toBe('satisfied');
    expect(first).toBe('/srv/open d root:root 1777\n/srv/open/file f root:root 644\n');
    expect(failure.code).toBe('not-undone');
    expect(failure.message).toContain('was changed by somebody since');
  });

  test('a directory that has come to hold something is not removed', async () => {
    const wanted = { host: 'app', path: '/srv/full', owner: 'root', group: 'root' };
    const did = await applied(wanted);
    await debian.shell('touch /srv/full/data');

    const failure = await failureOf(undone(wanted, did?.remember));
    const unknown = await failureOf(undone(wanted, undefined));

    expect(failure.code).toBe('not-undone');
    expect(failure.message).toContain('is not empty any more');
    expect(await debian.shell('ls /srv/full')).toBe('data\n');
    expect(unknown.code).toBe('not-undone');
  });

  test.each([
    ['touch /srv/file', { path: '/srv/file' }, 'command-failed', 'is a link or no directory'],
    ['touch /srv/plain', { path: '/srv/plain/below' }, 'command-failed', 'is a link or no directory'],
    ['ln -sfn /tmp /srv/link', { path: '/srv/link' }, 'command-failed', 'is a link or no directory'],
    ['true', { path: '/srv/missing', owner: 'nobody-here' }, 'not-found', 'create it first (host/user)'],
  ])('after %s, %o is refused', async (prepare, other, code, says) => {
    await debian.shell(prepare);
    const before = await treeOf('/srv');

    const failure = await failureOf(applied({ host: 'app', owner: 'root', group: 'root', ...other }));

    expect(failure.code).toBe(code);
    expect(failure.message).toContain(says);
    expect(await treeOf('/srv')).toBe(before);
  });
});

test.each([
  ['/a/b', true],
  ['/a b/ü', true],
  ['/', false],
  ['/a/', false],
  ['/a/../b', false],
  ['/a//b', false],
  ['a', false],
  ['/a\nb', false],
  ['/...', true],
])('the path %j: %s', (path, isGood) => {
  const wanted = { host: 'app', path, owner: 'root', group: 'root' };

  expect(hostDirectory.with.safeParse(wanted).success).toBe(isGood);
});
