import { Failure } from '../../errors.ts';
import { lastLine } from '../../text.ts';
import { hostPlace } from '../ssh/ssh-connection.ts';
import { runOn } from '../ssh/ssh-run.ts';
import type { Host, StepContext } from '../step.ts';

/** A Debian package as it is to be: installed, and where `relation` is not empty in a version that compares so. */
export interface WantedPackage {
  readonly name: string;
  /** One of dpkg's words for comparing versions: `lt`, `le`, `eq`, `ge`, `gt`; empty when any version will do. */
  readonly relation: string;
  readonly version: string;
}

/** What is installed of a wanted package and what could be; versions are empty where there is none. */
export interface PackageState extends WantedPackage {
  readonly installed: string;
  /** Whether the installed version is one that is wanted. */
  readonly isRight: boolean;
  readonly candidate: string;
  /** Whether installing the candidate would make it right. */
  readonly isCandidateRight: boolean;
}

type Context = Pick<StepContext, 'signal' | 'log'>;

const exits = { noDpkg: 40 };

/**
 * Tells of each package its installed version, whether that is right, the version that the sources offer, and whether that is
 * right. The second letter of dpkg's status is the state, the third is a blank unless it is broken (dpkg-query(1)).
 */
const asking = `export LC_ALL=C
command -v dpkg-query >/dev/null && command -v apt-cache >/dev/null || exit ${exits.noDpkg}
right() { [ -n "$1" ] && { [ -z "$2" ] || dpkg --compare-versions "$1" "$2" "$3"; } && echo yes || echo no; }
while [ $# -ge 3 ]; do
  installed=$(dpkg-query --show -f '\${db:Status-Abbrev}|\${Version}\\n' -- "$1" 2>/dev/null | sed -n 's/^.i |//p' | head -n 1)
  offered=$(apt-cache show --no-all-versions -- "$1" 2>/dev/null | sed -n 's/^Version: //p' | head -n 1)
  printf '%s|%s|%s|%s\\n' "$installed" "$(right "$installed" "$2" "$3")" "$offered" "$(right "$offered" "$2" "$3")"
  shift 3
done`;

/** Asks a host for the state of packages, in the order given; changes nothing and needs no rights. Throws Failures only. */
export async function packageStates(
  host: Host,
  wanted: readonly WantedPackage[],
  context: Context,
): Promise<readonly PackageState[]> {
  const triples = wanted.flatMap(({ name, relation, version }) => [name, relation, version]);
  const words = ['sh', '-c', asking, 'sh', ...triples];
  const { exit, stdout, stderr } = await runOn(host, { words, limit: 60_000 }, context);
  const where = hostPlace(host);
  if (exit === exits.noDpkg) {
    throw new Failure(
      'not-found',
      `${where} has no dpkg and apt; this step is for Debian and its relatives.`,
    );
  }
  const lines = stdout.trimEnd().split('\n');
  if (exit !== 0 || lines.length !== wanted.length) {
    const last = lastLine(stderr);
    throw new Failure(
      'command-failed',
      `dpkg on ${where} did not tell its packages: ${last || `exit code ${exit}`}`,
    );
  }
  return wanted.map((one, index) => {
    const [installed = '', isRight, candidate = '', isCandidateRight] = lines[index]?.split('|') ?? [];
    return {
      ...one,
      installed,
      isRight: isRight === 'yes',
      candidate,
      isCandidateRight: isCandidateRight === 'yes',
    };
  });
}
