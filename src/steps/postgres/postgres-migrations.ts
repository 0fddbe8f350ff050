import { z } from 'zod';
import { Duration } from '../../duration.ts';
import { Failure } from '../../errors.ts';
import { AbsolutePath, Account } from '../host/file-parameters.ts';
import { hostNamed, hostPlace } from '../ssh/ssh-connection.ts';
import { type RemoteResult, runOn } from '../ssh/ssh-run.ts';
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
import { lookingAtMigrations, migrationExits, runningFlask, runningPython } from './migration-scripts.ts';
import { databaseEnv, EnvName, OneLine, pythonError, veiled } from './program-env.ts';

const With = z.strictObject({
  host: HostName,
  directory: AbsolutePath.meta({ description: 'the checkout, with the folder of the migrations in it' }),
  python: AbsolutePath.optional().meta({
    description: 'the Python that has Flask; else venv/bin/python in the checkout',
  }),
  app: z.string().min(1).optional().meta({ description: 'FLASK_APP, such as backend.app:create_app' }),
  as: Account.optional().meta({ description: "the account under which it runs; else the login's" }),
  url: Text.meta({
    description: 'the database as seen from the host; goes in as SQLALCHEMY_DATABASE_URI and DATABASE_URL',
  }),
  env: z
    .record(EnvName, OneLine)
    .default({})
    .meta({ description: 'what else the application needs to start' }),
  reversible: z.boolean().default(false).meta({
    description:
      'whether undo may run flask db downgrade, which drops what the migrations made, with the data in it',
  }),
  limit: Duration.prefault('15m'),
});
type With = z.output<typeof With>;

const Revisions = z.array(z.string());

const Found = z.object({
  current: Revisions,
  heads: Revisions,
  /** What is still to be applied, oldest first. */
  pending: Revisions,
  /** Where the database is without the checkout knowing such a revision. */
  unknown: Revisions,
  differences: z.array(z.string()),
});
type Found = z.output<typeof Found>;

const Told = z.union([Found, z.object({ failed: z.string() })]);

const Remembered = z.object({ before: Revisions, after: Revisions });

/** What looking found: `because` is there when something is wrong, and only `mendable` things are mended by an upgrade. */
interface Look {
  readonly because?: string;
  readonly mendable: boolean;
  readonly evidence: Evidence;
  readonly revisions: readonly string[];
  readonly heads: readonly string[];
}

/**
 * A database is at the head of its application's migrations, and the models say nothing that the migrations do not. Apply runs
 * `flask db upgrade` and nothing else; PostgreSQL takes all of it or nothing.
 */
export const postgresMigrations = defineStep({
  uses: 'postgres/migrations',
  summary:
    "A database is at the head of its application's migrations, and the models have nothing beyond them.",
  with: With,
  timeout: '15m',
  canUndo: ({ reversible }) => reversible,
  check: async (wanted, context): Promise<Check> => {
    const { because, evidence } = await look(wanted, context);
    return because === undefined ? satisfied(evidence) : unsatisfied(because, evidence);
  },
  apply: async (wanted, context) => {
    const before = await look(wanted, context);
    if (before.because === undefined) return { evidence: [before.evidence] };
    if (!before.mendable) throw new Failure('not-satisfied', before.because);
    const evidence = await flask(wanted, ['db', 'upgrade'], context);
    const remember: z.output<typeof Remembered> = { before: [...before.revisions], after: [...before.heads] };
    return { evidence: [before.evidence, evidence], remember };
  },
  undo: async (wanted, context, remembered) => {
    if (remembered === undefined) {
      throw new Failure(
        'not-undone',
        `It was not recorded from where this run migrated the database of ${wanted.directory} on ${wanted.host}; look with flask db current and go back by hand.`,
      );
    }
    const { before, after } = Remembered.parse(remembered);
    const { revisions } = await look(wanted, context);
    const place = `the database of ${wanted.directory} on ${wanted.host}`;
    if (revisions.join() === before.join()) return [];
    if (!wanted.reversible || before.length > 1 || revisions.join() !== after.join()) {
      const now = `is at ${revisions.join(', ') || 'no revision'}, this run had brought it to ${after.join(', ')}`;
      throw new Failure(
        'not-undone',
        `The migrations were left: ${place} ${now}; going back to ${before.join(', ') || 'no revision'} is for a person to decide, because it drops data.`,
      );
    }
    return [await flask(wanted, ['db', 'downgrade', before[0] ?? 'base'], context)];
  },
});

