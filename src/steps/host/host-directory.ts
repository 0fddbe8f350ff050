import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { lastLine } from '../../text.ts';
import { hostNamed, hostPlace } from '../ssh/ssh-connection.ts';
import { type RemoteResult, runOn } from '../ssh/ssh-run.ts';
import { defineStep, type Host, HostName, type StepContext, satisfied, unsatisfied } from '../step.ts';
import { unrecorded } from './file-in-place.ts';
import { AbsolutePath, Account, Mode } from './file-parameters.ts';

const With = z.strictObject({
  host: HostName,
  path: AbsolutePath,
  owner: Account,
  group: Account,
  mode: Mode.default('0755'),
});
type With = z.output<typeof With>;

const Owned = z.object({ owner: z.string(), group: z.string(), mode: z.string() });
type Owned = z.output<typeof Owned>;

const Remembered = z.object({
  /** Those that were not there, the outermost first. */
  made: z.array(z.string()),
  /** How the directory was when it was there. */
  was: Owned.nullable(),
});

const limit = 60_000;
const exits = { noFile: 44, notDirectory: 45, diskFull: 46, changedSince: 49, noAccount: 50, notEmpty: 51 };

const looking = `[ -e "$1" ] || [ -L "$1" ] || exit ${exits.noFile}
[ -d "$1" ] && [ ! -L "$1" ] || exit ${exits.notDirectory}
stat -c '%U %G %a' -- "$1"`;

/** A new directory is nobody else's until it belongs to its owner. Tells what was there, then what was made. */
const making = `set -u
path=$1 owner=$2 group=$3 mode=$4
getent passwd -- "$owner" >/dev/null && getent group -- "$group" >/dev/null || exit ${exits.noAccount}
[ ! -L "$path" ] || exit ${exits.notDirectory}
if [ -d "$path" ]; then echo "was $(stat -c '%U %G %a' -- "$path")"; fi
failed() {
  while [ ! -d "$1" ]; do set -- "$(dirname -- "$1")"; done
  [ "$(df -Pk -- "$1" | awk 'NR == 2 { print $4 }')" -ge 16 ] || exit ${exits.diskFull}
  [ "$(df -Pi -- "$1" | awk 'NR == 2 { print $2 == 0 ? 1 : $4 }')" -ge 1 ] || exit ${exits.diskFull}
  exit 1
}
make() {
  [ ! -d "$1" ] || return 0
  [ ! -e "$1" ] && [ ! -L "$1" ] || exit ${exits.notDirectory}
  make "$(dirname -- "$1")"
  mkdir -m "$([ "$1" = "$path" ] && echo 0700 || echo 0755)" -- "$1" || failed "$1"
  echo "made $1"
}
make "$path"
chown -- "$owner:$group" "$path" && chmod -- "$mode" "$path" || exit 1
sync -- "$path" "$(dirname -- "$path")"`;

/** Removes what is empty, the innermost first; only the directory itself must be gone afterwards. */
const removing = `set -u
path=$1; shift
[ ! -L "$path" ] && { [ ! -e "$path" ] || [ -d "$path" ]; } || exit ${exits.changedSince}
if [ -d "$path" ] && [ -n "$(ls -A -- "$path")" ]; then exit ${exits.notEmpty}; fi
for one in "$@"; do [ ! -d "$one" ] || rmdir -- "$one" 2>/dev/null; done
[ ! -d "$path" ]`;

const restoring = `set -u
path=$1 owned=$2 owner=$3 group=$4 mode=$5
[ -d "$path" ] && [ ! -L "$path" ] || exit ${exits.changedSince}
now=$(stat -c '%U:%G %a' -- "$path")
[ "$now" != "$owner:$group $mode" ] || exit 0
[ "$now" = "$owned" ] || exit ${exits.changedSince}
chown -- "$owner:$group" "$path" && chmod -- "$mode" "$path"`;

