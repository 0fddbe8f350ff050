import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { lastLine } from '../../text.ts';
import { hostNamed, hostPlace } from '../ssh/ssh-connection.ts';
import { runOn } from '../ssh/ssh-run.ts';
import { defineStep, type Host, HostName, type StepContext, satisfied, unsatisfied } from '../step.ts';
import { CronCommand, CronSchedule, CronValue, cronFile } from './cron-entry.ts';
import { type FileWish, lookAtFile, putFile, takeBackFile, unrecorded } from './file-in-place.ts';
import { Account } from './file-parameters.ts';
import { KeptFile } from './remote-file.ts';

const With = z.strictObject({
  host: HostName,
  name: z
    .string()
    .regex(
      /^[A-Za-z0-9_-]{1,100}$/,
      'letters, digits, hyphens and underscores; cron skips files with other names',
    )
    .meta({ description: 'the name of the file in /etc/cron.d' }),
  schedule: CronSchedule,
  user: Account.meta({ description: 'the account under which it runs' }),
  command: CronCommand.meta({ description: 'one line for /bin/sh; `%` is escaped by the step' }),
  env: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), CronValue)
    .default({})
    .meta({ description: 'variables such as MAILTO and PATH, which is /usr/bin:/bin otherwise; no secrets' }),
});
type With = z.output<typeof With>;

const Remembered = z.object({ file: KeptFile.nullable(), startedCron: z.boolean() });

const limit = 60_000;
const exits = { noCron: 57, noUser: 50 };

/** One word of the state: whether there is such a service and account, and whether the service runs. */
const looking = `systemctl cat -- cron.service >/dev/null 2>&1 || exit ${exits.noCron}
getent passwd -- "$1" >/dev/null || exit ${exits.noUser}
systemctl is-active --quiet cron.service && echo active || echo inactive`;

/** A file in /etc/cron.d holds exactly this entry, and the cron service runs. */
export const hostCron = defineStep({
  uses: 'host/cron',
  summary: 'A command runs on a host on a schedule of cron.',
  with: With,
  timeout: '2m',
  check: async (wanted, context) => {
    const host = hostNamed(wanted.host, context);
    const where = hostPlace(host);
    const { because, evidence } = await lookAtFile(host, fileOf(wanted), context);
    const state = await cronState(host, wanted, context);
    const service = { asked: `cron.service; account ${wanted.user}`, of: where, answered: state };
    if (because !== undefined) return unsatisfied(because, evidence, service);
    if (state === 'active') return satisfied(evidence, service);
    return unsatisfied(`Cron on ${where} will not run ${fileOf(wanted).path}: ${state}.`, evidence, service);
  },
  apply: async (wanted, context) => {
    const host = hostNamed(wanted.host, context);
    const where = hostPlace(host);
    const state = await cronState(host, wanted, context);
    if (state !== 'active' && state !== 'inactive') {
      throw new Failure('not-found', `${where}: ${state}; that comes first (host/package, host/user).`);
    }
    const { evidence, kept } = await putFile(host, fileOf(wanted), context);
    if (state === 'active') return { evidence, remember: { file: kept, startedCron: false } };
    await switchCron(host, 'start', 'command-failed', context);
    const started = { asked: 'systemctl start cron.service', of: where, answered: 'started' };
    return { evidence: [...evidence, started], remember: { file: kept, startedCron: true } };
  },
  undo: async (wanted, context, remembered) => {
    const host = hostNamed(wanted.host, context);
    if (remembered === undefined) throw unrecorded(fileOf(wanted).path, host);
    const { file, startedCron } = Remembered.parse(remembered);
    const evidence = await takeBackFile(host, file, context);
    if (!startedCron) return [evidence];
    await switchCron(host, 'stop', 'not-undone', context);
    const stopped = {
      asked: 'systemctl stop cron.service',
      of: hostPlace(host),
      answered: 'stopped, as before',
    };
    return [evidence, stopped];
  },
});

/** Cron heeds only files that are root's and that nobody else can write to (cron(8)). */
function fileOf({ name, ...entry }: With): FileWish {
  const content = cronFile(entry);
  return { path: `/etc/cron.d/${name}`, content, owner: 'root', group: 'root', mode: '0644' };
}

async function cronState(host: Host, { user }: With, context: StepContext): Promise<string> {
  const words = ['sh', '-c', looking, 'sh', user];
  const { exit, stdout } = await runOn(host, { words, limit }, context);
  if (exit === exits.noCron) return 'there is no cron.service';
  if (exit === exits.noUser) return `there is no account ${user}`;
  return stdout.trim();
}

async function switchCron(
  host: Host,
  word: 'start' | 'stop',
  code: 'command-failed' | 'not-undone',
  context: StepContext,
): Promise<void> {
  const words = ['systemctl', word, 'cron.service'];
  const { exit, stderr } = await runOn(host, { words, as: 'root', limit }, context);
  if (exit === 0) return;
  const last = lastLine(stderr);
  throw new Failure(
    code,
    `Cron on ${hostPlace(host)} did not ${word}: ${last || `exit code ${exit}`}; see journalctl -u cron.`,
  );
}
