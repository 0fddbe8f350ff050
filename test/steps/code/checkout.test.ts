import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type DebianHost, startHost } from '../../../rehearsal/host/host.ts';
import { Secret } from '../../../src/secret.ts';
import { codeCheckout } from '../../../src/steps/code/checkout.ts';
import { describeWith } from '../../support/parts.ts';
import { until } from '../../support/until.ts';
import { checking, contextOf, contract, failureOf } from '../contract.ts';

/** A repository with three commits on main and one on a branch of its own; accounts; a git server over SSH on the host itself. */
const preparing = `set -e
export DEBIAN_FRONTEND=noninteractive
apt-get install -qq git >/dev/null
useradd --system --create-home softfactory
useradd --create-home --shell /bin/sh git
cat >/tmp/make <<'SCRIPT'
set -e
cd /home/git
git init -q -b main work && cd work
git config user.name Softfactory; git config user.email dev@softfactory.example
printf '.env\\nvenv/\\n' >.gitignore; mkdir web; echo one >app.py; echo page >'web/my page.html'; chmod +x app.py
git add -A; git commit -q -m one
echo two >app.py; git rm -q 'web/my page.html'; git commit -q -am two
echo three >app.py; git commit -q -am three
git switch -q -c other; echo four >app.py; git commit -q -am four; git switch -q main
git clone -q --bare . ../softfactory.git
SCRIPT
HOME=/home/git runuser -u git -- sh /tmp/make`;

describe('the address of a repository', () => {
  const accepts = (repository: string) =>
    codeCheckout.with.safeParse({
      host: 'app',
      repository,
      directory: '/opt/app',
      commit: 'a'.repeat(40),
      as: 'app',
    }).success;

  test.each([
    'https://github.com/softfactory/app.git',
    'ssh://git@git.softfactory.example:2222/app.git',
    'git@github.com:softfactory/app.git',
    'file:///srv/app.git',
    '/srv/app.git',
  ])('%s is taken', (address) => expect(accepts(address)).toBe(true));

  test.each([
    'https://token@github.com/softfactory/app.git',
    'https://user:pass@github.com/softfactory/app.git',
    'ssh://git:pass@github.com/app.git',
    '--upload-pack=id',
    'ext::sh -c id',
    'ssh://-oProxyCommand=id/app',
    'git@-oProxyCommand=id:app',
  ])('%s is refused', (address) => expect(accepts(address)).toBe(false));
});

