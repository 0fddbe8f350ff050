import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DebianHost, startHost } from '../../../rehearsal/host/host.ts';
import { Secret } from '../../../src/secret.ts';
import { hostFile } from '../../../src/steps/host/host-file.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contextOf, contract, failureOf } from '../contract.ts';

describeWith('debian-host', 'host/file', () => {
  let dir: string;
  let debian: DebianHost;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-file-'));
    debian = await startHost({ dir });
  }, 600_000);

  afterAll(async () => {
    await debian?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  /** Everything about the files in a folder: names, owners, permissions, times of change and contents. */
  const filesIn = (folder: string) =>
    debian.shell(`cd '${folder}' && find . -type f -printf '%p %u:%g %m %T@\\n' -exec cat {} + | sort`);

  const hosts = () => ({ hosts: { app: debian.host } });
  const applied = async (wanted: unknown) => {
    const parameters = hostFile.with.parse(wanted);
    return hostFile.apply?.(parameters, contextOf(hosts()));
  };
  const undone = async (wanted: unknown, remembered: unknown) =>
    hostFile.undo?.(hostFile.with.parse(wanted), contextOf(hosts()), remembered);

  contract(hostFile, { first: 'unsatisfied', last: 'satisfied', undoes: true }, async () => {
    await debian.shell("mkdir -p /srv/contract && echo 'listen = 1' >/srv/contract/app.conf");
    const wanted = {
      host: 'app',
      path: '/srv/contract/app.conf',
      content: 'listen = 2\nworkers = 4\n',
      owner: 'deploy',
      group: 'www-data',
      mode: '0640',
    };
    return {
      wanted,
      hung: (port) => ({
        wanted,
        context: { hosts: { app: { ...debian.host, port, address: '127.0.0.1' } } },
      }),
      context: hosts(),
      snapshot: () => filesIn('/srv/contract'),
      close: async () => {},
    };
  });

  test('a file that is not there is made, and the change is shown as lines', async () => {
    const wanted = { host: 'app', path: '/srv/new.conf', content: "a = 'b'\n$HOME `id`\n" };

    const before = await checking(hostFile, wanted, hosts());
    const did = await applied(wanted);
    const after = await checking(hostFile, wanted, hosts());

    expect(before).toMatchObject({ because: `/srv/new.conf on deploy@${debian.address}:22 does not exist.` });
    expect(did?.evidence[0]?.answered).toBe("does not exist\n@@ -0,0 +1,2 @@\n+a = 'b'\n+$HOME `id`");
    expect(after.is).toBe('satisfied');
    expect(await debian.shell('stat -c "%U:%G %a" /srv/new.conf; cat /srv/new.conf')).toBe(
      `root:root 644\n${wanted.content}`,
    );
  });

  test('each difference is named: content, owner, permissions', async () => {
    const wanted = { host: 'app', path: '/srv/drift.conf', content: 'one\ntwo\nthree\n' };
    await applied(wanted);
    await debian.shell(
      'cd /srv; sed -i s/two/TWO/ drift.conf; chown deploy:www-data drift.conf; chmod 666 drift.conf',
    );

    const drifted = await checking(hostFile, wanted, hosts());
    await applied(wanted);
    const repaired = await checking(hostFile, wanted, hosts());

    expect(drifted).toMatchObject({
      is: 'unsatisfied',
      because: `/srv/drift.conf on deploy@${debian.address}:22 has another content than wanted (1 line to go, 1 to come), belongs to deploy:www-data, wanted is root:root, has mode 0666, wanted is 0644.`,
      evidence: [{ answered: expect.stringContaining('\n@@ -1,3 +1,3 @@\n one\n-TWO\n+two\n three') }],
    });
    expect(repaired.is).toBe('satisfied');
  });

  test('of a secret file only the number of lines is told, of an old and of a new one', async () => {
    const path = '/srv/secret.env';
    const wanted = {
      host: 'app',
      path,
      content: new Secret('ENV', 'PASSWORD=hunter2\nPORT=1\n'),
      mode: '0600',
    };
    await debian.shell(`umask 077; printf 'PASSWORD=old-hunter\\nPORT=1\\n' >${path}`);

    const before = await checking(hostFile, wanted, hosts());
    const open = await checking(hostFile, { ...wanted, content: 'nothing\n', mode: '0644' }, hosts());
    const did = await applied(wanted);
    const readable = await applied({ ...wanted, path: '/srv/readable.env', mode: '0644' });

    expect(before).toMatchObject({
      evidence: [
        {
          answered:
            'has another content than wanted (1 line to go, 1 to come)\nits lines are not shown, since not everybody may read them',
        },
      ],
    });
    expect(JSON.stringify([before, open, did, readable])).not.toMatch(/hunter|PORT/);
    expect(await debian.shell(`cat ${path}; stat -c %a ${path}`)).toBe('PASSWORD=hunter2\nPORT=1\n600\n');
  });

  test('a file that the program refuses is not installed, and its complaint is told', async () => {
    const path = '/etc/sudoers.d/app';
    const wanted = {
      host: 'app',
      path,
      content: 'app ALL=(root) NOPASSWD: /bin/true\n',
      mode: '0440',
      validate: ['visudo', '-cf'],
    };
    await applied(wanted);

    const open = {
      host: 'app',
      path: '/srv/open',
      content: 'this is no rule\n',
      validate: ['visudo', '-cf'],
    };
    const refused = await failureOf(applied(open));
    const secret = await failureOf(applied({ ...wanted, content: 'this is no rule\n' }));

    expect(refused.code).toBe('config-refused');
    expect(refused.message).toMatch(
      /^visudo on .* refuses \/srv\/open, which was left as it was: .*\/srv\/open:1/,
    );
    expect(secret.code).toBe('config-refused');
    expect(secret.message).not.toContain('no rule');
    expect(
      await debian.shell(`cat ${path}; ls /srv/open 2>&1 || true; ls -d /tmp/tmp.* 2>/dev/null || true`),
    ).toBe(`${wanted.content}ls: cannot access '/srv/open': No such file or directory\n`);
  });

  test('a program that is to look at the file and is missing is told', async () => {
    const failure = await failureOf(
      applied({ host: 'app', path: '/srv/x', content: 'x', validate: ['no-such-program'] }),
    );

    expect(failure.code).toBe('not-found');
    expect(failure.message).toContain('no-such-program, which is to look at /srv/x first, is not on');
  });

  test.each([
    ['/srv/link', 'ln -sfn /etc/hostname /srv/link', 'command-failed', 'is a link or no regular file'],
    ['/srv/folder', 'mkdir -p /srv/folder', 'command-failed', 'is a link or no regular file'],
    ['/srv/nowhere/file', 'true', 'not-found', 'The folder of /srv/nowhere/file'],
    ['/srv/large', 'truncate -s 2000000 /srv/large', 'command-failed', 'is larger than 1048576 bytes'],
  ])('%s is not written to', async (path, prepare, code, says) => {
    await debian.shell(prepare);
    const before = await debian.shell('ls -lR /srv /etc/hostname');

    const failure = await failureOf(applied({ host: 'app', path, content: 'x' }));

    expect(failure.code).toBe(code);
    expect(failure.message).toContain(says);
    expect(await debian.shell('ls -lR /srv /etc/hostname')).toBe(before);
  });

  test('an owner that does not exist is told, and nothing is left', async () => {
    const failure = await failureOf(
      applied({ host: 'app', path: '/srv/owned', content: 'x', owner: 'nobody-here' }),
    );

    expect(failure.code).toBe('not-found');
    expect(failure.message).toContain('create it first (host/user)');
    expect(await debian.shell('ls -A /srv | grep -e owned -e slipway || echo none')).toBe('none\n');
  });

  test('undo puts the first content back, may be repeated, and leaves what others have changed', async () => {
    const wanted = { host: 'app', path: '/srv/undo.conf', content: 'ours\n' };
    await debian.shell('cd /srv; echo theirs >undo.conf; chmod 600 undo.conf; chown deploy: undo.conf');
    const remembered: unknown = JSON.parse(JSON.stringify((await applied(wanted))?.remember));
    const shown = 'stat -c "%U:%G %a" /srv/undo.conf; cat /srv/undo.conf';

    const kept = await debian.shell(
      'cd /var/lib/slipway/kept && stat -c "%U:%G %a" *-undo.conf . && cat *-undo.conf',
    );

    await undone(wanted, remembered);
    const first = await debian.shell(shown);
    await undone(wanted, remembered);
    const second = await debian.shell(shown);
    await debian.shell('echo somebody >/srv/undo.conf');
    const failure = await failureOf(undone(wanted, remembered));

    expect(kept).toBe('deploy:deploy 600\nroot:root 700\ntheirs\n');
    expect(first).toBe('deploy:deploy 600\ntheirs\n');
    expect(second).toBe(first);
    expect(failure.code).toBe('not-undone');
    expect(failure.message).toContain('was changed by somebody since');
    expect(await debian.shell('cat /srv/undo.conf')).toBe('somebody\n');
  });

  test('undo removes a file that was not there before, and says when nothing was recorded', async () => {
    const wanted = { host: 'app', path: '/srv/fresh.conf', content: 'ours\n' };
    const did = await applied(wanted);
    const again = await applied(wanted);

    const nothing = await undone(wanted, again?.remember);
    const stayed = await debian.shell('cat /srv/fresh.conf');
    await undone(wanted, did?.remember);
    await undone(wanted, did?.remember);
    const failure = await failureOf(undone(wanted, undefined));

    expect(nothing).toMatchObject([{ answered: 'nothing, the file was as wanted' }]);
    expect(stayed).toBe('ours\n');
    expect(await debian.shell('ls /srv/fresh.conf 2>&1 || true')).toContain('No such file');
    expect(failure.code).toBe('not-undone');
  });

  test('a large file arrives whole', async () => {
    const content = `${'0123456789abcde\n'.repeat(60_000)}ende ohne Umbruch: ü`;
    const wanted = { host: 'app', path: '/srv/big.txt', content };

    await applied(wanted);
    const check = await checking(hostFile, wanted, hosts());

    expect(check.is).toBe('satisfied');
    expect(await debian.shell('stat -c %s /srv/big.txt')).toBe(`${Buffer.byteLength(content)}\n`);
  });
});
