import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SshHost, startSshHost } from '../../../rehearsal/world/ssh-host.ts';
import { keyPair } from '../../../rehearsal/world/sshd.ts';
import { Secret } from '../../../src/secret.ts';
import { readRemoteFile, writeRemoteFile } from '../../../src/steps/host/remote-file.ts';
import { runOn } from '../../../src/steps/ssh/ssh-run.ts';
import { contextOf, failureOf } from '../../steps/contract.ts';

describe('a host that needs nothing installed', () => {
  let dir: string;
  let played: SshHost;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-ssh-host-'));
    played = await startSshHost({ dir });
  });

  afterAll(async () => {
    await played.stop();
    await rm(dir, { recursive: true, force: true });
  });

  test('runs commands with their input, exit code and both outputs', async () => {
    const words = ['sh', '-c', 'cat; echo wrong >&2; exit 3'];

    const result = await runOn(played.host, { words, stdin: 'given', limit: 10_000 }, contextOf());

    expect(result).toMatchObject({ exit: 3, stdout: 'given', stderr: 'wrong\n' });
  });

  test("has its own places in a folder, under the host's names for them and with root as their owner", async () => {
    const wanted = { owner: 'root', group: 'root', mode: '0600' };

    await writeRemoteFile(played.host, '/etc/app.conf', { content: 'one', ...wanted }, contextOf());
    const { kept } = await writeRemoteFile(
      played.host,
      '/etc/app.conf',
      { content: 'two', ...wanted },
      contextOf(),
    );
    const found = await readRemoteFile(played.host, '/etc/app.conf', contextOf());

    expect(found).toEqual({ content: 'two', ...wanted });
    expect(kept).toMatch(/^\/var\/lib\/slipway\/kept\//);
    expect(await readFile(join(played.root, 'etc/app.conf'), 'utf8')).toBe('two');
    expect(await readFile(join(played.root, kept ?? ''), 'utf8')).toBe('one');
  });

  test('tells nothing of the folder that it lies in, wherever its output is cut', async () => {
    const words = ['sh', '-c', 'for n in $(seq 3000); do echo "$n /etc/hosts"; done; printf %s /etc'];

    const { stdout } = await runOn(played.host, { words, limit: 10_000 }, contextOf());

    const lines = Array.from({ length: 3_000 }, (_, at) => `${at + 1} /etc/hosts\n`);
    expect(stdout).toBe(`${lines.join('')}/etc`);
  });

  test('works in a folder whose name a shell would take apart', async () => {
    const other = await startSshHost({ dir: join(dir, "it's $HOME; a folder") });
    const file = { content: 'one', owner: 'root', group: 'root', mode: '0600' };

    await writeRemoteFile(other.host, '/srv/app.conf', file, contextOf());
    await writeRemoteFile(other.host, '/srv/app.conf', { ...file, content: 'two' }, contextOf());
    const found = await readRemoteFile(other.host, '/srv/app.conf', contextOf());
    await other.stop();
    await rm(other.root, { recursive: true, force: true });

    expect(found?.content).toBe('two');
  });

  test('refuses what could change the account or the owner of a file', async () => {
    const run = (...words: string[]) => runOn(played.host, { words, limit: 10_000 }, contextOf());

    const ends = [
      await run('setpriv', '--reuid=nobody', '--', 'true'),
      await run('sudo', 'true'),
      await run('chown', 'nobody:nogroup', '/etc/passwd'),
      await run('id', '-u', '--', 'nobody'),
      await run('getent', 'hosts', 'localhost'),
    ].map(({ exit }) => exit);

    expect(ends).toEqual([64, 64, 1, 1, 64]);
  });

  test('lets nobody in with another key', async () => {
    await keyPair(join(dir, 'other'), ['-t', 'ed25519']);
    const privateKey = new Secret('OTHER', await readFile(join(dir, 'other'), 'utf8'));

    const failure = await failureOf(
      runOn({ ...played.host, privateKey }, { words: ['true'], limit: 5_000 }, contextOf()),
    );

    expect(failure.code).toBe('authentication-failed');
  });
});
