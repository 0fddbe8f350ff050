import type { Secret } from '../secret.ts';
import { commitOf } from './git.ts';
import { digestOf } from './image.ts';
import type { Variables } from './run-git.ts';

/** Where the versions of an environment are kept: a repository whose tags, branches and commits they are, and an image whose tags they are. */
export interface Source {
  readonly repository: string;
  readonly key?: Secret;
  readonly knownHosts?: string;
  readonly image?: string;
  readonly registry?: { readonly user: string; readonly password: Secret };
}

/** What a version is at this moment: a commit, an image's digest (`sha256:…`) where there is one, and what whoever asked should know. */
export interface Resolved {
  readonly commit: string;
  readonly image?: string;
  readonly notes: readonly string[];
}

/** Each command of git and all requests to the registry may take this long, in milliseconds. */
const limitMs = 15_000;

/** Makes the function that finds out what a version is; it throws `version-unknown`, `source-unreachable` and `authentication-failed`. */
export function versionResolver(
  env: Variables,
  limit: number = limitMs,
): (source: Source, version: string) => Promise<Resolved> {
  return async (source, version) => {
    const { image, registry } = source;
    const [found, digest] = await Promise.allSettled([
      commitOf(source, version, { env, limit }),
      image === undefined ? undefined : digestOf({ image, account: registry }, version, limit),
    ]);
    // Where both know nothing of it, what the repository says is what helps.
    if (found.status === 'rejected') throw found.reason;
    if (digest.status === 'rejected') throw digest.reason;
    return { ...found.value, ...(digest.value === undefined ? {} : { image: digest.value }) };
  };
}
