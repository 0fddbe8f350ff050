import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { lastLine } from '../../text.ts';
import { hostPlace } from '../ssh/ssh-connection.ts';
import { endingOnce, runOn } from '../ssh/ssh-run.ts';
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
export const KeptFile = z.object({
  path: z.string(),
  kept: z.string().nullable(),
  /** SHA-256 of what was written, so that a file changed by others since is not overwritten. */
  wrote: z.string(),
});
export type KeptFile = Readonly<z.output<typeof KeptFile>>;

type Context = Pick<StepContext, 'signal' | 'log'>;

const limit = 60_000;

/** The largest file that is read or written, in bytes. */
export const largestFile = 1_048_576;

/** Where earlier contents wait for an undo; only root may look in. */
const keptIn = '/var/lib/slipway/kept';

/** Exit codes of the scripts below, out of the range that shells and tools use. */
const exits = {
  noFile: 44,
  notRegular: 45,
  diskFull: 46,
  tooLarge: 47,
  noDirectory: 48,
  changedSince: 49,
  noAccount: 50,
};

const reading = `[ -e "$1" ] || [ -L "$1" ] || exit ${exits.noFile}
[ -f "$1" ] && [ ! -L "$1" ] || exit ${exits.notRegular}
[ "$(stat -c %s -- "$1")" -le ${largestFile} ] || exit ${exits.tooLarge}
stat -c '%U %G %a' -- "$1" && cat -- "$1"`;

/**
 * Names the file beside the final one after its path, so that what a power cut left of an earlier try is known and removed; tells
 * a full disk, also one without free inodes, from other reasons why a file could not be written into the folder $1.
 */
const beside = `set -u
partials=.slipway-$(printf %s "$path" | sha256sum | cut -c 1-16)-
begin() {
  umask 077
  rm -f -- "$1/$partials"*
  partial=$1/$partials$$
  trap 'rm -f -- "$partial"' EXIT
  ${endingOnce}
}
failed() {
  room=$(df -Pk -- "$1" | awk 'NR == 2 { print $4 }')
  inodes=$(df -Pi -- "$1" | awk 'NR == 2 { print $2 == 0 ? 1 : $4 }')
  if [ "$room" -lt $((\${2:-0} / 1024 + 64)) ] || [ "$inodes" -lt 1 ]; then exit ${exits.diskFull}; fi
  exit 1
}`;

/**
 * Writes beside the file, brings it to the disk and only then gives it its name; a file that is there is first copied to where
 * undo finds it, under a name made of its path and content, so that writing twice keeps the first, and of its own name for people.
 */
const writing = `path=$1 owner=$2 group=$3 mode=$4 size=$5 keep=$6
${beside}
dir=$(dirname -- "$path")
[ -d "$dir" ] || exit ${exits.noDirectory}
if [ -L "$path" ] || { [ -e "$path" ] && [ ! -f "$path" ]; }; then exit ${exits.notRegular}; fi
kept=none
if [ -e "$path" ]; then
  [ -n "$owner" ] || owner=$(stat -c %U -- "$path")
  [ -n "$group" ] || group=$(stat -c %G -- "$path")
  [ -n "$mode" ] || mode=$(stat -c %a -- "$path")
fi
owner=\${owner:-root} group=\${group:-root}
getent passwd -- "$owner" >/dev/null && getent group -- "$group" >/dev/null || exit ${exits.noAccount}
if [ -e "$path" ]; then
  (umask 077; mkdir -p -- "$keep") || failed /var
  kept=$keep/$(printf %s "$path" | sha256sum | cut -c 1-16)-$(sha256sum <"$path" | cut -c 1-32)-$(stat -c %U.%G.%a -- "$path")-$(basename -- "$path" | cut -c 1-80)
  if [ ! -e "$kept" ]; then
    begin "$keep"
    cp -p -- "$path" "$partial" && sync -- "$partial" && mv -- "$partial" "$kept" && sync -- "$keep" ||
      failed "$keep" "$(stat -c %s -- "$path")"
  fi
fi
begin "$dir"
cat >"$partial" && [ "$(stat -c %s -- "$partial")" = "$size" ] && sync -- "$partial" || failed "$dir" "$size"
chown -- "$owner:$group" "$partial" && chmod -- "\${mode:-0644}" "$partial" || exit 1
mv -T -- "$partial" "$path" && sync -- "$dir" && echo "$kept"`;

/** A file that already is as it was before is left alone: an undo that was cut off may be repeated. */
const restoring = `path=$1 kept=$2 wrote=$3
${beside}
there() { [ -e "$path" ] || [ -L "$path" ]; }
if [ -z "$kept" ] && ! there; then exit 0; fi
if [ -n "$kept" ] && [ ! -f "$kept" ]; then exit ${exits.noFile}; fi
if there; then
  [ -f "$path" ] && [ ! -L "$path" ] || exit ${exits.changedSince}
  if [ -n "$kept" ] && cmp -s -- "$path" "$kept" &&
    [ "$(stat -c %U.%G.%a -- "$path")" = "$(stat -c %U.%G.%a -- "$kept")" ]; then exit 0; fi
  [ "$(sha256sum <"$path" | cut -d ' ' -f 1)" = "$wrote" ] || exit ${exits.changedSince}
fi
dir=$(dirname -- "$path")
if [ -z "$kept" ]; then rm -f -- "$path" && sync -- "$dir"; exit; fi
[ -d "$dir" ] || exit ${exits.noDirectory}
begin "$dir"
cp -p -- "$kept" "$partial" && sync -- "$partial" || failed "$dir" "$(stat -c %s -- "$kept")"
mv -T -- "$partial" "$path" && sync -- "$dir"`;

/** The file at a path, read as root; undefined when there is none. Throws Failures only. */
export async function readRemoteFile(
  host: Host,
  path: string,
  context: Context,
): Promise<RemoteFile | undefined> {
  const words = ['sh', '-c', reading, 'sh', path];
  const command = { words, as: 'root', limit, keep: largestFile + 1_000 };
  const { exit, stdout, stderr } = await runOn(host, command, context);
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
  if (Number(size) > largestFile) throw failure(host, path, exits.tooLarge, '');
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
      `${where} is larger than ${largestFile} bytes, too large for this step; was another file meant?`,
    );
  }
  if (exit === exits.noAccount) {
    return new Failure(
      'not-found',
      `The owner or group that ${where} is to have does not exist there; create it first (host/user).`,
    );
  }
  if (exit === exits.noDirectory) {
    return new Failure(
      'not-found',
      `The folder of ${where} does not exist; create it first (host/directory).`,
    );
  }
  const last = lastLine(stderr);
  return new Failure(
    'command-failed',
    `${where} could not be read or written: ${last || `exit code ${exit}`}`,
  );
}
