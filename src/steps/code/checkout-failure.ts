import { Failure, type ReasonCode } from '../../errors.ts';
import type { Secret } from '../../secret.ts';
import { hidden } from '../hidden.ts';
import { hostPlace } from '../ssh/ssh-connection.ts';
import type { RemoteResult } from '../ssh/ssh-run.ts';
import type { Host } from '../step.ts';
import { checkoutExits as exits } from './checkout-scripts.ts';

interface Checkout {
  readonly directory: string;
  readonly repository: string;
  readonly commit: string;
  readonly as: string;
  readonly key?: string | Secret | undefined;
}

/** What an exit code of the checkout's scripts means, with what git said last where that helps. */
export function checkoutFailure(wanted: Checkout, host: Host, { exit, stderr }: RemoteResult): Failure {
  const { directory, repository, commit, as } = wanted;
  const place = hostPlace(host);
  const where = `${directory} on ${place}`;
  const said = hidden(lastLines(stderr), [typeof wanted.key === 'string' ? undefined : wanted.key]);
  const told: Readonly<Record<number, readonly [ReasonCode, string]>> = {
    [exits.noGit]: ['not-found', `There is no git on ${place}; install it first (host/package).`],
    [exits.noAccount]: ['not-found', `There is no account ${as} on ${place}; create it first (host/user).`],
    [exits.notDirectory]: ['command-failed', `${where} is a file, not a directory; move it away.`],
    [exits.noParent]: [
      'not-found',
      `The folder in which ${where} is to be does not exist; create it first (host/directory).`,
    ],
    [exits.diskFull]: ['disk-full', `There is no room for ${where}; nothing was checked out. Make room.`],
    [exits.cloneFailed]: [
      'command-failed',
      `${repository} could not be cloned on ${place}, and nothing was left behind: ${said}`,
    ],
    [exits.fetchFailed]: [
      'command-failed',
      `${commit} could not be fetched into ${where}, which was left as it was: ${said}`,
    ],
    [exits.noCommit]: [
      'not-found',
      `${repository} has no commit ${commit}; push it, or ask for another version.`,
    ],
    [exits.checkoutFailed]: [
      'command-failed',
      `${commit} could not be checked out in ${where}; trying again is safe: ${said}`,
    ],
    [exits.submodulesFailed]: [
      'command-failed',
      `The submodules of ${where} could not be brought to what ${commit} records: ${said}`,
    ],
    [exits.busy]: [
      'command-failed',
      `Another git works in ${where}; it was left alone. Try again when it has ended.`,
    ],
    [exits.notSaved]: [
      'command-failed',
      `What was changed by hand in ${where} could not be saved as a patch, so it was left as it is: ${said}`,
    ],
    [exits.unreadable]: [
      'command-failed',
      `git cannot read ${where}; move the directory away and it is cloned anew: ${said}`,
    ],
    [exits.notClone]: [
      'command-failed',
      `${where} is not empty and no clone of ${repository} that belongs to ${as}; move it away and it is cloned anew.`,
    ],
  };
  const [code, sentence] = told[exit] ?? [
    'command-failed',
    `The checkout in ${where} failed with exit code ${exit}: ${said}`,
  ];
  return new Failure(code, sentence);
}

/** git says the reason first and advice last. */
function lastLines(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.slice(-6).join(' / ').slice(-500) || 'git said nothing';
}
