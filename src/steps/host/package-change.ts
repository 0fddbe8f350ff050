import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { hostPlace } from '../ssh/ssh-connection.ts';
import { type RemoteResult, runOn } from '../ssh/ssh-run.ts';
import type { Host, StepContext } from '../step.ts';

/** What an installation changed, with the packages that came along: those that were not there, and earlier versions of others. */
export const PackageChange = z.object({
  installed: z.array(z.string()),
  upgraded: z.array(z.object({ name: z.string(), from: z.string(), to: z.string() })),
});
export type PackageChange = Readonly<z.output<typeof PackageChange>>;

type Context = Pick<StepContext, 'signal' | 'log'>;

/** How long a change waits for another package manager to finish, and how long it may take itself. */
const lockWait = 300;
const limit = 15 * 60_000;

const exits = { diskFull: 46, needed: 55 };

/** Less than this in kilobytes is no room to unpack anything. */
const leastRoom = 20_480;

/**
 * A package manager that was killed leaves packages half configured, and apt refuses to go on before they are settled. Where another
 * one is still at work settling fails at once, but apt waits for its lock; so a second round comes after it.
 */
const apt = `export DEBIAN_FRONTEND=noninteractive LC_ALL=C NEEDRESTART_MODE=l
apt() {
  apt-get -y -q -o DPkg::Lock::Timeout=${lockWait} -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" </dev/null
}
interrupted() { [ -n "$(dpkg --audit 2>&1)" ] || ls /var/lib/dpkg/updates/[0-9]* >/dev/null 2>&1; }
settle() { if interrupted; then dpkg --configure -a --force-confdef --force-confold </dev/null; fi; }
full() {
  for dir in /var/lib/dpkg /var/cache/apt /usr /tmp; do
    [ "$(df -Pk "$dir" | awk 'NR == 2 { print $4 }')" -ge ${leastRoom} ] || return 0
  done
  return 1
}`;

const installing = `set -u
${apt}
for round in 1 2 3; do
  settle
  apt install --no-install-recommends -- "$@" && exit 0
  interrupted || break
done
full && exit ${exits.diskFull}
exit 1`;

const updating = `${apt}
apt update`;

/** Fails where something that stays depends on what is to go. */
const removing = `set -u
${apt}
settle
n=$#
while [ "$n" -gt 0 ]; do
  dpkg-query --show -f '\${db:Status-Abbrev}' -- "$1" 2>/dev/null | grep -q '^.[^nc]' && set -- "$@" "$1"
  shift; n=$((n - 1))
done
[ $# -gt 0 ] || exit 0
dpkg --no-act --remove -- "$@" >/dev/null || exit ${exits.needed}
apt remove -- "$@"`;

/** All that is installed, as lines of name and version. */
const listed = `dpkg-query --show -f '\${db:Status-Abbrev}|\${binary:Package} \${Version}\\n' | sed -n 's/^.i |//p' | LC_ALL=C sort`;

/**
 * The list stays until it has been compared, so that a repetition soon after a cut connection still knows what was there at first;
 * after six hours it is too old to say whose doing a difference is.
 */
const listing = `set -eu
umask 077
[ -z "$(find "$1" -mmin -360 2>/dev/null)" ] || exit 0
mkdir -p -- "$(dirname -- "$1")"
trap 'rm -f -- "$1.$$"' EXIT
{ ${listed}; } >"$1.$$"
mv -- "$1.$$" "$1"`;

const comparing = `set -eu
{ ${listed}; } | LC_ALL=C join -a 2 -e - -o 0,1.2,2.2 -- "$1" - | awk '$2 != $3'`;

/** Gets the lists of what the sources offer anew; whether that went well shows in what is offered afterwards. */
export async function updatePackageLists(host: Host, context: Context): Promise<RemoteResult> {
  return runOn(host, { words: ['sh', '-c', updating], as: 'root', limit, streamed: true }, context);
}

/**
 * Installs packages, each as `name` or `name=version`, and tells what that changed. `key` names the wish: a repetition with
 * the same key counts what an earlier one that was cut off had already installed. Throws Failures only.
 */
export async function installPackages(
  host: Host,
  packages: readonly string[],
  key: string,
  context: Context,
): Promise<PackageChange> {
  const list = `/var/lib/slipway/packages/${key}`;
  const as = 'root';
  must(
    host,
    'list its packages',
    await runOn(host, { words: ['sh', '-c', listing, 'sh', list], as, limit }, context),
  );
  const words = ['sh', '-c', installing, 'sh', ...packages];
  const installed = await runOn(host, { words, as, limit, streamed: true }, context);
  must(host, `install ${packages.join(', ')}`, installed);
  const compared = await runOn(host, { words: ['sh', '-c', comparing, 'sh', list], as, limit }, context);
  must(host, 'list its packages', compared);
  const changes = compared.stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' '))
    .map(([name = '', from = '', to = '']) => ({ name, from, to }));
  return {
    installed: changes.filter(({ from }) => from === '-').map(({ name }) => name),
    upgraded: changes.filter(({ from }) => from !== '-'),
  };
}

/** Forgets the list that `installPackages` keeps for repetitions, once what it told is safe. */
export async function forgetPackageList(host: Host, key: string, context: Context): Promise<void> {
  const words = ['rm', '-f', '--', `/var/lib/slipway/packages/${key}`];
  must(host, 'forget a list', await runOn(host, { words, as: 'root', limit }, context));
}

/** Removes packages, not their configuration; throws `not-undone` where something else needs one of them. */
export async function removePackages(host: Host, names: readonly string[], context: Context): Promise<void> {
  const words = ['sh', '-c', removing, 'sh', ...names];
  const result = await runOn(host, { words, as: 'root', limit, streamed: true }, context);
  if (result.exit === exits.needed) {
    throw new Failure(
      'not-undone',
      `${names.join(', ')} on ${hostPlace(host)} stay, since something that was installed since needs them: ${lastLines(result)}`,
    );
  }
  must(host, `remove ${names.join(', ')}`, result);
}

function must(host: Host, what: string, result: RemoteResult): void {
  if (result.exit === 0) return;
  const where = hostPlace(host);
  if (result.exit === exits.diskFull) {
    throw new Failure('disk-full', `${where} has too little room to ${what}; make room, then try again.`);
  }
  throw new Failure('command-failed', `${where} could not ${what}: ${lastLines(result)}`);
}

function lastLines({ stdout, stderr, exit }: RemoteResult): string {
  const lines = (stderr.trim() || stdout.trim()).split('\n').slice(-3).join('; ');
  return lines.slice(-500) || `exit code ${exit}`;
}
