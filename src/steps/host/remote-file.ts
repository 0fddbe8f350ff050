import { createHash } from 'node:crypto';
import { Failure } from '../../errors.ts';
import { hostPlace } from '../ssh/ssh-connection.ts';
import { runOn } from '../ssh/ssh-run.ts';
import type { Host, StepContext } from '../step.ts';

/** A regular file on a host; `mode` is four octal digits such as `0644`. */
export interface RemoteFile {
  readonly content: string;
  readonly owner: string;
  readonly group: string;
  readonly mode: string;
}

/** How a file is to be; what is left out stays as it is, or becomes root's and `0644` when the file is new. */
export interface WantedFile {
  readonly content: string;
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
  readonly mode?: string | undefined;
}

/** What putting a file back needs: the kept copy on the host, or null when there was no file. Holds no content. */
export interface KeptFile {
  readonly path: string;
  readonly kept: string | null;
  /** SHA-256 of what was written, so that a file changed by others since is not overwritten. */
  readonly wrote: string;
}

type Context = Pick<StepContext, 'signal' | 'log'>;

const limit = 60_000;
const readAtMost = 60_000;

/** Where earlier contents wait for an undo; only root may look in. */
const keptIn = '/var/lib/slipway/kept';

/** Exit codes of the scripts below, out of the range that shells and tools use. */
const exits = { noFile: 44, notRegular: 45, diskFull: 46, tooLarge: 47, noDirectory: 48, changedSince: 49 };

const reading = `[ -e "$1" ] || [ -L "$1" ] || exit ${exits.noFile}
[ -f "$1" ] && [ ! -L "$1" ] || exit ${exits.notRegular}
[ "$(stat -c %s -- "$1")" -le ${readAtMost} ] || exit ${exits.tooLarge}
stat -c '%U %G %a' -- "$1" && cat -- "$1"`;

/**
 * Writes beside the file, brings it to the disk and only then gives it its name; a file that is there is first copied to where
 * undo finds it, under a name made of its path and content, so that writing twice keeps the first.
 */
const writing = `set -u
path=$1 owner=$2 group=$3 mode=$4 size=$5 keep=$6
dir=$(dirname -- "$path")
[ -d "$dir" ] || exit ${exits.noDirectory}
if [ -L "$path" ] || { [ -e "$path" ] && [ ! -f "$path" ]; }; then exit ${exits.notRegular}; fi
umask 077
kept=none
if [ -e "$path" ]; then
  [ -n "$owner" ] || owner=$(stat -c %U -- "$path")
  [ -n "$group" ] || group=$(stat -c %G -- "$path")
  [ -n "$mode" ] || mode=$(stat -c %a -- "$path")
  kept=$keep/$(printf %s "$path" | sha256sum | cut -c 1-16)-$(sha256sum <"$path" | cut -c 1-32)-$(stat -c %U.%G.%a -- "$path")
  if [ ! -e "$kept" ]; then
    mkdir -p -- "$keep" && cp -p -- "$path" "$kept.$$" && sync -- "$kept.$$" && mv -- "$kept.$$" "$kept" ||
      { rm -f -- "$kept.$$"; exit ${exits.diskFull}; }
  fi
fi
partial=$dir/.slipway-$$
trap 'rm -f -- "$partial"' EXIT
trap 'exit 129' HUP INT TERM
if ! cat >"$partial" || [ "$(stat -c %s -- "$partial")" != "$size" ] || ! sync -- "$partial"; then
  [ -f "$partial" ] && [ "$(df -Pk -- "$dir" | awk 'NR == 2 { print $4 }')" -lt $((size / 1024 + 64)) ] && exit ${exits.diskFull}
  exit 1
fi
chown -- "\${owner:-root}:\${group:-root}" "$partial" && chmod -- "\${mode:-0644}" "$partial" || exit 1
mv -T -- "$partial" "$path" && sync -- "$dir" && echo "$kept"`;

