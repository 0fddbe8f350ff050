import { z } from 'zod';
import { Duration, readable } from '../../duration.ts';
import { Failure, type ReasonCode } from '../../errors.ts';
import { AbsolutePath, Account } from '../host/file-parameters.ts';
import { hostNamed, hostPlace } from '../ssh/ssh-connection.ts';
import { type RemoteResult, runOn } from '../ssh/ssh-run.ts';
import { type Check, defineStep, HostName, type StepContext, satisfied, Text, unsatisfied } from '../step.ts';
import { dumpPrefix, dumpTarget, lastWords, passwordEnv } from './dump-scripts.ts';
import { addressOf, Identifier } from './postgres-connection.ts';
import { lookingForProof, proving, restoreExits } from './restore-scripts.ts';

const With = z
  .strictObject({
    host: HostName,
    directory: AbsolutePath.meta({
      description: 'where postgres/backup or postgres/backup-schedule puts dumps',
    }),
    database: Identifier.meta({ description: 'the database whose dumps they are' }),
    server: Text.meta({
      description:
        'the address of a database, seen from the host, on the server where the scratch database is made; its account may create databases',
    }),
    scratch: Identifier.optional().meta({
      description: 'the name of the scratch database; else that of the database with _restore_check',
    }),
    as: Account.optional().meta({ description: "the account that may read the dumps; else the login's" }),
    maxAge: Duration.prefault('7d').meta({ description: 'the age above which a proof is made anew' }),
    tables: z.array(z.string().min(1)).default([]).meta({
      description: 'tables that must have rows, as table (in schema public) or schema.table',
    }),
    limit: Duration.prefault('2h'),
  })
  .refine((wanted) => Identifier.safeParse(scratchOf(wanted)).success, {
    path: ['scratch'],
    message: 'a name of the scratch database, since that of the database is too long to be extended',
  })
  .refine(({ database, scratch }) => scratch !== database, {
    path: ['scratch'],
    message: 'another name than that of the database itself',
  });
type With = z.output<typeof With>;

/**
 * The newest dump on a host has been restored into a scratch database and had the same rows in every table as when it was taken;
 * the proof lies beside the dump and holds as long as the dump is the newest, unchanged, and the proof younger than `maxAge`.
 */
export const postgresRestore = defineStep({
  uses: 'postgres/restore',
  summary: 'The newest dump of a database was restored into a scratch database, with the same rows.',
  with: With,
  timeout: '2h',
  check: look,
  apply: async (wanted, context) => {
    const before = await look(wanted, context);
    if (before.is === 'satisfied') return { evidence: before.evidence };
    const { directory, database, server, tables } = wanted;
    const { connection, password } = dumpTarget(server);
    const scratch = scratchOf(wanted);
    const target = dumpTarget(addressOf(server, { database: scratch })).connection;
    const seconds = String(Math.ceil(wanted.limit / 2_000));
    const words = [
      directory,
      dumpPrefix(database),
      connection,
      scratch,
      target,
      seconds,
      database,
      ...tables,
    ];
    const { result, where } = await ran(wanted, ['sh', '-c', proving, 'sh', ...words], context, password);
    if (result.exit !== 0) throw failure(wanted, result, where);
    const [name = '', tablesFound = '', rows = ''] = result.stdout.trim().split(' ');
    const asked = `restore of ${name} into ${scratch}, rows of every table compared, ${scratch} dropped`;
    const answered = `${tablesFound} tables with ${rows} rows in all, as when the dump was taken`;
    return { evidence: [{ asked, of: where, answered }] };
  },
});

async function look(wanted: With, context: StepContext): Promise<Check> {
  const { directory, database, tables, maxAge } = wanted;
  const words = ['sh', '-c', lookingForProof, 'sh', directory, dumpPrefix(database), ...tables];
  const { result, where } = await ran(wanted, words, context, '');
  if (result.exit !== 0) throw failure(wanted, result, where);
  const [state = '', name = '', ...rest] = result.stdout.trim().split(' ');
  const age = Number(rest[0]) * 1_000;
  const asked = `newest dump of ${database} in ${directory}: was it restored, is it unchanged since`;
  const proved = `${name} was restored ${readable(age)} ago, ${rest[1]} tables with ${rest[2]} rows in all`;
  const evidence = { asked, of: where, answered: state === 'proved' ? proved : `${state} ${name}`.trim() };
  const wrong: Readonly<Record<string, string>> = {
    none: `There is no dump of ${database} in ${directory} on ${where}.`,
    unproved: `The newest dump ${name} on ${where} was never restored to see whether it can be.`,
    changed: `The newest dump ${name} on ${where} is not the one that was restored.`,
    empty: `The newest dump ${name} on ${where} has no rows of ${rest.join(', ')}.`,
  };
  if (state !== 'proved') return unsatisfied(wrong[state] ?? `${where} told ${state}.`, evidence);
  if (age > maxAge) {
    const because = `The newest dump ${name} on ${where} was last restored ${readable(age)} ago, wanted is at most ${readable(maxAge)}.`;
    return unsatisfied(because, evidence);
  }
  return satisfied(evidence);
}

function failure(wanted: With, { exit, stdout, stderr }: RemoteResult, where: string): Failure {
  const { directory, database } = wanted;
  const scratch = scratchOf(wanted);
  const lines = stdout.trim().split('\n').slice(0, 20).join('; ');
  const said = lastWords(stderr, wanted.server) || `exit code ${exit}`;
  const gone = `; the scratch database ${scratch} was dropped`;
  const dump = `The newest dump of ${database} in ${directory} on ${where}`;
  const told: Readonly<Record<number, readonly [ReasonCode, string]>> = {
    [restoreExits.none]: [
      'not-found',
      `There is no dump of ${database} in ${directory} on ${where}; take one first (postgres/backup).`,
    ],
    [restoreExits.busy]: [
      'timed-out',
      `Another restore of dumps in ${directory} on ${where} did not end in time; look what runs there.`,
    ],
    [restoreExits.damaged]: [
      'command-failed',
      `${dump} does not match its checksum; take a new one (postgres/backup).`,
    ],
    [restoreExits.uncounted]: [
      'command-failed',
      `${dump} was taken without row counts, so nothing could be compared; take a new one (postgres/backup).`,
    ],
    [restoreExits.foreign]: [
      'command-failed',
      `There is a database ${scratch} that is not Slipway's, and it was left alone; give another name as scratch, or drop it by hand.`,
    ],
    [restoreExits.notDropped]: [
      'command-failed',
      `The scratch database ${scratch} could not be dropped; drop it by hand. ${said}`,
    ],
    [restoreExits.notRestored]: ['command-failed', `${dump} cannot be restored${gone}: ${said}`],
    [restoreExits.different]: [
      'not-satisfied',
      `${dump} has other rows after restoring than when it was taken${gone} (table: dumped, restored): ${lines}`,
    ],
    [restoreExits.empty]: ['not-satisfied', `${dump} has no rows of ${lines}.`],
  };
  const [code, sentence] = told[exit] ?? [
    'command-failed',
    `${dump} could not be proved on ${where}: ${said}`,
  ];
  return new Failure(code, sentence);
}

function scratchOf({ scratch, database }: { scratch?: string | undefined; database: string }): string {
  return scratch ?? `${database}_restore_check`;
}

async function ran(wanted: With, words: readonly string[], context: StepContext, password: string) {
  const host = hostNamed(wanted.host, context);
  const { limit, as } = wanted;
  const command = { words, env: passwordEnv(password), limit, ...(as !== undefined && { as }) };
  return { result: await runOn(host, command, context), where: hostPlace(host) };
}
