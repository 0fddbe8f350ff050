/** Exit codes of the scripts below, out of the range that shells and tools use. */
export const nodeExits = {
  noNode: 41,
  noAccount: 42,
  noDirectory: 44,
  noLock: 45,
  diskFull: 46,
  unreadable: 50,
  installFailed: 51,
  buildFailed: 52,
  busy: 53,
} as const;
const exits = nodeExits;

/**
 * Tells as JSON what is installed. npm ci removes node_modules first and its own list of packages is written last; the stamp comes
 * after that and after the build, so an installation that was cut off has none.
 */
const examining = `
const { createHash } = require('node:crypto');
const { execFileSync } = require('node:child_process');
const { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const [directory, build, stamping] = process.argv.slice(1);
const sum = (...texts) => texts.reduce((hash, text) => hash.update(text).update('\\0'), createHash('sha256')).digest('hex');
const json = (path) => { try { return JSON.parse(readFileSync(join(directory, path), 'utf8')); } catch { return undefined; } };
const git = () => {
  try { return execFileSync('git', ['-C', directory, 'rev-parse', 'HEAD'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim(); }
  catch { return sum(readFileSync(join(directory, 'package.json'))); }
};
const lock = sum(readFileSync(join(directory, 'package-lock.json')));
const source = build === '' ? '' : git();
if (stamping === 'stamp') {
  mkdirSync(join(directory, 'node_modules'), { recursive: true });
  const path = join(directory, 'node_modules', '.slipway.json');
  writeFileSync(path + '.new', JSON.stringify({ lock, build, source }));
  renameSync(path + '.new', path);
}
const stamp = json('node_modules/.slipway.json') ?? null;
const packages = Object.entries(json('node_modules/.package-lock.json')?.packages ?? {}).filter(([, { link }]) => !link);
const damaged = packages.filter(([path, { version }]) => {
  const found = json(join(path, 'package.json'));
  return found === undefined || (version !== undefined && found.version !== version);
});
process.stdout.write(JSON.stringify({ node: process.version, lock, build, source, stamp, count: packages.length,
  damaged: damaged.map(([path]) => path) }));
`;

const beginning = `set -u
cd /
directory=$1 as=$2 build=$3 examining=$4
shift 4
id -u -- "$as" >/dev/null 2>&1 || exit ${exits.noAccount}
home=$(getent passwd -- "$as" | cut -d : -f 6)
group=$(id -g -- "$as")
account() {
  setpriv --reuid="$as" --regid="$group" --init-groups -- \\
    env HOME="$home" npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false "$@"
}
[ -d "$directory" ] || exit ${exits.noDirectory}
[ -f "$directory/package-lock.json" ] && [ -f "$directory/package.json" ] || exit ${exits.noLock}
command -v node >/dev/null && command -v npm >/dev/null || exit ${exits.noNode}
examine() { account node -e "$examining" -- "$directory" "$build" "$1"; }
`;

const looking = `${beginning}examine look || exit ${exits.unreadable}`;

/** One of them works at a time in a directory; the lock is held by npm too, should its SSH connection be gone. */
const installing = `${beginning}exec 9<"$directory"
flock -w 20 9 || exit ${exits.busy}
fail() {
  [ "$(df -Pk -- "$directory" | awk 'NR == 2 { print $4 }')" -ge 1024 ] || exit ${exits.diskFull}
  exit "$1"
}
cd -- "$directory" || exit ${exits.noDirectory}
account npm ci >&2 </dev/null || fail ${exits.installFailed}
if [ $# -gt 0 ]; then account "$@" >&2 </dev/null || fail ${exits.buildFailed}; fi
examine stamp || fail ${exits.installFailed}`;

interface Installation {
  readonly directory: string;
  readonly as: string;
  readonly build: readonly string[];
}

/** The words of the command that looks at what is installed and changes nothing. */
export function lookingWords(installation: Installation): readonly string[] {
  return words(looking, installation);
}

/** The words of the command that installs and builds. */
export function installingWords(installation: Installation): readonly string[] {
  return [...words(installing, installation), ...installation.build];
}

function words(script: string, { directory, as, build }: Installation): readonly string[] {
  return [
    'sh',
    '-c',
    script,
    'sh',
    directory,
    as,
    build.length === 0 ? '' : JSON.stringify(build),
    examining,
  ];
}
