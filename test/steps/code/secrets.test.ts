import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DebianHost, startHost } from '../../../rehearsal/host/host.ts';
import { codeSecrets } from '../../../src/steps/code/secrets.ts';
import { describeWith } from '../../support/parts.ts';
import { checking, contract, failureOf } from '../contract.ts';

const key = ['sk', 'live', '51HabcDEFghiJKLmnoPQR'].join('_');

const repository = `set -e
export DEBIAN_FRONTEND=noninteractive
apt-get install -qq git >/dev/null
useradd --system softfactory
install -d -o softfactory /opt/app
cd /opt/app
cat >/tmp/make <<'SCRIPT'
set -e
git init -q -b main .
git config user.name Softfactory; git config user.email dev@softfactory.example
mkdir -p backend 'web files' tests
printf 'def task_live_update():\\n    pass\\n' >backend/tasks.py
printf 'SECRET_KEY=<generate>\\nSTRIPE_SECRET_KEY=sk_live_...\\n' >.env.example
printf '.env\\n' >.gitignore
printf '\\000\\001 ${key}' >'web files/logo.bin'
: >backend/__init__.py
git add -A; git commit -q -m first
SCRIPT
HOME=/tmp runuser -u softfactory -- sh /tmp/make`;

describeWith('debian-host', 'code/secrets', () => {
  let dir: string;
  let debian: DebianHost;
  let context: { hosts: Record<string, DebianHost['host']> };
  const wanted = { host: 'app', directory: '/opt/app' };

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-secrets-'));
    debian = await startHost({ dir });
    context = { hosts: { app: debian.host } };
    await debian.shell(repository);
  }, 600_000);

  afterAll(async () => {
    await debian?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  contract(codeSecrets, { first: 'satisfied', last: 'satisfied' }, async () => ({
    wanted,
    hung: (port) => ({ wanted, context: { hosts: { app: { ...debian.host, address: '127.0.0.1', port } } } }),
    context,
    snapshot: () => debian.shell('cd /opt/app && find . -type f -exec stat -c "%n %Y %Z" {} + | sort'),
    close: async () => {},
  }));

  test('says what it looked at', async () => {
    const found = await checking(codeSecrets, wanted, context);

    expect(found).toMatchObject({
      is: 'satisfied',
      evidence: [
        {
          answered: expect.stringMatching(
            /^5 files, \d+ bytes, of which 1 are binary and were not looked at\n0 findings$/,
          ),
        },
      ],
    });
  });

  test('what is tracked is found, named by path, line and kind and never shown; what is not tracked is not', async () => {
    await commit(
      `printf 'import os\\nKEY = "${key}"\\n' >'web files/pay.py'; printf 'STRIPE=${key}\\n' >.env; printf '${key}' >untracked`,
    );

    const found = await checking(codeSecrets, wanted, context);

    expect(found).toMatchObject({
      is: 'unsatisfied',
      because: expect.stringMatching(
        /^The tracked files of \/opt\/app on deploy@.* hold what looks like secrets: web files\/pay\.py:2 \(Stripe key\); replace/,
      ),
    });
    expect(JSON.stringify(found)).not.toContain(key.slice(8));
  });

  test('findings in accepted places are counted and satisfy', async () => {
    await commit(
      `printf 'KEY = "${key}"\\n' >tests/keys.py; git rm -q -f --ignore-unmatch -- 'web files/pay.py'`,
    );

    const file = await checking(
      codeSecrets,
      { ...wanted, allow: [{ path: 'tests/keys.py', reason: 'made up' }] },
      context,
    );
    const folder = await checking(
      codeSecrets,
      { ...wanted, allow: [{ path: 'tests/', reason: 'made up' }] },
      context,
    );
    const other = await checking(
      codeSecrets,
      { ...wanted, allow: [{ path: 'test', reason: 'made up' }] },
      context,
    );

    expect(file).toMatchObject({
      is: 'satisfied',
      evidence: [
        {
          answered: expect.stringContaining(
            '0 findings, and 1 that are accepted\naccepted in tests/keys.py: made up',
          ),
        },
      ],
    });
    expect(folder.is).toBe('satisfied');
    expect(other.is).toBe('unsatisfied');
  });

  test('more than fits into one answer of a command is judged too', async () => {
    await commit(
      `git rm -q -f -- tests/keys.py; seq 1 20000 | sed 's/^/token number /' >many; { printf 'token '; head -c 3000000 /dev/zero | tr '\\000' a; printf ' ${key}\\n'; } >long.js; echo 'password = "${key}"' >>many`,
    );

    const found = await checking(codeSecrets, wanted, context);

    expect(found).toMatchObject({
      because: expect.stringContaining(
        'secrets: long.js:1 (Stripe key), many:20001 (Stripe key, random value under a telling name); replace',
      ),
    });
  });

  test.each([
    ['/opt/nowhere', 'not-found'],
    ['/etc', 'not-found'],
  ])('%s is told as %s', async (directory, code) => {
    const failure = await failureOf(checking(codeSecrets, { ...wanted, directory }, context));

    expect(failure.code).toBe(code);
    expect(failure.message).toContain('code/checkout');
  });

  async function commit(script: string): Promise<void> {
    await debian.shell(`cat >/tmp/change <<'SCRIPT'
set -e
${script}
git add -A -- . ':!untracked'; git commit -q -m change
SCRIPT
cd /opt/app && HOME=/tmp runuser -u softfactory -- sh /tmp/change`);
  }
});
