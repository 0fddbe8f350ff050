import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../errors.ts';
import type { Secret } from '../secret.ts';

/** A git repository: its address, and the private key (SSH) or token (HTTP) that opens it; `knownHosts` are lines as ssh keeps them. */
export interface Repository {
  readonly repository: string;
  readonly key?: Secret;
  readonly knownHosts?: string;
}

/** How git ended: its exit code, its output, and what it said besides. */
export interface GitAnswer {
  readonly code: number | null;
  readonly out: string;
  readonly said: string;
}

/** Runs git with these words, in a folder of its own. */
export type Git = (...words: readonly string[]) => Promise<GitAnswer>;

/** What a process's environment variables are. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** A repository with a hundred thousand tags is told in less. */
const longestAnswer = 64 * 1024 * 1024;

/** What would make git look at another repository than the one that is named. */
const misleading = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_OBJECT_DIRECTORY', 'GIT_COMMON_DIR'];

/**
 * Lets work use git with the access to one repository, in a folder that is removed afterwards. Git asks nobody for anything
 * and is stopped after `limit` milliseconds, which throws `source-unreachable`.
 */
export async function withGit<T>(
  repository: Repository,
  env: Variables,
  limit: number,
  work: (git: Git) => Promise<T>,
): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-git-'));
  try {
    const variables: Record<string, string | undefined> = {
      ...env,
      ...quiet,
      ...(await access(repository, dir)),
    };
    for (const name of misleading) delete variables[name];
    return await work((...words) => run(words, { repository, dir, env: variables, limit }));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Nobody sits there to answer a question. An empty GIT_ASKPASS keeps git from starting a program that asks (git-config, core.askPass). */
const quiet = { GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: '', SSH_ASKPASS_REQUIRE: 'never', LC_ALL: 'C' };

async function access(
  { repository, key, knownHosts }: Repository,
  dir: string,
): Promise<Record<string, string>> {
  if (/^https?:/.test(repository)) return key === undefined ? {} : tokenFor(repository, key);
  if (repository.startsWith('file:')) return {};
  // Git hands this text to a shell, so that it must be constant: what varies goes in by names.
  const words = ['ssh', '-o BatchMode=yes', '-o StrictHostKeyChecking=yes', '-o ConnectTimeout=10'];
  const files: Record<string, string> = {};
  if (key !== undefined) {
    files.SLIPWAY_GIT_KEY = join(dir, 'key');
    await writeFile(files.SLIPWAY_GIT_KEY, `${key.reveal().trimEnd()}\n`, { mode: 0o600 });
    words.push('-i "$SLIPWAY_GIT_KEY" -o IdentitiesOnly=yes');
  }
  if (knownHosts !== undefined) {
    files.SLIPWAY_GIT_HOSTS = join(dir, 'known_hosts');
    await writeFile(files.SLIPWAY_GIT_HOSTS, `${knownHosts.trimEnd()}\n`);
    words.push('-o UserKnownHostsFile="$SLIPWAY_GIT_HOSTS"');
  }
  return { ...files, GIT_SSH_COMMAND: words.join(' ') };
}

/** A token goes along as a header by way of the environment, since every user of the machine can read the words of a command (git-config, GIT_CONFIG_COUNT and http.extraHeader). */
function tokenFor(repository: string, token: Secret): Record<string, string> {
  const { origin, username } = new URL(repository);
  const pair = `${decodeURIComponent(username) || 'x-access-token'}:${token.reveal().trim()}`;
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `http.${origin}/.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${Buffer.from(pair).toString('base64')}`,
  };
}

interface Running {
  readonly repository: Repository;
  readonly dir: string;
  readonly env: Variables;
  readonly limit: number;
}

function run(words: readonly string[], { repository, dir, env, limit }: Running): Promise<GitAnswer> {
  return new Promise((resolve, reject) => {
    // A group of its own, so that the ssh that git starts ends with it.
    const child = spawn('git', words, { cwd: dir, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const texts = { out: '', said: '' };
    const stop = (because: string): void => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      reject(new Failure('source-unreachable', `${repository.repository} ${because}`));
    };
    const tooLate = () =>
      stop(
        `did not answer within ${limit / 1000} s. Check the address and the network of Slipway's machine.`,
      );
    const timer = setTimeout(tooLate, limit);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      texts.out += text;
      if (texts.out.length > longestAnswer) stop('has more tags and branches than Slipway reads.');
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      texts.said = `${texts.said}${text}`.slice(-4_000);
    });
    child.once('error', (error) => {
      clearTimeout(timer);
      const because = `git cannot be started on Slipway's machine (${error.message}). Install git there.`;
      reject(new Failure('source-unreachable', because, { cause: error }));
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, ...texts });
    });
  });
}
