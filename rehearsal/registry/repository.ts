import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

/** A real git repository in a folder, whose history a test writes. */
export interface Repository {
  readonly dir: string;
  /** Its `file://` address. */
  readonly url: string;
  /** Commits something new on the branch `main` and gives the commit's id. */
  readonly commit: () => Promise<string>;
  /** Runs git there, for tags and branches; gives what it printed. */
  readonly git: (...words: readonly string[]) => Promise<string>;
}

/** Makes a repository with one commit on `main`. */
export async function makeRepository(dir: string): Promise<Repository> {
  await mkdir(dir, { recursive: true });
  const env = {
    PATH: process.env.PATH,
    HOME: dir,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Crew',
    GIT_AUTHOR_EMAIL: 'crew@example.com',
    GIT_COMMITTER_NAME: 'Crew',
    GIT_COMMITTER_EMAIL: 'crew@example.com',
  };
  const git: Repository['git'] = async (...words) => {
    const { stdout } = await promisify(execFile)('git', [...words], { cwd: dir, env });
    return stdout.trim();
  };
  let count = 0;
  const commit: Repository['commit'] = async () => {
    count += 1;
    await writeFile(join(dir, 'version.txt'), `${count}\n`);
    await git('add', 'version.txt');
    await git('commit', '--quiet', '--message', `change ${count}`);
    return git('rev-parse', 'HEAD');
  };
  await git('init', '--quiet', '--initial-branch=main', '.');
  await commit();
  return { dir, url: pathToFileURL(dir).href, commit, git };
}
