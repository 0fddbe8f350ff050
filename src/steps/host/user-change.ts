import { Failure } from '../../errors.ts';
import { hostPlace } from '../ssh/ssh-connection.ts';
import { runOn } from '../ssh/ssh-run.ts';
import type { Host, StepContext } from '../step.ts';

type Context = Pick<StepContext, 'signal' | 'log'>;

const exits = { diskFull: 46, notEmpty: 51, inUse: 56 };

/**
 * The tools take a lock that another one may hold, 1 and 10 then; 8 of userdel and usermod says that processes of the account run,
 * and 8 of groupdel that it is somebody's first group (useradd(8), usermod(8), userdel(8), groupdel(8)).
 */
const patient = `set -u
patient() {
  for round in 1 2 3 4 5; do
    "$@" </dev/null && return 0
    code=$?
    case $code in 1|10) sleep 1 ;; 8) exit ${exits.inUse} ;; *) exit "$code" ;; esac
  done
  [ "$(df -Pk /etc | awk 'NR == 2 { print $4 }')" -ge 64 ] || exit ${exits.diskFull}
  exit "$code"
}`;

const changing = `${patient}
patient "$@"`;

/** Tells the directories that it made, the outermost first. */
const makingHome = `set -eu
home=$1 owner=$2 group=$3
make() {
  [ ! -d "$1" ] || return 0
  make "$(dirname -- "$1")"
  mkdir -m "$([ "$1" = "$home" ] && echo 0700 || echo 0755)" -- "$1"
  echo "$1"
}
make "$home"
chown -- "$owner:$group" "$home"
chmod 0750 -- "$home"`;

/** userdel may take the group of the same name along (USERGROUPS_ENAB in login.defs(5)); one that was there before comes back. */
const deleting = `${patient}
name=$1 hadGroup=$2; shift 2
for one in "$@"; do [ ! -d "$one" ] || [ -z "$(ls -A -- "$one")" ] || { [ "$one" = "$1" ] && exit ${exits.notEmpty}; }; done
entry=$(getent group -- "$name") || entry=
if getent passwd -- "$name" >/dev/null; then patient userdel "$name"; fi
if [ "$hadGroup" = yes ] && [ -n "$entry" ] && ! getent group -- "$name" >/dev/null; then
  patient groupadd --gid "$(printf %s "$entry" | cut -d : -f 3)" "$name"
fi
for one in "$@"; do [ ! -d "$one" ] || rmdir -- "$one" 2>/dev/null; done
exit 0`;

const deletingGroup = `${patient}
if getent group -- "$1" >/dev/null; then patient groupdel "$1"; fi`;

/** Runs one of useradd, usermod and groupadd with its arguments as root. Throws Failures only. */
export async function changeAccount(host: Host, words: readonly string[], context: Context): Promise<void> {
  await asRoot(host, words.join(' '), ['sh', '-c', changing, 'sh', ...words], context);
}

/** Makes an account's home with those above it that are missing; returns what it made, the outermost first. */
export async function makeHome(
  host: Host,
  { home, owner, group }: { readonly home: string; readonly owner: string; readonly group: string },
  context: Context,
): Promise<readonly string[]> {
  const said = await asRoot(
    host,
    `make ${home}`,
    ['sh', '-c', makingHome, 'sh', home, owner, group],
    context,
  );
  return said.split('\n').filter((line) => line !== '');
}

/**
 * Removes an account and those of the given directories, its home first, that are empty; throws `not-undone` with nothing changed
 * while processes of it run or its home holds something.
 */
export async function deleteUser(
  host: Host,
  name: string,
  { hadGroup, made }: { readonly hadGroup: boolean; readonly made: readonly string[] },
  context: Context,
): Promise<void> {
  const words = ['sh', '-c', deleting, 'sh', name, hadGroup ? 'yes' : 'no', ...made.toReversed()];
  await asRoot(host, `remove the account ${name}`, words, context, 'not-undone');
}

/** Removes a group; throws `not-undone` while it is the first group of an account. */
export async function deleteGroup(host: Host, name: string, context: Context): Promise<void> {
  await asRoot(
    host,
    `remove the group ${name}`,
    ['sh', '-c', deletingGroup, 'sh', name],
    context,
    'not-undone',
  );
}

async function asRoot(
  host: Host,
  what: string,
  words: readonly string[],
  context: Context,
  code: 'command-failed' | 'not-undone' = 'command-failed',
): Promise<string> {
  const { exit, stdout, stderr } = await runOn(host, { words, as: 'root', limit: 60_000 }, context);
  if (exit === 0) return stdout;
  const where = hostPlace(host);
  if (exit === exits.diskFull) {
    throw new Failure('disk-full', `${where} has no room to ${what}; make room.`);
  }
  if (exit === exits.inUse) {
    throw new Failure(
      code,
      `${where} could not ${what}, since it is in use: ${firstLine(stderr)}; stop what uses it.`,
    );
  }
  if (exit === exits.notEmpty) {
    throw new Failure(code, `${where} did not ${what}, since its home holds files; look at them first.`);
  }
  throw new Failure(code, `${where} could not ${what}: ${firstLine(stderr) || `exit code ${exit}`}`);
}

/** These tools put a page on their usage below what they say. */
function firstLine(stderr: string): string {
  return (stderr.trim().split('\n', 1)[0] ?? '').slice(0, 300);
}
