import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { lastLine } from '../../text.ts';
import { unrecorded } from '../host/file-in-place.ts';
import { AbsolutePath, Account } from '../host/file-parameters.ts';
import { hostNamed, hostPlace } from '../ssh/ssh-connection.ts';
import { runOn } from '../ssh/ssh-run.ts';
import {
  type Check,
  defineStep,
  type Host,
  HostName,
  type StepContext,
  satisfied,
  Text,
  unsatisfied,
} from '../step.ts';
import { checkoutFailure } from './checkout-failure.ts';
import { checkingOut, checkoutExits, looking, takingBack } from './checkout-scripts.ts';

const Repository = z
  .string()
  .regex(
    /^(?:(?:https?|ssh|git|file):\/\/[^\s-]\S*|\/\S+|[A-Za-z0-9._]+@[A-Za-z0-9][A-Za-z0-9.-]*:\S+)$/,
    'the address of a repository such as https://… or git@host:path',
  )
  .refine(
    (address) => !/^https?:\/\/[^/]*@|^[a-z]+:\/\/[^/@]*:[^/@]*@/.test(address),
    'no password or token in it; use key',
  );

const With = z.strictObject({
  host: HostName,
  repository: Repository,
  directory: AbsolutePath,
  commit: z.string().regex(/^[0-9a-f]{40}$/, 'the 40 hexadecimal digits of a commit'),
  as: Account.meta({ description: 'the account to which the checkout belongs and under which git runs' }),
  key: Text.optional().meta({ description: 'the private half of a deploy key, for an address over SSH' }),
  knownHosts: z.string().optional().meta({
    description: "lines as in known_hosts for the repository's server; without it the account's own decide",
  }),
  submodules: z.boolean().default(false),
});
type With = z.output<typeof With>;

const Remembered = z.object({
  /** The commit that was checked out, or `none` or `empty` for the directory before it was cloned. */
  former: z.string(),
  /** Where the changes made by hand are kept, or `none`. */
  kept: z.string(),
});

/** Where what was changed by hand waits for an undo; only root may look in. */
const keptIn = '/var/lib/slipway/kept';

const limit = 1_800_000;

/** A directory is a clone with HEAD at one commit and nothing changed in it; what was changed by hand is kept as a patch, never lost. */
export const codeCheckout = defineStep({
  uses: 'code/checkout',
  summary: 'A directory holds a repository at exactly one commit, with nothing changed by hand.',
  with: With,
  timeout: '30m',
  check: look,
  apply: async (wanted, context) => {
    const before = await look(wanted, context);
    if (before.is === 'satisfied')
      return { evidence: before.evidence, remember: { former: wanted.commit, kept: 'none' } };
    const { directory, as, commit, repository, submodules, key, knownHosts = '' } = wanted;
    const host = hostNamed(wanted.host, context);
    const words = ['sh', '-c', checkingOut, 'sh', directory, as, commit, repository];
    const more = [submodules ? 'yes' : 'no', keptIn, key === undefined ? 'no' : 'yes', knownHosts];
    const command = {
      words: [...words, ...more],
      as: 'root',
      limit,
      streamed: true,
      ...(key === undefined ? {} : { stdin: key }),
    };
    const result = await runOn(host, command, context);
    if (result.exit !== 0) throw checkoutFailure(wanted, host, result);
    const [former = 'none', kept = 'none'] = lastLine(result.stdout).split(' ');
    const saved = kept === 'none' ? '' : `; what was changed by hand is kept as ${kept}`;
    const asked = `git checkout ${commit} of ${repository} in ${directory} as ${as}`;
    const answered = `was ${former === 'none' || former === 'empty' ? 'not cloned' : `at ${former}`}${saved}`;
    const remember: z.output<typeof Remembered> = { former, kept };
    return { evidence: [{ asked, of: hostPlace(host), answered }], remember };
  },
  undo: async (wanted, context, remembered) => {
    const host = hostNamed(wanted.host, context);
    if (remembered === undefined) throw unrecorded(wanted.directory, host);
    const { former, kept } = Remembered.parse(remembered);
    const of = hostPlace(host);
    if (former === wanted.commit && kept === 'none')
      return [{ asked: 'what was changed', of, answered: 'nothing' }];
    const { directory, as, commit, submodules } = wanted;
    const words = [
      'sh',
      '-c',
      takingBack,
      'sh',
      directory,
      as,
      commit,
      former,
      kept,
      submodules ? 'yes' : 'no',
    ];
    const result = await runOn(host, { words, as: 'root', limit, streamed: true }, context);
    if (result.exit !== 0) throw notUndone(wanted, host, result.exit, kept);
    const removed = former === 'none' || former === 'empty';
    const answered = removed
      ? 'the clone of this run is removed'
      : `at ${former} again${kept === 'none' ? '' : `, with the changes from ${kept}`}`;
    return [{ asked: `take the checkout of ${directory} back`, of, answered }];
  },
});

