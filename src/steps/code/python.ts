import { z } from 'zod';
import { Failure, type ReasonCode } from '../../errors.ts';
import { reveal } from '../../secret.ts';
import { lastLine } from '../../text.ts';
import { hidden, secretsIn } from '../hidden.ts';
import { unrecorded } from '../host/file-in-place.ts';
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
  Text,
  unsatisfied,
} from '../step.ts';
import { pythonExits as exits, installingWords, lookingWords, removingWords } from './python-scripts.ts';

const With = z.strictObject({
  host: HostName,
  directory: AbsolutePath.meta({ description: 'a checkout' }),
  requirements: z
    .string()
    .regex(/^[^-/\0][^\0]*$/, 'a path inside the directory')
    .default('requirements.txt'),
  venv: AbsolutePath.optional().meta({
    description: 'where the environment is; without it `venv` in the directory',
  }),
  as: Account.meta({ description: 'the account to which the environment belongs' }),
  systemSite: z.boolean().default(false).meta({ description: "whether it sees the machine's own packages" }),
  python: z
    .string()
    .regex(/^[A-Za-z0-9/][A-Za-z0-9._/-]*$/, 'a program such as python3')
    .default('python3'),
  index: Text.refine((value) => !/[\n\0]/.test(reveal(value)), 'no line breaks')
    .meta({ type: 'string', description: "the address of a package index in place of the machine's own" })
    .optional(),
  find: AbsolutePath.optional().meta({
    description: 'a folder of packages on the host; then no index is asked',
  }),
});
type With = z.output<typeof With>;

const Found = z.object({
  python: z.string(),
  pip: z.string().nullable(),
  system: z.boolean(),
  count: z.number(),
  damaged: z.array(z.string()),
  different: z.array(z.string()),
  met: z.boolean(),
});

const Remembered = z.object({ created: z.boolean() });

/** The first pip that can tell as JSON what it would install, https://pip.pypa.io/en/stable/news/#v22-2 */
const pipNeeded = [22, 2] as const;

/** A Python environment meets the requirements of a checkout, and each of its packages is whole. */
export const codePython = defineStep({
  uses: 'code/python',
  summary: 'A Python environment has everything that a requirements file asks for.',
  with: With,
  timeout: '20m',
  check: look,
  apply: async (wanted, context) => {
    const before = await look(wanted, context);
    if (before.is === 'satisfied') return { evidence: before.evidence, remember: { created: false } };
    const host = hostNamed(wanted.host, context);
    const { index, find } = wanted;
    const env = {
      ...(index === undefined ? {} : { PIP_INDEX_URL: index }),
      ...(find === undefined ? {} : { PIP_FIND_LINKS: find, PIP_NO_INDEX: '1' }),
    };
    const command = {
      words: installingWords(environment(wanted)),
      env,
      as: 'root',
      limit: 1_800_000,
      streamed: true,
    };
    const result = await runOn(host, command, context);
    if (result.exit !== 0) throw pythonFailure(wanted, host, result);
    const created = lastLine(result.stdout) === 'none';
    const asked = `pip install -r ${wanted.requirements} into ${environment(wanted).venv}`;
    const answered = created
      ? 'the environment was made, everything is installed'
      : 'everything is installed';
    const remember: z.output<typeof Remembered> = { created };
    return { evidence: [{ asked, of: hostPlace(host), answered }], remember };
  },
  undo: async (wanted, context, remembered) => {
    const host = hostNamed(wanted.host, context);
    const { venv } = environment(wanted);
    if (remembered === undefined) throw unrecorded(venv, host);
    if (!Remembered.parse(remembered).created) {
      throw new Failure(
        'not-undone',
        `${venv} on ${hostPlace(host)} was there before, and which packages it had is not known; run code/python again at the former commit.`,
      );
    }
    const { exit } = await runOn(host, { words: removingWords(venv), as: 'root', limit: 120_000 }, context);
    if (exit !== 0) {
      throw new Failure(
        'not-undone',
        `${venv} on ${hostPlace(host)} is no Python environment any more, so it was left.`,
      );
    }
    return [
      { asked: `remove ${venv}`, of: hostPlace(host), answered: 'removed, since there was none before' },
    ];
  },
});

function environment(wanted: With) {
  return { ...wanted, venv: wanted.venv ?? `${wanted.directory}/venv` };
}