const restoring = `set -u
path=$1 kept=$2 wrote=$3
if [ -e "$path" ] && [ "$(sha256sum <"$path" | cut -d ' ' -f 1)" != "$wrote" ]; then exit ${exits.changedSince}; fi
if [ -z "$kept" ]; then rm -f -- "$path" && sync -- "$(dirname -- "$path")"; exit; fi
[ -f "$kept" ] || exit ${exits.noFile}
partial=$(dirname -- "$path")/.slipway-$$
trap 'rm -f -- "$partial"' EXIT
cp -p -- "$kept" "$partial" && sync -- "$partial" && mv -T -- "$partial" "$path" && sync -- "$(dirname -- "$path")"`;

/** The file at a path, read as root; undefined when there is none. Throws Failures only. */
export async function readRemoteFile(
  host: Host,
  path: string,
  context: Context,
): Promise<RemoteFile | undefined> {
  const words = ['sh', '-c', reading, 'sh', path];
  const { exit, stdout, stderr } = await runOn(host, { words, as: 'root', limit }, context);
  if (exit === exits.noFile) return undefined;
  if (exit !== 0) throw failure(host, path, exit, stderr);
  const end = stdout.indexOf('\n');
  const [owner = '', group = '', mode = ''] = stdout.slice(0, end).split(' ');
  return { content: stdout.slice(end + 1), owner, group, mode: mode.padStart(4, '0') };
}

/** Puts a file in place as root: whole or not at all, and never half. Returns what undoing it needs; throws Failures only. */
export async function writeRemoteFile(
  host: Host,
  path: string,
  wanted: WantedFile,
  context: Context,
): Promise<KeptFile> {
  const { content, owner = '', group = '', mode = '' } = wanted;
  const size = String(Buffer.byteLength(content));
  const words = ['sh', '-c', writing, 'sh', path, owner, group, mode, size, keptIn];
  const command = { words, stdin: content, as: 'root', limit };
  const { exit, stdout, stderr } = await runOn(host, command, context);
  if (exit !== 0) throw failure(host, path, exit, stderr);
  const kept = stdout.trim();
  return { path, kept: kept === 'none' ? null : kept, wrote: sumOf(content) };
}

/** Puts back what was there before; refuses with `not-undone` when somebody has changed the file since. */
export async function restoreRemoteFile(host: Host, kept: KeptFile, context: Context): Promise<void> {
  const words = ['sh', '-c', restoring, 'sh', kept.path, kept.kept ?? '', kept.wrote];
  const { exit, stderr } = await runOn(host, { words, as: 'root', limit }, context);
  if (exit === 0) return;
  if (exit === exits.changedSince) {
    throw new Failure(
      'not-undone',
      `${kept.path} on ${hostPlace(host)} was changed by somebody since Slipway wrote it, so it was left; what was there before is ${kept.kept ?? 'nothing'}.`,
    );
  }
  if (exit === exits.noFile) {
    throw new Failure(
      'not-undone',
      `The earlier content of ${kept.path} on ${hostPlace(host)} is no longer at ${kept.kept}; put it back by hand.`,
    );
  }
  throw failure(host, kept.path, exit, stderr);
}

/** SHA-256 of a text as 64 hex digits, as `sha256sum` prints it. */
export function sumOf(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

function failure(host: Host, path: string, exit: number, stderr: string): Failure {
  const where = `${path} on ${hostPlace(host)}`;
  if (exit === exits.diskFull) {
    return new Failure('disk-full', `There is no room to write ${where}; nothing was changed. Make room.`);
  }
  if (exit === exits.notRegular) {
    return new Failure(
      'command-failed',
      `${where} is a link or no regular file and was left as it is; name the real file.`,
    );
  }
  if (exit === exits.tooLarge) {
    return new Failure(
      'command-failed',
      `${where} is larger than ${readAtMost} bytes, too large for this step.`,
    );
  }
  if (exit === exits.noDirectory) {
    return new Failure(
      'not-found',
      `The folder of ${where} does not exist; create it first (host/directory).`,
    );
  }
  const last = stderr.trim().split('\n').at(-1) ?? '';
  return new Failure(
    'command-failed',
    `${where} could not be read or written: ${last || `exit code ${exit}`}`,
  );
}
