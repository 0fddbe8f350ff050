import pg from 'pg';
import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { reveal } from '../../secret.ts';
import {
  type Check,
  defineStep,
  type Evidence,
  type StepContext,
  satisfied,
  Text,
  unsatisfied,
} from '../step.ts';
import { Identifier, type PostgresConnection, withPostgres } from './postgres-connection.ts';
import { type Grant, grantNames, grantStatement, heldGrants } from './postgres-grants.ts';
import { scramVerifier } from './scram.ts';

const With = z.strictObject({
  server: Text,
  name: Identifier,
  password: Text,
  database: Identifier,
  grants: z.array(z.enum(grantNames)).default([...grantNames]),
});
type With = z.output<typeof With>;

const Remembered = z.object({
  created: z.boolean(),
  passwordChanged: z.boolean(),
  attributes: z.array(z.string()),
  granted: z.array(z.enum(grantNames)),
  revoked: z.array(z.enum(grantNames)),
});
type Remembered = z.output<typeof Remembered>;

/** What an application's role must not be able to do, by column of pg_roles and by the word that takes it away. */
const excess = {
  rolcreatedb: 'createdb',
  rolcreaterole: 'createrole',
  rolreplication: 'replication',
  rolbypassrls: 'bypassrls',
} as const;

interface Found {
  readonly exists: boolean;
  readonly superuser: boolean;
  /** Whole attribute words that `alter role` must set, such as `login` and `nocreatedb`. */
  readonly toSet: readonly string[];
  readonly logsIn: boolean;
  readonly missing: readonly Grant[];
  readonly extra: readonly Grant[];
}

/** A role logs in with its password, has exactly the wanted rights in one database and no power over the server. */
export const postgresRole = defineStep({
  uses: 'postgres/role',
  summary: 'A role logs in with its password and has exactly the wanted rights in one database.',
  with: With,
  timeout: '1m',
  check: async (wanted, context) => {
    try {
      return await inDatabase(wanted, context, (connection) => judge(wanted, context, connection));
    } catch (error) {
      // A dry run looks at the role before the step that creates its database has run.
      if (!(error instanceof Failure && error.code === 'not-found')) throw error;
      return unsatisfied(
        `Database ${wanted.database}, in which ${wanted.name} is to have rights, does not exist.`,
      );
    }
  },
  apply: (wanted, context) =>
    inDatabase(wanted, context, async (connection) => {
      const found = await look(wanted, context, connection);
      if (found.superuser) {
        throw new Failure(
          'command-failed',
          `Role ${wanted.name} at ${connection.where} is a superuser and was left as it is; choose another name, or take that power away by hand.`,
        );
      }
      const evidence = await change(wanted, found, connection);
      const remember: Remembered = {
        created: !found.exists,
        passwordChanged: found.exists && !found.logsIn && !found.toSet.includes('login'),
        attributes: found.exists ? found.toSet.map(opposite) : [],
        granted: [...found.missing],
        revoked: [...found.extra],
      };
      return { evidence, remember };
    }),
  undo: (wanted, context, remembered) =>
    inDatabase(wanted, context, async (connection) =>
      takeBack(wanted, Remembered.parse(remembered), connection),
    ),
});

async function judge(wanted: With, context: StepContext, connection: PostgresConnection): Promise<Check> {
  const wrong = faults(wanted, await look(wanted, context, connection));
  const rights = wanted.grants.join(', ') || 'no rights';
  const evidence = {
    asked: `role ${wanted.name}: login, ${rights} in database ${wanted.database}`,
    of: connection.where,
    answered: wrong.length === 0 ? 'as wanted; a login with the password succeeds' : wrong.join('; '),
  };
  if (wrong.length === 0) return satisfied(evidence);
  return unsatisfied(`Role ${wanted.name} at ${connection.where} ${wrong.join(', ')}.`, evidence);
}

/** Rights on a schema can only be seen and given inside its database. */
function inDatabase<T>(
  { server, database }: With,
  { signal }: StepContext,
  use: (c: PostgresConnection) => Promise<T>,
) {
  return withPostgres(server, signal, use, { database });
}