/** A directory exists with its owner and permissions; those above it are made as root's. Undo removes what this run made, when empty. */
export const hostDirectory = defineStep({
  uses: 'host/directory',
  summary: 'A directory exists on a host with the wanted owner and permissions.',
  with: With,
  timeout: '1m',
  check: async (wanted, context) => {
    const host = hostNamed(wanted.host, context);
    const result = await asRoot(host, looking, [wanted.path], context);
    const where = hostPlace(host);
    const asked = `directory ${wanted.path}: ${wanted.owner}:${wanted.group}, mode ${wanted.mode}`;
    if (result.exit === exits.noFile) {
      const because = `There is no directory ${wanted.path} on ${where}.`;
      return unsatisfied(because, { asked, of: where, answered: 'none' });
    }
    if (result.exit !== 0) throw failure(wanted, where, result);
    const found = owned(result.stdout);
    const evidence = { asked, of: where, answered: `${found.owner}:${found.group}, mode ${found.mode}` };
    const wrong = faults(wanted, found);
    if (wrong.length === 0) return satisfied(evidence);
    return unsatisfied(`${wanted.path} on ${where} ${wrong.join(', ')}.`, evidence);
  },
  apply: async (wanted, context) => {
    const host = hostNamed(wanted.host, context);
    const { path, owner, group, mode } = wanted;
    const result = await asRoot(host, making, [path, owner, group, mode], context);
    const where = hostPlace(host);
    if (result.exit !== 0) throw failure(wanted, where, result);
    const lines = result.stdout.trim().split('\n');
    const [was] = lines.filter((line) => line.startsWith('was ')).map((line) => owned(line.slice(4)));
    const made = lines.filter((line) => line.startsWith('made ')).map((line) => line.slice(5));
    const remember: z.output<typeof Remembered> = { made, was: was ?? null };
    const answered = was ? `was ${was.owner}:${was.group}, mode ${was.mode}` : `made ${made.join(', ')}`;
    return {
      evidence: [{ asked: `directory ${path} as ${owner}:${group}, mode ${mode}`, of: where, answered }],
      remember,
    };
  },
  undo: async (wanted, context, remembered) => {
    const host = hostNamed(wanted.host, context);
    if (remembered === undefined) throw unrecorded(wanted.path, host);
    const { made, was } = Remembered.parse(remembered);
    const { path, owner, group, mode } = wanted;
    const result = was
      ? await asRoot(
          host,
          restoring,
          [path, `${owner}:${group} ${short(mode)}`, was.owner, was.group, short(was.mode)],
          context,
        )
      : await asRoot(host, removing, [path, ...made.toReversed()], context);
    const where = hostPlace(host);
    if (result.exit !== 0) throw notUndone(path, where, result);
    const answered = was ? `again ${was.owner}:${was.group}, mode ${was.mode}` : `removed ${made.join(', ')}`;
    return [{ asked: `take ${path} back`, of: where, answered }];
  },
});

function asRoot(host: Host, script: string, words: readonly string[], context: StepContext) {
  return runOn(host, { words: ['sh', '-c', script, 'sh', ...words], as: 'root', limit }, context);
}

function owned(line: string): Owned {
  const [owner = '', group = '', mode = ''] = line.trim().split(' ');
  return { owner, group, mode: mode.padStart(4, '0') };
}

/** As stat(1) prints permissions: without zeros in front. */
function short(mode: string): string {
  return mode.replace(/^0+(?=.)/, '');
}

function faults(wanted: With, found: Owned): readonly string[] {
  const wrong: string[] = [];
  const [is, to] = [`${found.owner}:${found.group}`, `${wanted.owner}:${wanted.group}`];
  if (is !== to) wrong.push(`belongs to ${is}, wanted is ${to}`);
  if (found.mode !== wanted.mode) wrong.push(`has mode ${found.mode}, wanted is ${wanted.mode}`);
  return wrong;
}

function failure({ path, owner, group }: With, where: string, { exit, stderr }: RemoteResult): Failure {
  if (exit === exits.notDirectory) {
    return new Failure(
      'command-failed',
      `${path} on ${where}, or something above it, is a link or no directory and was left as it is; name the real directory.`,
    );
  }
  if (exit === exits.noAccount) {
    return new Failure(
      'not-found',
      `${where} has no user ${owner} or no group ${group}; create it first (host/user).`,
    );
  }
  if (exit === exits.diskFull) {
    return new Failure('disk-full', `There is no room for ${path} on ${where}; make room.`);
  }
  const last = lastLine(stderr);
  return new Failure(
    'command-failed',
    `${path} on ${where} could not be made so: ${last || `exit code ${exit}`}`,
  );
}

function notUndone(path: string, where: string, { exit, stderr }: RemoteResult): Failure {
  const last = lastLine(stderr);
  const why =
    exit === exits.notEmpty
      ? 'is not empty any more; look what is in it and remove it by hand'
      : exit === exits.changedSince
        ? 'was changed by somebody since; look at it and put it right by hand'
        : `could not be taken back: ${last || `exit code ${exit}`}`;
  return new Failure('not-undone', `${path} on ${where} ${why}.`);
}
