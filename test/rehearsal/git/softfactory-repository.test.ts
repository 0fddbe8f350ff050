import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GitServer, startGitServer } from '../../../rehearsal/git/git-server.ts';
import {
  makeSoftFactoryRepository,
  type SoftFactoryRepository,
} from '../../../rehearsal/git/softfactory-repository.ts';
import { describeWith } from '../../support/parts.ts';

describeWith('git', "the application's repository", () => {
  let dir: string;
  let repository: SoftFactoryRepository;
  let server: GitServer;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-git-'));
    repository = await makeSoftFactoryRepository(join(dir, 'served'));
    server = await startGitServer({ folder: join(dir, 'served') });
  });

  afterAll(async () => {
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const git = async (...words: readonly string[]) => {
    const env = { PATH: process.env.PATH, HOME: dir, GIT_TERMINAL_PROMPT: '0' };
    const { stdout } = await promisify(execFile)('git', [...words], { cwd: dir, env });
    return stdout.trim();
  };

  test('is cloned over HTTP, whole or in one commit, and has a tag for each version', async () => {
    const url = `${server.url}/softfactory.git`;

    await git('clone', '--quiet', url, 'whole');
    await git('clone', '--quiet', '--depth=1', '--branch=v2.0.0', url, 'shallow');
    const commits = await git('-C', 'whole', 'rev-list', '--reverse', 'main');
    const [whole, shallow] = await Promise.all(
      ['whole', 'shallow'].map((name) => readFile(join(dir, name, 'backend/__init__.py'), 'utf8')),
    );

    expect(commits.split('\n')).toEqual(Object.values(repository.commits));
    expect(whole).toContain('VERSION = "2.1.0"');
    expect(shallow).toContain('VERSION = "2.0.0"');
    expect(await git('-C', 'shallow', 'rev-list', '--count', 'HEAD')).toBe('1');
  });

  test('has the same commits whenever it is made from the same source', async () => {
    const again = await makeSoftFactoryRepository(join(dir, 'again'));

    expect(again.commits).toEqual(repository.commits);
  });

  test('cannot be written to', async () => {
    await git('clone', '--quiet', `${server.url}/softfactory.git`, 'pushing');

    const pushed = git('-C', 'pushing', 'push', 'origin', 'main:other');

    await expect(pushed).rejects.toThrow();
    expect(await git('ls-remote', `${server.url}/softfactory.git`)).not.toContain('other');
  });

  test('is all that is served', async () => {
    const answer = await fetch(`${server.url}/other.git/info/refs?service=git-upload-pack`);

    expect(answer.status).toBe(404);
  });
});