async function look(wanted: With, context: StepContext): Promise<Check> {
  const host = hostNamed(wanted.host, context);
  const where = hostPlace(host);
  const { venv, requirements, systemSite, directory, as } = environment(wanted);
  const command = { words: lookingWords(environment(wanted)), as: 'root', limit: 300_000 };
  const result = await runOn(host, command, context);
  // A dry run looks here before the steps that create the account and check the code out have run.
  const ahead: Readonly<Record<number, string>> = {
    [exits.noAccount]: `There is no account ${as} on ${where}, to which ${venv} is to belong.`,
    [exits.noDirectory]: `There is no ${directory} on ${where}, so nothing is installed for it.`,
  };
  const reason = ahead[result.exit];
  if (reason !== undefined) return unsatisfied(reason);
  if (result.exit !== 0) throw pythonFailure(wanted, host, result);
  const told = result.stdout.trim();
  const asked = `environment ${venv}: ${directory}/${requirements}, ${systemSite ? 'with' : 'without'} the machine's packages`;
  const evidence = (answered: string) => ({ asked, of: where, answered });
  if (told === 'none') return unsatisfied(`${venv} on ${where} does not exist.`, evidence('does not exist'));
  if (told === 'broken') {
    return unsatisfied(
      `${venv} on ${where} is no Python environment in which pip works.`,
      evidence('pip does not work'),
    );
  }
  if (told.startsWith('owner ')) {
    return unsatisfied(`${venv} on ${where} belongs to ${told.slice(6)}, wanted is ${as}.`, evidence(told));
  }
  const found = Found.parse(JSON.parse(told));
  const wrong = faults(wanted, found);
  const about = `Python ${found.python}, pip ${found.pip}, ${found.count} packages`;
  if (wrong.length === 0) return satisfied(evidence(`${about}, all whole; the requirements are met`));
  return unsatisfied(`${venv} on ${where} ${wrong.join(', ')}.`, evidence(`${about}; ${wrong.join('; ')}`));
}

function faults({ systemSite, requirements }: With, found: z.output<typeof Found>): readonly string[] {
  const wrong: string[] = [];
  const [major = 0, minor = 0] = (found.pip ?? '').split('.').map(Number);
  if (major < pipNeeded[0] || (major === pipNeeded[0] && minor < pipNeeded[1])) {
    wrong.push(
      `has pip ${found.pip}, at least ${pipNeeded.join('.')} is needed to look; put pip>=22.2 into ${requirements}`,
    );
  }
  if (found.damaged.length > 0) wrong.push(`has packages that are not whole: ${listed(found.damaged)}`);
  if (found.different.length > 0) wrong.push(`differs from ${requirements}: ${listed(found.different)}`);
  else if (!found.met) wrong.push(`lacks something that ${requirements} or one of its packages needs`);
  if (found.system !== systemSite) {
    wrong.push(
      `${found.system ? 'sees' : 'does not see'} the machine's own packages, wanted is the opposite`,
    );
  }
  return wrong;
}

function listed(names: readonly string[]): string {
  const more = names.length > 20 ? ` and ${names.length - 20} more` : '';
  return names.slice(0, 20).join('; ') + more;
}

function pythonFailure(wanted: With, host: Host, { exit, stderr }: RemoteResult): Failure {
  const { venv, requirements, directory, as, python } = environment(wanted);
  const place = hostPlace(host);
  const where = `${venv} on ${place}`;
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const said = hidden(lines.slice(-3).join(' / ').slice(-400), secretsIn(wanted)) || 'it said nothing';
  const told: Readonly<Record<number, readonly [ReasonCode, string]>> = {
    [exits.noAccount]: ['not-found', `There is no account ${as} on ${place}; create it first (host/user).`],
    [exits.noDirectory]: [
      'not-found',
      `There is no ${directory} on ${place}; check the code out first (code/checkout).`,
    ],
    [exits.noRequirements]: ['not-found', `There is no ${requirements} in ${directory} on ${place}.`],
    [exits.noPython]: ['not-found', `There is no ${python} on ${place}; install it first (host/package).`],
    [exits.noVenv]: [
      'not-found',
      `${python} on ${place} has no venv and ensurepip; install python3-venv first (host/package).`,
    ],
    [exits.diskFull]: ['disk-full', `There is no room for ${where}; make room and run it again.`],
    [exits.notVenv]: [
      'command-failed',
      `${where} holds files and is no Python environment, so it was left as it is; move it away.`,
    ],
    [exits.otherOwner]: [
      'permission-denied',
      `${where} does not belong to ${as}, so it was left as it is; move it away.`,
    ],
    [exits.venvFailed]: ['command-failed', `${where} could not be made: ${said}`],
    [exits.installFailed]: [
      'command-failed',
      `What ${requirements} asks for could not be installed into ${where}; trying again is safe: ${said}`,
    ],
    [exits.busy]: ['command-failed', `Another run installs into ${where}; try again when it has ended.`],
    [exits.unreadable]: ['command-failed', `What is installed in ${where} could not be read: ${said}`],
  };
  const [code, sentence] = told[exit] ?? [
    'command-failed',
    `The work on ${where} ended with exit code ${exit}: ${said}`,
  ];
  return new Failure(code, sentence);
}
