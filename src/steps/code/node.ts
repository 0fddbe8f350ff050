import { z } from 'zod';
import { Failure, type ReasonCode } from '../../errors.ts';
import { AbsolutePath, Account } from '../host/file-parameters.ts';
import { hostNamed, hostPlace } from '../ssh/ssh-connection.ts';
import { type RemoteResult, runOn } from '../ssh/ssh-run.ts';
import {
  type Check,
  defineStep,
  type Host,
  HostName,
  type StepContext,
  satisfied,
  unsatisfied,
} from '../step.ts';
import { nodeExits as exits, installingWords, lookingWords } from './node-scripts.ts';

const With = z.strictObject({
  host: HostName,
  directory: AbsolutePath.meta({ description: 'a folder with package.json and package-lock.json' }),
  as: Account.meta({ description: 'the account under which npm and the build run' }),
  build: z
    .array(z.string())
    .min(1)
    .optional()
    .meta({ description: 'the words of a command that runs in the directory after the installation' }),
});
type With = z.output<typeof With>;

const Stamp = z.object({ lock: z.string(), build: z.string(), source: z.string() });

const Found = Stamp.extend({
  node: z.string(),
  stamp: Stamp.nullable().catch(null),
  count: z.number(),
  damaged: z.array(z.string()),
});

/**
 * The packages of package-lock.json are installed and the build has run at the commit that is checked out. There is no undo: what was
 * installed before comes back by running this again at the former commit, since npm ci installs exactly what the lock says.
 */
export const codeNode = defineStep({
  uses: 'code/node',
  summary: 'The packages of a package-lock.json are installed, and what is built from them is built.',
  with: With,
  timeout: '20m',
  check: look,
  apply: async (wanted, context) => {
    const before = await look(wanted, context);
    if (before.is === 'satisfied') return { evidence: before.evidence };
    const host = hostNamed(wanted.host, context);
    const words = installingWords(installation(wanted));
    const result = await runOn(host, { words, as: 'root', limit: 1_800_000, streamed: true }, context);
    if (result.exit !== 0) throw nodeFailure(wanted, host, result);
    const asked = ['npm ci', ...(wanted.build ? [wanted.build.join(' ')] : [])].join(', then ');
    return {
      evidence: [{ asked: `${asked} in ${wanted.directory}`, of: hostPlace(host), answered: 'done' }],
    };
  },
});

function installation({ directory, as, build = [] }: With) {
  return { directory, as, build };
}

async function look(wanted: With, context: StepContext): Promise<Check> {
  const host = hostNamed(wanted.host, context);
  const where = hostPlace(host);
  const words = lookingWords(installation(wanted));
  const result = await runOn(host, { words, as: 'root', limit: 120_000, keep: 1 << 20 }, context);
  // A dry run looks here before the steps that create the account and check the code out have run.
  const ahead: Readonly<Record<number, string>> = {
    [exits.noAccount]: `There is no account ${wanted.as} on ${where}.`,
    [exits.noDirectory]: `There is no ${wanted.directory} on ${where}, so nothing is installed for it.`,
    [exits.noNode]: `There is no node or no npm on ${where}.`,
  };
  const reason = ahead[result.exit];
  if (reason !== undefined) return unsatisfied(reason);
  if (result.exit !== 0) throw nodeFailure(wanted, host, result);
  const found = Found.parse(JSON.parse(result.stdout));
  const wrong = faults(found);
  const evidence = {
    asked: `node_modules in ${wanted.directory}: as package-lock.json ${found.lock.slice(0, 12)} says${wanted.build ? `, built by ${wanted.build.join(' ')}` : ''}`,
    of: where,
    answered: `node ${found.node}, ${found.count} packages; ${wrong.join('; ') || 'as wanted'}`,
  };
  if (wrong.length === 0) return satisfied(evidence);
  return unsatisfied(`node_modules in ${wanted.directory} on ${where} ${wrong.join(', ')}.`, evidence);
}

function faults({ stamp, lock, build, source, damaged }: z.output<typeof Found>): readonly string[] {
  if (stamp === null) return ['was not completely installed by this step'];
  const wrong: string[] = [];
  if (stamp.lock !== lock) wrong.push('was installed from another package-lock.json');
  if (stamp.build !== build) wrong.push('was built by another command');
  else if (stamp.source !== source)
    wrong.push(`was built from ${stamp.source.slice(0, 12)}, what is there is ${source.slice(0, 12)}`);
  const more = damaged.length > 20 ? ` and ${damaged.length - 20} more` : '';
  if (damaged.length > 0)
    wrong.push(`lacks packages or has others: ${damaged.slice(0, 20).join(', ')}${more}`);
  return wrong;
}

function nodeFailure({ directory, as, build }: With, host: Host, { exit, stderr }: RemoteResult): Failure {
  const place = hostPlace(host);
  const where = `${directory} on ${place}`;
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const said = lines.slice(-6).join(' / ').slice(-500) || 'it said nothing';
  const told: Readonly<Record<number, readonly [ReasonCode, string]>> = {
    [exits.noAccount]: ['not-found', `There is no account ${as} on ${place}; create it first (host/user).`],
    [exits.noDirectory]: ['not-found', `There is no ${where}; check the code out first (code/checkout).`],
    [exits.noLock]: [
      'not-found',
      `There is no package.json with package-lock.json in ${where}; commit them.`,
    ],
    [exits.noNode]: [
      'not-found',
      `There is no node or no npm on ${place}; install them first (host/package).`,
    ],
    [exits.diskFull]: ['disk-full', `There is no room in ${where}; make room and run it again.`],
    [exits.unreadable]: ['command-failed', `What is installed in ${where} could not be read: ${said}`],
    [exits.installFailed]: ['command-failed', `npm ci in ${where} failed; trying again is safe: ${said}`],
    [exits.buildFailed]: ['command-failed', `The build ${build?.join(' ')} in ${where} failed: ${said}`],
    [exits.busy]: ['command-failed', `Another run installs in ${where}; try again when it has ended.`],
  };
  const [code, sentence] = told[exit] ?? [
    'command-failed',
    `The work in ${where} ended with exit code ${exit}: ${said}`,
  ];
  return new Failure(code, sentence);
}