async function look(wanted: With, context: StepContext): Promise<Check> {
  const { directory, as, commit, repository, submodules } = wanted;
  const host = hostNamed(wanted.host, context);
  const words = ['sh', '-c', looking, 'sh', directory, as, submodules ? 'yes' : 'no'];
  const result = await runOn(host, { words, as: 'root', limit: 120_000, keep: 1 << 20 }, context);
  const where = `${directory} on ${hostPlace(host)}`;
  // A dry run looks here before the steps that install git and create the account have run.
  if (result.exit === checkoutExits.noGit)
    return unsatisfied(`There is no git on ${hostPlace(host)}, so ${directory} is no clone.`);
  if (result.exit === checkoutExits.noAccount) {
    return unsatisfied(
      `There is no account ${as} on ${hostPlace(host)}, to which ${directory} is to belong.`,
    );
  }
  if (result.exit !== 0) throw checkoutFailure(wanted, host, result);
  const wrong = faults(wanted, result.stdout);
  const evidence = {
    asked: `git rev-parse HEAD, git status in ${directory}: ${commit} of ${repository}, belonging to ${as}`,
    of: hostPlace(host),
    answered: wrong.join('; ') || 'as wanted, nothing is changed',
  };
  return wrong.length === 0 ? satisfied(evidence) : unsatisfied(`${where} ${wrong.join(', ')}.`, evidence);
}

function faults({ commit, repository, as }: With, told: string): readonly string[] {
  const [kind = '', url = '', head = '', ...rest] = told.split('\n');
  if (kind === 'none') return ['does not exist'];
  if (kind === 'empty') return ['is empty'];
  if (kind.startsWith('owner ')) return [`belongs to ${kind.slice(6)}, wanted is ${as}`];
  if (kind === 'foreign') return ['is not empty and no clone'];
  const wrong: string[] = [];
  if (url !== repository)
    wrong.push(`is a clone of ${withoutUser(url) || 'nothing'}, wanted is ${repository}`);
  if (head !== commit) wrong.push(`is at ${head || 'no commit'}, wanted is ${commit}`);
  const blank = rest.indexOf('');
  const modules = rest.slice(0, blank).map((line) => line.slice(1).split(' ')[1] ?? '');
  if (modules.length > 0) wrong.push(`has submodules that are not as recorded: ${listed(modules)}`);
  const changes = rest
    .slice(blank + 1)
    .join('\n')
    .split('\0')
    .filter((entry) => entry !== '');
  if (changes.length > 0) wrong.push(`has changes made by hand: ${listed(changes.map(change))}`);
  return wrong;
}

/** One entry of `git status --porcelain=v1 -z`, https://git-scm.com/docs/git-status#_short_format */
function change(entry: string): string {
  const [sign, path] = [entry.slice(0, 2), entry.slice(3)];
  if (sign === '??') return `${path} (not tracked)`;
  return sign.includes('D') ? `${path} (deleted)` : path;
}

function listed(names: readonly string[]): string {
  const more = names.length > 20 ? ` and ${names.length - 20} more` : '';
  return names.slice(0, 20).join(', ') + more;
}

/** People put tokens into the addresses of clones; what stands before the @ is never told. */
function withoutUser(url: string): string {
  return url.replace(/^([a-z+]+:\/\/)[^/@]*@/, '$1');
}

function notUndone({ directory, commit }: With, host: Host, exit: number, kept: string): Failure {
  const where = `${directory} on ${hostPlace(host)}`;
  const patch = kept === 'none' ? '' : ` What was changed by hand before is kept as ${kept}.`;
  const told: Readonly<Record<number, string>> = {
    [checkoutExits.changedSince]: `${where} is no longer the unchanged ${commit} that this run left, so it was not touched.${patch}`,
    [checkoutExits.notEmpty]: `${where} was cloned by this run, but holds files that git ignores, such as an environment file; move them away and remove the directory by hand.`,
    [checkoutExits.noCommit]: `The commit that was checked out in ${where} before is no longer there; check it out by hand.${patch}`,
    [checkoutExits.notApplied]: `${where} is at the former commit again, but the changes made by hand before could not be applied; they are kept as ${kept}.`,
    [checkoutExits.busy]: `Another git works in ${where}; try again when it has ended.${patch}`,
  };
  return new Failure(
    'not-undone',
    told[exit] ?? `${where} could not be put back to its former commit (exit code ${exit}).${patch}`,
  );
}
