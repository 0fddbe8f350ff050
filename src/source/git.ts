import { Failure } from '../errors.ts';
import { nearNames } from './near-names.ts';
import { type Git, type GitAnswer, type Repository, type Variables, withGit } from './run-git.ts';

/** The commit that a version is, as 40 hex digits (64 in a repository with SHA-256), and what whoever asked should know of the choice. */
export interface Commit {
  readonly commit: string;
  readonly notes: readonly string[];
}

/** What looking a version up needs besides the repository: environment variables for git, and a time limit in milliseconds for each of its commands. */
export interface GitOptions {
  readonly env: Variables;
  readonly limit: number;
}

const whole = /^([0-9a-f]{40}|[0-9a-f]{64})$/;
const abbreviated = /^[0-9a-f]{7,63}$/;

/**
 * Finds out which commit a tag, a branch or a whole commit id is now, by `git ls-remote` (and for an id that no name points
 * at by fetching it alone). Throws `version-unknown`, with near names, and `source-unreachable` in git's own words.
 */
export async function commitOf(
  repository: Repository,
  version: string,
  { env, limit }: GitOptions,
): Promise<Commit> {
  return withGit(repository, env, limit, async (git) => {
    const refs = refsIn(await listed(git, repository));
    if (whole.test(version)) return { commit: await proven(git, repository, refs, version), notes: [] };
    const branch = refs.get(`refs/heads/${version}`);
    // An annotated tag is an object of its own; `^{}` is what it points at (gitrevisions).
    const tag = refs.get(`refs/tags/${version}^{}`) ?? refs.get(`refs/tags/${version}`);
    if (tag !== undefined) {
      const both = `${version} is both a tag and a branch there: the tag was taken, ${tag.slice(0, 7)}.`;
      return { commit: tag, notes: branch === undefined || branch === tag ? [] : [both] };
    }
    if (branch !== undefined) return { commit: branch, notes: [] };
    throw new Failure('version-unknown', unknown(repository, refs, version));
  });
}

async function listed(git: Git, { repository }: Repository): Promise<string> {
  const answer = await git('ls-remote', '--tags', '--heads', '--', repository);
  if (answer.code === 0) return answer.out;
  throw new Failure(
    'source-unreachable',
    `git ls-remote ${repository} ended with ${answer.code}: ${lastWords(answer)} Check the address, the network and source.key in slipway.yaml.`,
  );
}

function lastWords({ said }: GitAnswer): string {
  const lines = said.split('\n').flatMap((line) => line.trim() || []);
  return lines.slice(-5).join(' ') || 'it said nothing.';
}

function refsIn(out: string): ReadonlyMap<string, string> {
  const lines = out.split('\n').flatMap((line) => {
    const [id = '', name = ''] = line.split('\t');
    return whole.test(id) && name !== '' ? [[name, id] as const] : [];
  });
  return new Map(lines);
}

/** An id that no tag or branch has is an older commit, or none at all: only fetching it tells, and without its files that is little. */
async function proven(
  git: Git,
  { repository }: Repository,
  refs: ReadonlyMap<string, string>,
  id: string,
): Promise<string> {
  const isTip = [...refs].some(([name, tip]) => tip === id && !isTagObject(refs, name));
  if (isTip) return id;
  await git('init', '--quiet', '--bare', '.');
  const only = ['--quiet', '--depth=1', '--filter=tree:0', '--no-tags', '--no-write-fetch-head'];
  const fetched = await git('fetch', ...only, '--', repository, id);
  const kind = fetched.code === 0 ? await git('cat-file', '-t', id) : fetched;
  if (kind.code === 0 && kind.out.trim() === 'commit') return id;
  throw new Failure(
    'version-unknown',
    `${repository} gives out no commit ${id}. Look whether it was pushed, or name a tag or a branch.`,
  );
}

function isTagObject(refs: ReadonlyMap<string, string>, name: string): boolean {
  return refs.has(`${name}^{}`);
}

function unknown({ repository }: Repository, refs: ReadonlyMap<string, string>, version: string): string {
  const near = nearNames(version, namesUnder(refs, 'refs/tags/'), namesUnder(refs, 'refs/heads/'));
  const told = `${repository} has no tag or branch ${version}; ${near}`;
  if (!abbreviated.test(version)) return told;
  const tip = [...refs].find(([, id]) => id.startsWith(version));
  const meant = tip === undefined ? '' : `: ${tip[1]}, if ${shortName(tip[0])} is meant`;
  return `${told} A commit is proven only by its whole id, so write all 40 digits${meant}.`;
}

function namesUnder(refs: ReadonlyMap<string, string>, prefix: string): string[] {
  return [...refs.keys()]
    .filter((name) => name.startsWith(prefix) && !name.endsWith('^{}'))
    .map((name) => name.slice(prefix.length));
}

function shortName(ref: string): string {
  return ref.replace(/^refs\/(heads|tags)\//, '').replace('^{}', '');
}
