import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** The versions that can be deployed, oldest first, each a tag and a commit of its own. */
export const demoVersions = [
  'v1.0.0',
  'v2.4.0',
  'v2.4.1',
  'v2.4.2-flaky',
  'v2.5.0-broken',
  'v2.5.1',
] as const;

/** What the rehearsed application consists of, by path; the worker is what the host runs of it. */
const files: Readonly<Record<string, string>> = {
  'README.md':
    '# SoftFactory\n\nThe application of the rehearsal. Its settings come from the environment; none stands here.\n',
  '.gitignore': 'node_modules/\n.env\n',
  '.env.example': 'FLASK_ENV=production\nSECRET_KEY=<64 hexadecimal digits>\nPORT=8000\n',
  Dockerfile: 'FROM node:20-slim\nWORKDIR /app\nCOPY . .\nUSER node\nCMD ["node", "worker.mjs"]\n',
  'worker.mjs': `import { readFileSync } from 'node:fs';

const version = readFileSync(new URL('VERSION', import.meta.url), 'utf8').trim();
console.log('worker of', version, 'is ready');
const timer = setInterval(() => console.log('nothing to do'), 60_000);
process.on('SIGTERM', () => clearInterval(timer));
`,
};

/** Makes the bare repository at that path, unless it is there; its commits are the same each time. Needs git. */
export async function makeDemoRepository(path: string): Promise<void> {
  if (existsSync(join(path, 'HEAD'))) return;
  const work = join(dirname(path), 'work');
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  await git(work, 'init', '--quiet', '--initial-branch=main');
  for (const version of demoVersions) {
    await commitToDemo(work, { ...files, VERSION: `${version}\n` }, version);
  }
  await git(work, 'clone', '--quiet', '--bare', work, path);
  await rm(work, { recursive: true, force: true });
}

/** Writes files into a clone, commits everything there, gives it a tag, and returns the commit. */
export async function commitToDemo(
  work: string,
  texts: Readonly<Record<string, string>>,
  tag: string,
): Promise<string> {
  for (const [name, text] of Object.entries(texts)) await writeFile(join(work, name), text);
  await git(work, 'add', '--all');
  await git(work, 'commit', '--quiet', '--message', `SoftFactory ${tag}`);
  await git(work, 'tag', tag);
  return git(work, 'rev-parse', 'HEAD');
}

async function git(work: string, ...words: readonly string[]): Promise<string> {
  const who = { NAME: 'SoftFactory', EMAIL: 'dev@softfactory.example', DATE: '2026-02-26T00:00:00Z' };
  const named = Object.entries(who).flatMap(([key, value]) => [
    [`GIT_AUTHOR_${key}`, value],
    [`GIT_COMMITTER_${key}`, value],
  ]);
  // What somebody has set up for git on this machine must not change the commits.
  const env = {
    PATH: process.env.PATH,
    HOME: work,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    ...Object.fromEntries(named),
  };
  const { stdout } = await promisify(execFile)('git', [...words], { cwd: work, env });
  return stdout.trim();
}