describeWith('debian-host', 'code/checkout', () => {
  let dir: string;
  let debian: DebianHost;
  let context: { hosts: Record<string, DebianHost['host']> };
  let commits: readonly string[];
  let wanted: Record<string, unknown>;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-checkout-'));
    debian = await startHost({ dir });
    context = { hosts: { app: debian.host } };
    await debian.shell(preparing);
    const log = await debian.shell(
      'runuser -u git -- git -C /home/git/softfactory.git rev-list --all --topo-order --reverse',
    );
    commits = log.trim().split('\n');
    wanted = {
      host: 'app',
      repository: 'file:///home/git/softfactory.git',
      directory: '/opt/app',
      commit: commits[2],
      as: 'softfactory',
    };
  }, 600_000);

  afterAll(async () => {
    await debian?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  beforeEach(async () => {
    await debian.shell(
      'rm -rf /opt/app /opt/.slipway* /usr/local/bin/git; runuser -u git -- git -C /home/git/softfactory.git gc -q',
    );
  });

  contract(codeCheckout, { first: 'unsatisfied', last: 'satisfied', undoes: true }, async () => {
    // The repository is another account's, which git would not touch without this.
    await debian.shell('git config --system --add safe.directory "*"');
    const parameters = {
      ...wanted,
      repository: '/home/git/softfactory.git',
      directory: '/srv/contract',
      commit: commits[2],
    };
    await debian.shell(`install -d -o softfactory /srv/contract; cd /srv/contract
      runuser -u softfactory -- git clone -q /home/git/softfactory.git . 2>&1; runuser -u softfactory -- git checkout -q ${commits[0]}
      echo mine >app.py; rm web/*; echo new >'not tracked'; echo S=1 >.env; chown softfactory app.py .env 'not tracked'`);
    return {
      wanted: parameters,
      hung: (port) => ({
        wanted: parameters,
        context: { hosts: { app: { ...debian.host, address: '127.0.0.1', port } } },
      }),
      context,
      snapshot: () => state('/srv/contract'),
      close: async () => {},
    };
  });

  test('an empty machine gets a clone that belongs to the account', async () => {
    const before = await checking(codeCheckout, wanted, context);
    const lines: string[] = [];

    await applied({}, { log: (text) => void lines.push(text) });
    const after = await checking(codeCheckout, wanted, context);

    expect(before).toMatchObject({
      because: expect.stringMatching(/^\/opt\/app on deploy@.* does not exist\.$/),
    });
    expect(after.is).toBe('satisfied');
    expect(
      await debian.shell(
        'cat /opt/app/app.py; stat -c "%U %a" /opt/app /opt/app/app.py; ls -A /opt; ls /run | grep slipway-git | grep -v lock || true',
      ),
    ).toBe('three\nsoftfactory 755\nsoftfactory 755\napp\n');
    expect(lines.join('')).toContain('Cloning into');
  });

  test('an empty directory keeps its owner, group and mode', async () => {
    await debian.shell('install -d -o softfactory -g www-data -m 2750 /opt/app');

    const { remember } = (await applied()) ?? {};
    const about = await debian.shell('stat -c "%U %G %a" /opt/app');
    await undone(remember);

    expect(about).toBe('softfactory www-data 2750\n');
    expect(await debian.shell('stat -c "%U %G %a" /opt/app; ls -A /opt/app')).toBe(
      'softfactory www-data 2750\n',
    );
  });

  test('every change by hand is named, and what is ignored is none', async () => {
    await applied({ commit: commits[0] });
    await debian.shell(
      `cd /opt/app; echo S=1 >.env; mkdir venv; echo x >venv/x; echo mine >app.py; rm 'web/my page.html'; echo new >'a file'`,
    );

    const found = await checking(codeCheckout, { ...wanted, commit: commits[1] }, context);

    expect(found).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringMatching(
        new RegExp(
          `^/opt/app on deploy@.* is at ${commits[0]}, wanted is ${commits[1]}, has changes made by hand: app\\.py, web/my page\\.html \\(deleted\\), a file \\(not tracked\\)\\.$`,
        ),
      ),
    });
  });

  test('changes by hand are kept as a patch, put away, and come back with an undo', async () => {
    await applied({ commit: commits[0] });
    await debian.shell(
      `cd /opt/app; echo S=1 >.env; echo mine >app.py; printf 'a\\000b' >binary; chown -R softfactory .; runuser -u softfactory -- git add app.py`,
    );
    const before = await state('/opt/app');

    const result = await applied();
    const after = await state('/opt/app');
    await undone(result?.remember);

    expect(after).toContain('three');
    expect(after).not.toContain('binary');
    expect(JSON.stringify(result?.evidence)).toMatch(
      /what was changed by hand is kept as \/var\/lib\/slipway\/kept\/checkout-/,
    );
    expect(JSON.stringify(result)).not.toContain('mine');
    expect(await debian.shell('stat -c "%U %a" /var/lib/slipway/kept/checkout-*')).toMatch(/^(root 600\n)+$/);
    expect(await state('/opt/app')).toBe(before);
  });

  test('a clone of this run is removed by an undo, but not with an environment file in it', async () => {
    const { remember } = (await applied()) ?? {};
    await debian.shell('echo S=1 >/opt/app/.env');

    const failure = await failureOf(undone(remember));
    await debian.shell('rm /opt/app/.env');
    await undone(remember);

    expect(failure.code).toBe('not-undone');
    expect(failure.message).toContain('holds files that git ignores');
    expect(await debian.shell('ls -A /opt')).toBe('');
  });

  test('an undo leaves what somebody has changed since', async () => {
    await applied({ commit: commits[0] });
    const { remember } = (await applied()) ?? {};
    await debian.shell('echo since >/opt/app/app.py');

    const failure = await failureOf(undone(remember));

    expect(failure.code).toBe('not-undone');
    expect(await debian.shell('cat /opt/app/app.py')).toBe('since\n');
  });

  test('a server that gives no single commit is asked for everything', async () => {
    await applied({ commit: commits[0] });
    await debian.shell(`git config --system protocol.version 0
      runuser -u git -- sh -c 'cd /home/git/work && git switch -q other && echo five >app.py && git commit -q -am five && git push -q ../softfactory.git other' 2>&1`);
    const commit = (await debian.shell('git -C /home/git/softfactory.git rev-parse other')).trim();

    await applied({ commit });
    await debian.shell('git config --system --unset protocol.version');

    expect(await debian.shell('cat /opt/app/app.py')).toBe('five\n');
  });

  test('a deploy key lets in over SSH and is left nowhere; without it nothing is cloned', async () => {
    await promisify(execFile)('ssh-keygen', ['-q', '-N', '', '-t', 'ed25519', '-f', join(dir, 'deploy')]);
    const publicKey = await readFile(join(dir, 'deploy.pub'), 'utf8');
    await debian.shell(
      `install -d -o git -m 700 /home/git/.ssh; echo '${publicKey.trim()}' >/home/git/.ssh/authorized_keys; chown git /home/git/.ssh/authorized_keys`,
    );
    const hostKey = (await debian.shell('cat /etc/ssh/ssh_host_ed25519_key.pub')).trim();
    const ssh = { repository: 'git@127.0.0.1:softfactory.git', knownHosts: `127.0.0.1 ${hostKey}` };
    const key = new Secret('DEPLOY_KEY', await readFile(join(dir, 'deploy'), 'utf8'));

    const withoutKey = await failureOf(applied(ssh));
    const unknownHost = await failureOf(applied({ ...ssh, key, knownHosts: '127.0.0.2 ssh-ed25519 AAAA' }));
    await applied({ ...ssh, key });

    expect([withoutKey.code, unknownHost.code]).toEqual(['command-failed', 'command-failed']);
    expect(withoutKey.message).toContain('Permission denied');
    expect(unknownHost.message).toContain('Host key verification failed');
    expect((await checking(codeCheckout, { ...wanted, ...ssh, key }, context)).is).toBe('satisfied');
    expect(
      await debian.shell(
        'ls -A /opt; ls -d /run/slipway-git-*[!k] 2>/dev/null || true; grep -rl "OPENSSH PRIVATE" /run /tmp /opt 2>/dev/null || true',
      ),
    ).toBe('app\n');
  });

  test('a connection that is lost in the middle of a clone leaves nothing under the name, and another run completes it', async () => {
    await slowGit('clone', 4);

    const cloning = failureOf(applied());
    await appears('/opt/.slipway-clone-app/.git');
    await debian.shell('pkill -KILL -u deploy sshd');
    const failure = await cloning;
    const left = await debian.shell('ls /opt');
    await debian.shell('rm /usr/local/bin/git');
    await applied();

    expect(failure.code).toBe('connection-refused');
    expect(left).toBe('');
    expect((await checking(codeCheckout, wanted, context)).is).toBe('satisfied');
    expect(await debian.shell('ls -A /opt')).toBe('app\n');
  });

  test('a clone that is stopped leaves nothing at all', async () => {
    await slowGit('clone', 60);
    const controller = new AbortController();

    const cloning = failureOf(applied({}, { signal: controller.signal }));
    await appears('/opt/.slipway-clone-app/.git');
    controller.abort(new DOMException('stopped', 'AbortError'));
    const failure = await cloning;
    await until('nothing is left of the clone', async () => {
      return (await debian.shell('ls -A /opt; pgrep git || true')) === '';
    });

    expect(failure.code).toBe('aborted');
  });

  test('locks of a git that was killed are removed, those of a working one are heeded', async () => {
    await applied({ commit: commits[0] });
    await debian.shell(
      'touch /opt/app/.git/index.lock /opt/app/.git/HEAD.lock; cp /usr/bin/sleep /tmp/git; (cd /opt/app && exec /tmp/git 60 >/dev/null 2>&1 &)',
    );

    const busy = await failureOf(applied());
    await debian.shell('pkill -x git');
    await applied();

    expect(busy.message).toMatch(/^Another git works in \/opt\/app/);
    expect((await checking(codeCheckout, wanted, context)).is).toBe('satisfied');
  });

  test('a disk that is full is told and leaves nothing behind', async () => {
    await debian.shell('mkdir -p /opt/small; mount -t tmpfs -o size=64k tmpfs /opt/small');

    const failure = await failureOf(applied({ directory: '/opt/small/app' }));
    const left = await debian.shell('ls -A /opt/small; umount /opt/small; rmdir /opt/small');

    expect(failure.code).toBe('disk-full');
    expect(left).toBe('');
  });

  test('what cannot be is told', async () => {
    await debian.shell('mkdir -p /opt/full && echo x >/opt/full/x; touch /opt/file');

    const told = {
      commit: await failureOf(applied({ commit: 'b'.repeat(40) })),
      repository: await failureOf(applied({ repository: '/nowhere.git' })),
      notEmpty: await failureOf(applied({ directory: '/opt/full' })),
      file: await failureOf(applied({ directory: '/opt/file' })),
      folder: await failureOf(applied({ directory: '/nowhere/app' })),
      account: await failureOf(applied({ as: 'nobody-here' })),
    };
    const looked = await checking(codeCheckout, { ...wanted, as: 'nobody-here' }, context);
    await debian.shell('rm -r /opt/full /opt/file');

    expect(Object.values(told).map(({ code }) => code)).toEqual([
      'not-found',
      'command-failed',
      'command-failed',
      'command-failed',
      'not-found',
      'not-found',
    ]);
    expect(told.commit.message).toContain('push it, or ask for another version');
    expect(looked).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringContaining('There is no account nobody-here'),
    });
    expect(await debian.shell('ls -A /opt')).toBe('');
  });

  async function applied(other: Record<string, unknown> = {}, around: Parameters<typeof contextOf>[0] = {}) {
    return codeCheckout.apply?.(
      codeCheckout.with.parse({ ...wanted, ...other }),
      contextOf({ ...context, ...around }),
    );
  }

  async function undone(remember: unknown) {
    return codeCheckout.undo?.(
      codeCheckout.with.parse(wanted),
      contextOf(context),
      JSON.parse(JSON.stringify(remember)),
    );
  }

  /** HEAD, what git finds changed, and the contents of all other files. */
  function state(directory: string): Promise<string> {
    return debian.shell(`cd ${directory} 2>/dev/null || exit 0
git rev-parse HEAD
git --no-optional-locks status --porcelain | cut -c 3-
find . -path ./.git -prune -o -type f -print | sort | while read -r file; do stat -c '%n %U %a' "$file"; tr -d '\\000' <"$file"; done`);
  }

  async function slowGit(command: string, seconds: number): Promise<void> {
    await debian.shell(`cat >/usr/local/bin/git <<'SCRIPT'
#!/bin/sh
case " $* " in *' ${command} '*) /usr/bin/git "$@"; sleep ${seconds} ;; esac
exec /usr/bin/git "$@"
SCRIPT
chmod 755 /usr/local/bin/git`);
  }

  async function appears(path: string): Promise<void> {
    await debian.shell(`until [ -e ${path} ]; do sleep 0.05; done`);
  }
});
