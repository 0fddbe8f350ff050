import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DebianHost, startHost } from '../../../rehearsal/host/host.ts';
import { hostUser } from '../../../src/steps/host/host-user.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contextOf, contract, failureOf } from '../contract.ts';

describeWith('debian-host', 'host/user', () => {
  let dir: string;
  let debian: DebianHost;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-user-'));
    debian = await startHost({ dir });
  }, 600_000);

  afterAll(async () => {
    await debian?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const hosts = () => ({ hosts: { app: debian.host } });
  const applied = async (wanted: unknown) =>
    hostUser.apply?.(hostUser.with.parse(wanted), contextOf(hosts()));
  const undone = async (wanted: unknown, remembered: unknown) =>
    hostUser.undo?.(hostUser.with.parse(wanted), contextOf(hosts()), remembered);
  const accounts = () =>
    debian.shell('cat /etc/passwd /etc/shadow /etc/group /etc/gshadow | sort; find /srv /home -maxdepth 3');

  contract(hostUser, { first: 'unsatisfied', last: 'satisfied', undoes: true }, async () => {
    await debian.shell('mkdir -p /srv');
    const wanted = { host: 'app', name: 'softfactory', home: '/srv/apps/softfactory', groups: ['www-data'] };
    return {
      wanted,
      hung: (port) => ({
        wanted,
        context: { hosts: { app: { ...debian.host, port, address: '127.0.0.1' } } },
      }),
      context: hosts(),
      snapshot: accounts,
      close: async () => {},
    };
  });

  test('an account that is not there is made as wanted', async () => {
    const wanted = {
      host: 'app',
      name: 'api',
      home: '/srv/api',
      groups: ['www-data', 'adm'],
      shell: '/bin/sh',
    };

    const before = await checking(hostUser, wanted, hosts());
    await applied(wanted);
    const shown = await debian.shell(
      'getent passwd api; id -nG api; stat -c "%U:%G %a" /srv/api; ls -A /srv/api',
    );

    expect(before).toMatchObject({
      because: `Account api on deploy@${debian.address}:22 does not exist, is to be in group api, which does not exist.`,
    });
    expect(shown).toMatch(/^api:x:\d{3}:\d{3}::\/srv\/api:\/bin\/sh\napi adm www-data\napi:api 750\n$/);
  });

  test('people get a number of people', async () => {
    await applied({ host: 'app', name: 'person', system: false, groups: [] });

    expect(await debian.shell('id -u person; ls -d /home/person 2>&1 || true')).toMatch(
      /^1\d{3}\nls: cannot/,
    );
  });

  test('each difference is named, repaired and put back', async () => {
    await debian.shell(
      'groupadd crew && useradd --system -g crew -G sudo,adm -d /var/empty -s /bin/sh drifted',
    );
    const wanted = { host: 'app', name: 'drifted', home: '/srv/drifted', groups: ['adm'] };
    const shown =
      'getent passwd drifted; id -nG drifted; getent group drifted || echo no group; ls -d /srv/drifted || true';
    const was = await debian.shell(`${shown} 2>&1`);

    const before = await checking(hostUser, wanted, hosts());
    const did = await applied(wanted);
    const after = await checking(hostUser, wanted, hosts());
    await undone(wanted, JSON.parse(JSON.stringify(did?.remember)));
    await debian.shell('rmdir /srv/drifted');

    expect(before).toMatchObject({
      because: `Account drifted on deploy@${debian.address}:22 has first group crew, wanted is drifted, has home /var/empty, wanted is /srv/drifted, has shell /bin/sh, wanted is /usr/sbin/nologin, has other groups adm sudo, wanted is adm, is to be in group drifted, which does not exist.`,
    });
    expect(after.is).toBe('satisfied');
    expect(await debian.shell(`${shown} 2>&1`)).toBe(was);
  });

  test('a missing home is found and made', async () => {
    const wanted = { host: 'app', name: 'homeless', home: '/srv/homeless' };
    await applied(wanted);
    await debian.shell('rmdir /srv/homeless');

    const before = await checking(hostUser, wanted, hosts());
    await applied(wanted);

    expect(before).toMatchObject({ because: expect.stringContaining('has no directory /srv/homeless.') });
    expect(await debian.shell('stat -c %U /srv/homeless')).toBe('homeless\n');
  });

  test('a group that was there before stays when the account goes', async () => {
    await debian.shell('groupadd --gid 4321 shared');
    const wanted = { host: 'app', name: 'shared' };
    const did = await applied(wanted);

    await undone(wanted, did?.remember);
    await undone(wanted, did?.remember);

    expect(await debian.shell('getent group shared; getent passwd shared || echo no account')).toBe(
      'shared:x:4321:\nno account\n',
    );
  });

  test('an account that is in use and a home that holds files are left', async () => {
    const wanted = { host: 'app', name: 'busy', home: '/srv/busy' };
    const did = await applied(wanted);
    await debian.shell('touch /srv/busy/data');
    const full = await failureOf(undone(wanted, did?.remember));
    await debian.shell(
      'rm /srv/busy/data; setsid runuser -u busy -- sleep 300 >/dev/null 2>&1 </dev/null & sleep 0.3',
    );
    const busy = await failureOf(undone(wanted, did?.remember));
    const unknown = await failureOf(undone(wanted, undefined));

    expect(full.message).toContain('its home holds files');
    expect(busy.message).toMatch(/since it is in use: userdel: user busy is currently used by process \d+/);
    expect([full.code, busy.code, unknown.code]).toEqual(['not-undone', 'not-undone', 'not-undone']);
    expect(await debian.shell('id -un busy')).toBe('busy\n');
  });

  test('a group that is to be there and is not is told, and nothing is made', async () => {
    const failure = await failureOf(applied({ host: 'app', name: 'lost', groups: ['docker-users'] }));

    expect(failure.code).toBe('not-found');
    expect(failure.message).toContain('has no group docker-users, in which lost is to be');
    expect(await debian.shell('getent passwd lost; getent group lost; echo none')).toBe('none\n');
  });
});
