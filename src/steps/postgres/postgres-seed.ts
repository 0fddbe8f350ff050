import { z } from 'zod';
import { Duration } from '../../duration.ts';
import { Failure } from '../../errors.ts';
import { AbsolutePath, Account } from '../host/file-parameters.ts';
import { hostNamed, hostPlace } from '../ssh/ssh-connection.ts';
import { runOn } from '../ssh/ssh-run.ts';
import {
  type Check,
  defineStep,
  type Evidence,
  HostName,
  type StepContext,
  satisfied,
  Text,
  unsatisfied,
} from '../step.ts';
import { type PostgresConnection, withPostgres } from './postgres-connection.ts';
import { databaseEnv, EnvName, OneLine, pythonError, veiled } from './program-env.ts';

const Rows = z
  .strictObject({
    min: z.int().min(0).optional(),
    max: z.int().min(0).optional(),
    equals: z.int().min(0).optional(),
  })
  .refine((rows) => Object.keys(rows).length > 0, 'at least one of min, max, equals')
  .refine(({ min = 0, max = Number.POSITIVE_INFINITY }) => min <= max, 'min is at most max');

const With = z.strictObject({
  host: HostName,
  url: Text.meta({ description: 'the database as seen from Slipway, where the rows are counted' }),
  hostUrl: Text.optional().meta({
    description:
      'the database as seen from the host, else the same; goes in as SQLALCHEMY_DATABASE_URI and DATABASE_URL',
  }),
  directory: AbsolutePath.meta({ description: 'where the program starts' }),
  program: z.array(z.string()).min(1).meta({
    description: 'its words; a run that was cut off is repeated, so it must bear to be started again',
  }),
  as: Account.optional().meta({ description: "the account under which it runs; else the login's" }),
  env: z.record(EnvName, OneLine).default({}),
  tables: z
    .record(z.string().min(1), Rows)
    .refine((tables) => Object.keys(tables).length > 0, 'at least one table')
    .meta({ description: 'rows by table, such as `subscription_plans: { min: 3, max: 4 }`' }),
  limit: Duration.prefault('15m'),
});
type With = z.output<typeof With>;

const exits = { noDirectory: 44, busy: 45 };

/**
 * One at a time: a run whose connection was lost may still be at it. Words: folder, seconds to wait, the program's words.
 * Its own exit codes are kept out of those above.
 */
const running = `cd -- "$1" 2>/dev/null || exit ${exits.noDirectory}
exec 9<.
flock -w "$2" 9 || exit ${exits.busy}
shift 2
"$@" || { code=$?; [ "$code" -lt 40 ] || [ "$code" -gt 60 ] || code=1; exit "$code"; }`;

/** What is wrong with a table, and whether more rows would mend it. */
interface Fault {
  readonly is: 'absent' | 'too few' | 'too many';
  readonly says: string;
}

interface Look {
  readonly where: string;
  readonly faults: readonly Fault[];
  readonly evidence: Evidence;
}

/** Tables have their first rows, put there by a program of the application on its host. There is no undo: rows may be in use by then. */
export const postgresSeed = defineStep({
  uses: 'postgres/seed',
  summary: 'Tables have their first rows.',
  with: With,
  timeout: '15m',
  check: async (wanted, context): Promise<Check> => {
    try {
      const { where, faults, evidence } = await look(wanted, context);
      return faults.length === 0 ? satisfied(evidence) : unsatisfied(sentence(where, faults), evidence);
    } catch (error) {
      // A dry run looks at the rows before the step that creates their database has run.
      if (!(error instanceof Failure && error.code === 'not-found')) throw error;
      return unsatisfied(error.message);
    }
  },
  apply: async (wanted, context) => {
    const { where, faults, evidence } = await look(wanted, context);
    if (faults.length === 0) return { evidence: [evidence] };
    const absent = faults.filter((fault) => fault.is === 'absent');
    if (absent.length > 0) {
      throw new Failure('not-found', `${sentence(where, absent)} Run the migrations first.`);
    }
    const tooMany = faults.filter((fault) => fault.is === 'too many');
    if (tooMany.length > 0) {
      throw new Failure(
        'not-satisfied',
        `${sentence(where, tooMany)} Seeding cannot mend that, so nothing was started; look at the rows and remove by hand what is wrong.`,
      );
    }
    return { evidence: [evidence, await seed(wanted, context)] };
  },
});

function look({ url, tables }: With, { signal }: StepContext): Promise<Look> {
  return withPostgres(url, signal, async (connection) => {
    await connection.query('begin transaction isolation level repeatable read read only');
    const counted: string[] = [];
    const faults: Fault[] = [];
    for (const [table, wanted] of Object.entries(tables)) {
      const count = await countOf(connection, table);
      counted.push(`${table} ${count ?? 'does not exist'}`);
      const fault = judge(table, count, wanted);
      if (fault) faults.push(fault);
    }
    await connection.query('rollback');
    const evidence = { asked: 'rows of each table', of: connection.where, answered: counted.join(', ') };
    return { where: connection.where, faults, evidence };
  });
}

async function countOf(connection: PostgresConnection, table: string): Promise<number | undefined> {
  // What comes back is quoted by the server itself.
  const [found] = await connection.query<{ name: string | null }>(
    'select to_regclass($1::text)::text as "name"',
    [table],
  );
  if (!found?.name) return undefined;
  const [row] = await connection.query<{ rows: string }>(
    `select count(*)::text as "rows" from ${found.name}`,
  );
  return Number(row?.rows);
}

function judge(table: string, count: number | undefined, wanted: z.output<typeof Rows>): Fault | undefined {
  const min = wanted.equals ?? wanted.min ?? 0;
  const max = wanted.equals ?? wanted.max ?? Number.POSITIVE_INFINITY;
  if (count === undefined) return { is: 'absent', says: `${table} does not exist` };
  const range =
    min === max ? `${min}` : max === Number.POSITIVE_INFINITY ? `at least ${min}` : `${min} to ${max}`;
  if (count < min) return { is: 'too few', says: `${table} has ${count} rows, wanted are ${range}` };
  if (count > max) return { is: 'too many', says: `${table} has ${count} rows, wanted are ${range}` };
  return undefined;
}

function sentence(where: string, faults: readonly Fault[]): string {
  return `At ${where} ${faults.map(({ says }) => says).join('; ')}.`;
}

async function seed(wanted: With, context: StepContext): Promise<Evidence> {
  const { directory, program, as, url, hostUrl = url, limit } = wanted;
  const host = hostNamed(wanted.host, context);
  const of = hostPlace(host);
  const seconds = String(Math.ceil(limit / 2_000));
  const words = ['sh', '-c', running, 'sh', directory, seconds, ...program];
  const env = { ...databaseEnv(hostUrl), ...wanted.env };
  const command = { words, env, limit, streamed: true, ...(as !== undefined && { as }) };
  const { exit, stdout, stderr } = await runOn(host, command, context);
  const asked = `${program.join(' ')} in ${directory}`;
  if (exit === exits.noDirectory) {
    throw new Failure('not-found', `There is no folder ${directory} on ${of} that its account may enter.`);
  }
  if (exit === exits.busy) {
    throw new Failure(
      'timed-out',
      `Another program still seeds from ${directory} on ${of}; look at what it does.`,
    );
  }
  const output = veiled(veiled(`${stdout}${stderr}`, wanted), { url: hostUrl });
  if (exit !== 0) {
    throw new Failure(
      'command-failed',
      `${asked} on ${of} ended with exit code ${exit}: ${pythonError(output)}`,
    );
  }
  return { asked, of, answered: output.slice(-8_000) || 'it ended well and said nothing' };
}