async function look(wanted: With, context: StepContext, connection: PostgresConnection): Promise<Found> {
  const [role] = await connection.query<Record<string, boolean>>(
    `select rolsuper, rolcanlogin, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls
       from pg_roles where rolname = $1::text`,
    [wanted.name],
  );
  if (!role) {
    return { exists: false, superuser: false, toSet: [], logsIn: false, missing: wanted.grants, extra: [] };
  }
  const held = await heldGrants(connection, wanted.name);
  const tooMuch = Object.entries(excess).filter(([column]) => role[column] === true);
  return {
    exists: true,
    superuser: role.rolsuper === true,
    toSet: [...(role.rolcanlogin ? [] : ['login']), ...tooMuch.map(([, word]) => `no${word}`)],
    logsIn: role.rolcanlogin === true && (await logsIn(wanted, context)),
    missing: wanted.grants.filter((right) => !held.includes(right)),
    extra: held.filter((right) => !wanted.grants.includes(right)),
  };
}

async function logsIn({ server, name, password, database }: With, { signal }: StepContext): Promise<boolean> {
  try {
    return await withPostgres(server, signal, async () => true, { user: name, password, database });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.code === 'authentication-failed') return false;
    // The password is looked at before the right to connect is; that right is reported as a grant.
    if (error.code === 'permission-denied') return true;
    throw error;
  }
}

function faults(wanted: With, found: Found): readonly string[] {
  if (!found.exists) return ['does not exist'];
  const faults: string[] = [];
  if (found.superuser) faults.push('is a superuser');
  for (const word of found.toSet) faults.push(word === 'login' ? 'may not log in' : `has ${word.slice(2)}`);
  if (!found.logsIn && !found.toSet.includes('login')) faults.push('does not log in with the given password');
  const where = `in database ${wanted.database}`;
  if (found.missing.length > 0) faults.push(`lacks ${found.missing.join(', ')} ${where}`);
  if (found.extra.length > 0) faults.push(`has ${found.extra.join(', ')} ${where}, which is not wanted`);
  return faults;
}

async function change(
  wanted: With,
  found: Found,
  connection: PostgresConnection,
): Promise<readonly Evidence[]> {
  const evidence: Evidence[] = [];
  const run = async (sql: string, asked = sql) => {
    await connection.query(sql);
    evidence.push({ asked, of: connection.where, answered: 'done' });
  };
  const role = pg.escapeIdentifier(wanted.name);
  const changes = [...(found.exists ? found.toSet : ['login']), ...(found.logsIn ? [] : ['password'])];
  if (changes.length > 0) {
    const plain = reveal(wanted.password);
    const password = found.logsIn ? '' : pg.escapeLiteral((await scramVerifier(plain)) ?? plain);
    const sql = `${found.exists ? 'alter' : 'create'} role ${role} ${changes.join(' ')}`;
    await run(`${sql}${password === '' ? '' : ` ${password}`}`, password === '' ? sql : `${sql} …`);
  }
  for (const right of found.missing) await run(grantStatement('grant', right, wanted.database, wanted.name));
  for (const right of found.extra) await run(grantStatement('revoke', right, wanted.database, wanted.name));
  return evidence;
}

async function takeBack(
  wanted: With,
  done: Remembered,
  connection: PostgresConnection,
): Promise<readonly Evidence[]> {
  const role = pg.escapeIdentifier(wanted.name);
  const statements = [
    ...done.granted.map((right) => grantStatement('revoke', right, wanted.database, wanted.name)),
    ...done.revoked.map((right) => grantStatement('grant', right, wanted.database, wanted.name)),
    ...(done.attributes.length > 0 ? [`alter role ${role} ${done.attributes.join(' ')}`] : []),
  ];
  const [exists] = await connection.query('select 1 from pg_roles where rolname = $1::text', [wanted.name]);
  for (const sql of exists ? statements : []) await connection.query(sql);
  if (done.created && exists) await drop(role, wanted.name, connection);
  if (done.passwordChanged) {
    throw new Failure(
      'not-undone',
      `Everything else about role ${wanted.name} was taken back, but its former password is not known; set it by hand.`,
    );
  }
  const all = [...statements, ...(done.created ? [`drop role ${role}`] : [])];
  return all.map((asked) => ({
    asked,
    of: connection.where,
    answered: exists ? 'done' : 'the role is gone already',
  }));
}

async function drop(role: string, name: string, connection: PostgresConnection): Promise<void> {
  try {
    await connection.query(`drop role ${role}`);
  } catch (cause) {
    throw new Failure(
      'not-undone',
      `Role ${name} at ${connection.where} was created by this run but could not be dropped; it probably owns something by now. Its grants are revoked.`,
      { cause },
    );
  }
}

function opposite(word: string): string {
  return word.startsWith('no') ? word.slice(2) : `no${word}`;
}
