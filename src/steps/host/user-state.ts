import { Failure } from '../../errors.ts';
import { hostPlace } from '../ssh/ssh-connection.ts';
import { runOn } from '../ssh/ssh-run.ts';
import type { Host, StepContext } from '../step.ts';

/** An account as the host knows it. */
export interface UserState {
  readonly group: string;
  readonly home: string;
  readonly shell: string;
  /** Its further groups, sorted. */
  readonly groups: readonly string[];
  readonly hasHome: boolean;
}

/** The account if there is one, and those of the asked groups that there are. */
export interface AccountsFound {
  readonly user: UserState | undefined;
  readonly knownGroups: readonly string[];
}

/** Lines of a word and a value; the entry of an account is the one of passwd(5). */
const asking = `name=$1; shift
for group in "$@"; do getent group -- "$group" >/dev/null && echo "known $group"; done
entry=$(getent passwd -- "$name") || exit 0
home=$(printf %s "$entry" | cut -d : -f 6)
echo "entry $entry"
echo "group $(id -gn -- "$name")"
for group in $(id -Gn -- "$name"); do echo "member $group"; done
[ ! -d "$home" ] || echo "home $home"`;

/** Asks a host for an account and for groups; changes nothing and needs no rights. Throws Failures only. */
export async function accountsOf(
  host: Host,
  name: string,
  groups: readonly string[],
  context: Pick<StepContext, 'signal' | 'log'>,
): Promise<AccountsFound> {
  const words = ['sh', '-c', asking, 'sh', name, ...groups];
  const { exit, stdout, stderr } = await runOn(host, { words, limit: 30_000 }, context);
  if (exit !== 0 && stdout === '' && stderr !== '') {
    throw new Failure(
      'command-failed',
      `${hostPlace(host)} did not tell its accounts: ${stderr.trim().slice(-300)}`,
    );
  }
  const lines = stdout.split('\n').map((line) => {
    const end = line.indexOf(' ');
    return { word: line.slice(0, end), value: line.slice(end + 1) };
  });
  const values = (word: string) => lines.filter((line) => line.word === word).map(({ value }) => value);
  const knownGroups = values('known');
  const [entry] = values('entry');
  if (entry === undefined) return { user: undefined, knownGroups };
  const [group = ''] = values('group');
  const [, , , , , home = '', shell = ''] = entry.split(':');
  const others = values('member').filter((one) => one !== group);
  const user = { group, home, shell, groups: others.toSorted(), hasHome: values('home').length > 0 };
  return { user, knownGroups };
}
