import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SshHost, startSshHost } from '../../../rehearsal/world/ssh-host.ts';
import { keyPair } from '../../../rehearsal/world/sshd.ts';
import { Secret } from '../../../src/secret.ts';
import { writeRemoteFile } from '../../../src/steps/host/remote-file.ts';
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

  test('keeps what Slipway would keep under /var/lib in its own folder', async () => {
    const path = join(played.files, 'app.conf');
    const { HOST_ACCOUNT: owner, HOST_GROUP: group } = played.account;
    const wanted = { owner, group, mode: '0600' };

    await writeRemoteFile(played.host, path, { content: 'one', ...wanted }, contextOf());
    const { kept } = await writeRemoteFile(played.host, path, { content: 'two', ...wanted }, contextOf());

    expect(await readFile(path, 'utf8')).toBe('two');
    expect(await readFile(kept ?? '', 'utf8')).toBe('one');
    expect(kept).toContain(dir);
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