async function look(wanted: With, context: StepContext): Promise<Look> {
  const python = pythonOf(wanted);
  const words = ['sh', '-c', runningPython, 'sh', wanted.directory, python, lookingAtMigrations];
  const { result, where } = await ran(wanted, words, context);
  const asked = `${wanted.directory}: revision of the database, heads of the migrations, what the models have beyond them`;
  const missing = absent(wanted, result.exit, where);
  if (missing) {
    return {
      because: missing,
      mendable: false,
      evidence: { asked, of: where, answered: missing },
      revisions: [],
      heads: [],
    };
  }
  const told = parsed(result);
  if (told === undefined || 'failed' in told) {
    const said = veiled(told?.failed ?? pythonError(result.stderr), wanted).slice(0, 500);
    throw new Failure(
      'command-failed',
      `The migrations of ${wanted.directory} on ${where} could not be looked at, because the application does not start or does not reach its database: ${said}`,
    );
  }
  const fault = judge(told);
  const { current, heads, pending, differences } = told;
  const answered = [
    `at ${listed(current)}, heads ${listed(heads)}, pending ${listed(pending)}`,
    ...differences.map((difference) => `only in the models: ${difference}`),
  ].join('\n');
  const evidence = { asked, of: where, answered };
  if (fault === undefined) return { mendable: false, evidence, revisions: current, heads };
  const because = `The database of ${wanted.directory} on ${where} ${fault.says}.`;
  return { because, mendable: fault.mendable, evidence, revisions: current, heads };
}

function judge({ current, heads, pending, unknown, differences }: Found) {
  if (heads.length !== 1) {
    const says = `cannot be brought to one state: the migrations have ${heads.length} heads (${listed(heads)}); merge them with flask db merge and deploy that`;
    return { says, mendable: false };
  }
  if (unknown.length > 0) {
    const says = `is at ${listed(unknown)}, which this checkout does not know; it is older than the database, or of another application`;
    return { says, mendable: false };
  }
  if (pending.length > 0) {
    return {
      says: `is at ${listed(current)}, wanted is ${listed(heads)}; pending: ${listed(pending)}`,
      mendable: true,
    };
  }
  if (differences.length > 0) {
    const says = `is at ${listed(heads)}, but the models differ from it, which no migration here mends (write one with flask db migrate and deploy that): ${differences.slice(0, 10).join('; ')}${differences.length > 10 ? `; and ${differences.length - 10} more` : ''}`;
    return { says, mendable: false };
  }
  return undefined;
}

async function flask(wanted: With, arguments_: readonly string[], context: StepContext): Promise<Evidence> {
  const seconds = String(Math.ceil(wanted.limit / 2_000));
  const python = pythonOf(wanted);
  const words = ['sh', '-c', runningFlask, 'sh', wanted.directory, python, seconds, ...arguments_];
  const { result, where } = await ran(wanted, words, context, 'streamed');
  const asked = `flask ${arguments_.join(' ')} in ${wanted.directory}`;
  const missing = absent(wanted, result.exit, where);
  if (missing) throw new Failure('not-found', missing);
  if (result.exit === migrationExits.busy) {
    throw new Failure(
      'timed-out',
      `Another flask still runs in ${wanted.directory} on ${where}; look at what it does.`,
    );
  }
  const output = veiled(`${result.stdout}${result.stderr}`, wanted);
  if (result.exit !== 0) {
    throw new Failure(
      'command-failed',
      `${asked} on ${where} ended with exit code ${result.exit}, and PostgreSQL took nothing of it: ${pythonError(output)}`,
    );
  }
  return { asked, of: where, answered: output.slice(-8_000) };
}

/** What is not there yet: in a dry run the checkout comes with an earlier step. */
function absent(wanted: With, exit: number, where: string): string | undefined {
  const { directory } = wanted;
  if (exit === migrationExits.noDirectory)
    return `There is no folder ${directory} on ${where} that its account may enter.`;
  if (exit === migrationExits.noPython) return `There is no program ${pythonOf(wanted)} on ${where}.`;
  return undefined;
}

function pythonOf({ python, directory }: With): string {
  return python ?? `${directory}/venv/bin/python`;
}

async function ran(wanted: With, words: readonly string[], context: StepContext, streamed?: 'streamed') {
  const host = hostNamed(wanted.host, context);
  const { app, as, url, limit } = wanted;
  const env = {
    // The checkout stays as git left it.
    PYTHONDONTWRITEBYTECODE: '1',
    ...databaseEnv(url),
    ...(app !== undefined && { FLASK_APP: app }),
    ...wanted.env,
  };
  const command = { words, env, limit, streamed: streamed !== undefined, ...(as !== undefined && { as }) };
  return { result: await runOn(host, command, context), where: hostPlace(host) };
}

function parsed({ stdout }: RemoteResult): z.output<typeof Told> | undefined {
  try {
    return Told.parse(JSON.parse(stdout));
  } catch {
    return undefined;
  }
}

function listed(revisions: readonly string[]): string {
  return revisions.join(', ') || 'none';
}
