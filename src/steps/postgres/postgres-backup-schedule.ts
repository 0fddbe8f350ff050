import { z } from 'zod';
import { Duration } from '../../duration.ts';
import { Failure } from '../../errors.ts';
import { Secret } from '../../secret.ts';
import { lastLine } from '../../text.ts';
import { CronSchedule } from '../host/cron-entry.ts';
import { type FileWish, lookAtFile, putFile, takeBackFile, unrecorded } from '../host/file-in-place.ts';
import { AbsolutePath, Account } from '../host/file-parameters.ts';
import { hostCron } from '../host/host-cron.ts';
import { KeptFile } from '../host/remote-file.ts';
import { hostNamed, hostPlace } from '../ssh/ssh-connection.ts';
import { runOn } from '../ssh/ssh-run.ts';
import {
  type Check,
  defineStep,
  type Evidence,
  type Host,
  HostName,
  type StepContext,
  satisfied,
  Text,
  unsatisfied,
} from '../step.ts';
import { dumpTarget, lastWords } from './dump-scripts.ts';
import { postgresBackup } from './postgres-backup.ts';
import { scheduleScript } from './schedule-script.ts';

const With = z.strictObject({
  host: HostName,
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,50}$/, 'small letters, digits, hyphens and underscores')
    .meta({ description: 'goes into the names of the script, the cron entry and the password file' }),
  schedule: CronSchedule.default('0 2 * * *'),
  as: Account.meta({ description: 'the account that takes the dumps and owns them' }),
  url: Text.meta({
    description:
      "the database's address as seen from the host; without a password the account itself must be let in",
  }),
  directory: AbsolutePath.meta({
    description: 'where the dumps go; not the folder of postgres/backup, whose `keep` would remove them',
  }),
  daily: z.int().min(1).max(1_000).default(30).meta({ description: 'days of which every dump is kept' }),
  monthly: z.int().min(1).max(120).default(12).meta({
    description: 'months for which the first dump of each week is kept, as a copy in the folder weekly',
  }),
  maxAge: Duration.prefault('26h').meta({
    description: 'the age above which the newest dump tells that the schedule does not work',
  }),
  limit: Duration.prefault('2h'),
});
type With = z.output<typeof With>;

const Remembered = z.object({ files: z.array(KeptFile), cron: z.unknown() });

/**
 * Dumps of a database are taken on a schedule of cron, with row counts and checksums, and the newest one is recent and sound; apply
 * proves the script by running it once. Undo puts back the files; the dumps are left.
 */
export const postgresBackupSchedule = defineStep({
  uses: 'postgres/backup-schedule',
  summary:
    'Dumps of a database are taken on a schedule, kept as long as wanted, and the newest one is sound.',
  with: With,
  timeout: '2h',
  check: async (wanted, context): Promise<Check> => {
    const host = hostNamed(wanted.host, context);
    const looks = [];
    for (const wish of filesOf(wanted)) looks.push(await lookAtFile(host, wish, context));
    const evidence = looks.map((look) => look.evidence);
    const cron = await hostCron.check(cronOf(wanted), context);
    const wrong = looks.flatMap(({ because }) => because ?? []);
    if (cron.is === 'unsatisfied') wrong.push(cron.because);
    if (cron.is === 'satisfied' || cron.is === 'unsatisfied') evidence.push(...cron.evidence);
    // The account may not be there before the files are, so nothing is asked in its name.
    if (wrong.length > 0) return unsatisfied(wrong.join(' '), ...evidence);
    const newest = await postgresBackup.check(backupOf(wanted), context);
    if (newest.is === 'unsatisfied') return unsatisfied(newest.because, ...evidence, ...newest.evidence);
    return newest.is === 'satisfied' ? satisfied(...evidence, ...newest.evidence) : newest;
  },
  apply: async (wanted, context) => {
    const host = hostNamed(wanted.host, context);
    await requireAccount(wanted, host, context);
    const evidence: Evidence[] = [];
    const files: KeptFile[] = [];
    let cron: { readonly remember?: unknown } | undefined;
    try {
      for (const wish of filesOf(wanted)) {
        const put = await putFile(host, wish, context);
        evidence.push(...put.evidence);
        if (put.kept) files.push(put.kept);
      }
      const entered = await hostCron.apply?.(cronOf(wanted), context);
      evidence.push(...(entered?.evidence ?? []));
      cron = { remember: entered?.remember };
      evidence.push(...(await provedBy(wanted, host, files.length > 0, context)));
    } catch (error) {
      // What does not work is not left to cron. After an abort nothing more can be done; running again puts all in place.
      if (!context.signal.aborted) await takeBack(wanted, host, files, cron, context);
      throw error;
    }
    const remember: z.output<typeof Remembered> = { files, cron: cron.remember };
    return { evidence, remember };
  },
  undo: async (wanted, context, remembered) => {
    const host = hostNamed(wanted.host, context);
    if (remembered === undefined) throw unrecorded(scriptPath(wanted), host);
    const { files, cron } = Remembered.parse(remembered);
    return takeBack(wanted, host, files, { remember: cron }, context);
  },
});

