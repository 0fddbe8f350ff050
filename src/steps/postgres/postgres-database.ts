import pg from 'pg';
import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { defineStep, satisfied, Text, unsatisfied } from '../step.ts';
import { Identifier, type PostgresConnection, withPostgres } from './postgres-connection.ts';

const With = z.strictObject({ server: Text, name: Identifier, owner: Identifier.optional() });

const Remembered = z.object({ created: z.boolean(), ownerBefore: z.string().optional() });

interface Database extends Record<string, unknown> {
  readonly owner: string;
  readonly encoding: string;
}

/** A database exists and belongs to its owner; undo drops it only if this run created it and no tables are in it yet. */
export const postgresDatabase = defineStep({
  uses: 'postgres/database',
  summary: 'A database exists and belongs to its owner.',
  with: With,
  timeout: '1m',
  check: ({ server, name, owner }, { signal }) =>
    withPostgres(server, signal, async (connection) => {
      const database = await find(connection, name);
      const answered = database ? `owner ${database.owner}, encoding ${database.encoding}` : 'none';
      const evidence = { asked: `database ${name}`, of: connection.where, answered };
      if (!database) return unsatisfied(`There is no database ${name} at ${connection.where}.`, evidence);
      if (owner !== undefined && database.owner !== owner) {
        const because = `Database ${name} at ${connection.where} belongs to ${database.owner}, wanted is ${owner}.`;
        return unsatisfied(because, evidence);
      }
      return satisfied(evidence);
    }),
  apply: ({ server, name, owner }, { signal }) =>
    withPostgres(server, signal, async (connection) => {
      const before = await find(connection, name);
      const asked: string[] = [];
      if (!before) {
        asked.push(`create database ${quoted(name)}${owner === undefined ? '' : ` owner ${quoted(owner)}`}`);
      } else if (owner !== undefined && before.owner !== owner) {
        asked.push(`alter database ${quoted(name)} owner to ${quoted(owner)}`);
      }
      for (const sql of asked) await connection.query(sql);
      const ownerBefore = before && asked.length > 0 ? before.owner : undefined;
      return {
        evidence: asked.map((sql) => ({ asked: sql, of: connection.where, answered: 'done' })),
        remember: { created: !before, ...(ownerBefore === undefined ? {} : { ownerBefore }) },
      };
    }),
  undo: async ({ server, name }, { signal }, remembered) => {
    const { created, ownerBefore } = Remembered.parse(remembered);
    if (created && !(await isEmpty(server, name, signal))) {
      throw new Failure(
        'not-undone',
        `Database ${name} was created by this run but holds tables by now, so it was left; drop it by hand if its data may go.`,
      );
    }
    const undoing = created
      ? `drop database if exists ${quoted(name)}`
      : ownerBefore && `alter database ${quoted(name)} owner to ${quoted(ownerBefore)}`;
    if (!undoing) return [];
    return withPostgres(server, signal, async (connection) => {
      await connection.query(undoing);
      return [{ asked: undoing, of: connection.where, answered: 'done' }];
    });
  },
});

async function find(connection: PostgresConnection, name: string): Promise<Database | undefined> {
  const [database] = await connection.query<Database>(
    `select pg_get_userbyid(datdba)::text as "owner", pg_encoding_to_char(encoding)::text as "encoding"
       from pg_database where datname = $1::text`,
    [name],
  );
  return database;
}

async function isEmpty(server: z.output<typeof Text>, name: string, signal: AbortSignal): Promise<boolean> {
  const exists = await withPostgres(server, signal, (connection) => find(connection, name));
  if (!exists) return true;
  const count = async (connection: PostgresConnection) => {
    const [row] = await connection.query<{ relations: number }>(
      `select count(*)::int as "relations" from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname <> 'information_schema' and n.nspname !~ '^pg_' and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')`,
    );
    return row?.relations === 0;
  };
  return withPostgres(server, signal, count, { database: name });
}

function quoted(name: string): string {
  return pg.escapeIdentifier(name);
}
