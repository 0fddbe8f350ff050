import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The rehearsal's application as a bare git repository with two versions on the branch `main`. */
export interface SoftFactoryRepository {
  /** Its own folder. */
  readonly path: string;
  /** The commit of each tag; the later one says its own version at /api/health. */
  readonly commits: Readonly<Record<'v2.0.0' | 'v2.1.0', string>>;
}

const source = fileURLToPath(new URL('../softfactory', import.meta.url));

/** Makes `softfactory.git` in a folder; the commits are the same each time that the source is. Needs git. */
export async function makeSoftFactoryRepository(folder: string): Promise<SoftFactoryRepository> {
  const work = join(folder, 'softfactory');
  const path = join(folder, 'softfactory.git');
  await mkdir(work, { recursive: true });
  await cp(source, work, { recursive: true, filter: (name) => !name.includes('__pycache__') });
  const git = gitIn(work, folder);
  await git('init', '--quiet', '--initial-branch=main');
  await setVersion(work, '2.0.0');
  const first = await commit(git, 'v2.0.0');
  await setVersion(work, '2.1.0');
  const second = await commit(git, 'v2.1.0');
  await git('clone', '--quiet', '--bare', work, path);
  return { path, commits: { 'v2.0.0': first, 'v2.1.0': second } };
}

type Git = (...words: readonly string[]) => Promise<string>;

function gitIn(work: string, home: string): Git {
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'SoftFactory',
    GIT_AUTHOR_EMAIL: 'dev@softfactory.example',
    GIT_AUTHOR_DATE: '2026-02-26T00:00:00Z',
    GIT_COMMITTER_NAME: 'SoftFactory',
    GIT_COMMITTER_EMAIL: 'dev@softfactory.example',
    GIT_COMMITTER_DATE: '2026-02-26T00:00:00Z',
  };
  return async (...words) => {
    const { stdout } = await promisify(execFile)('git', [...words], { cwd: work, env });
    return stdout.trim();
  };
}

async function setVersion(work: string, version: string): Promise<void> {
  const file = join(work, 'backend/__init__.py');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/^VERSION = .*$/m, `VERSION = "${version}"`));
}

async function commit(git: Git, tag: string): Promise<string> {
  await git('add', '--all', '--force');
  await git('commit', '--quiet', '--message', `SoftFactory ${tag}`);
  await git('tag', tag);
  return git('rev-parse', 'HEAD');
}