/** Runs the script where it is new or its last dump is missing, too old or damaged; throws a Failure when no dump comes of it. */
async function provedBy(
  wanted: With,
  host: Host,
  isNew: boolean,
  context: StepContext,
): Promise<readonly Evidence[]> {
  const { as, directory, limit } = wanted;
  const where = hostPlace(host);
  await makeDirectory(wanted, host, context);
  if (!isNew) {
    const newest = await postgresBackup.check(backupOf(wanted), context);
    if (newest.is === 'satisfied') return newest.evidence;
  }
  const script = scriptPath(wanted);
  const { exit, stdout, stderr } = await runOn(host, { words: [script], as, limit, streamed: true }, context);
  if (exit !== 0) {
    throw new Failure(
      'command-failed',
      `${script} on ${where} was run once to prove it and failed; it left no dump in ${directory} and was taken away again: ${lastWords(stderr, wanted.url, 2) || `exit code ${exit}`}`,
    );
  }
  return [{ asked: `${script} as ${as}, into ${directory}`, of: where, answered: stdout.trim() }];
}

async function requireAccount({ as }: With, host: Host, context: StepContext): Promise<void> {
  const { exit } = await runOn(host, { words: ['getent', 'passwd', as], limit: 60_000 }, context);
  if (exit === 0) return;
  throw new Failure(
    'not-found',
    `There is no account ${as} on ${hostPlace(host)}; create it first (host/user).`,
  );
}

async function makeDirectory({ directory, as }: With, host: Host, context: StepContext): Promise<void> {
  const words = ['sh', '-c', '[ -d "$1" ] || install -d -m 0750 -o "$2" -- "$1"', 'sh', directory, as];
  const { exit, stderr } = await runOn(host, { words, as: 'root', limit: 60_000 }, context);
  if (exit === 0) return;
  const last = lastLine(stderr) || `exit code ${exit}`;
  throw new Failure(
    'command-failed',
    `The folder ${directory} on ${hostPlace(host)} could not be made: ${last}`,
  );
}

async function takeBack(
  wanted: With,
  host: Host,
  files: readonly KeptFile[],
  cron: { readonly remember?: unknown } | undefined,
  context: StepContext,
): Promise<readonly Evidence[]> {
  const evidence: Evidence[] = [];
  if (cron) evidence.push(...((await hostCron.undo?.(cronOf(wanted), context, cron.remember)) ?? []));
  for (const file of files.toReversed()) evidence.push(await takeBackFile(host, file, context));
  const left = { asked: 'the dumps', of: hostPlace(host), answered: `left in ${wanted.directory}` };
  return [...evidence, left];
}

function filesOf(wanted: With): readonly FileWish[] {
  const { url, directory, daily, monthly, as } = wanted;
  const { prefix, connection, password } = dumpTarget(url);
  const passwordFile = password === '' ? undefined : `/etc/${nameOf(wanted)}.pgpass`;
  const weeks = Math.ceil((monthly * 365.25) / 12 / 7);
  const content = scheduleScript({ prefix, connection, directory, passwordFile, days: daily, weeks });
  const script = { path: scriptPath(wanted), content, owner: 'root', group: 'root', mode: '0755' };
  if (passwordFile === undefined) return [script];
  // https://www.postgresql.org/docs/current/libpq-pgpass.html
  const line = `*:*:*:*:${password.replace(/[\\:]/g, '\\$&')}\n`;
  const secret = new Secret('password file', line);
  return [{ path: passwordFile, content: secret, owner: as, group: 'root', mode: '0600' }, script];
}

function cronOf(wanted: With): z.output<typeof hostCron.with> {
  const { host, schedule, as } = wanted;
  const name = nameOf(wanted);
  // Without a mail server on the host whatever cron would mail is lost; the journal keeps it.
  const command = `${scriptPath(wanted)} 2>&1 | logger -t ${name}`;
  return hostCron.with.parse({ host, name, schedule, user: as, command, env: { MAILTO: '' } });
}

function backupOf({ host, url, directory, as, maxAge }: With): z.output<typeof postgresBackup.with> {
  const parameters = postgresBackup.with.parse({ host, url, directory, as });
  return { ...parameters, maxAge };
}

function scriptPath(wanted: With): string {
  return `/usr/local/sbin/${nameOf(wanted)}`;
}

function nameOf({ name }: With): string {
  return `slipway-backup-${name}`;
}
