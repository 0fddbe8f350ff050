import { z } from 'zod';
import { defineStep, satisfied, Text, unsatisfied } from '../step.ts';
import { type PostgresConnection, withPostgres } from './postgres-connection.ts';

const MinimumVersion = z.string().regex(/^>=\d+(\.\d+)?$/, 'a minimum version such as >=14');

const facts = `select current_setting('server_version') as "version",
       current_setting('server_version_num')::int as "number",
       current_setting('max_connections')::int as "limit",
       (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as "used",
       pg_is_in_recovery() as "standby"`;

interface Facts {
  readonly version: string;
  readonly number: number;
  readonly limit: number;
  readonly used: number;
  readonly standby: boolean;
}

/** A PostgreSQL server answers, is new enough, is no standby and has connections to spare. */
export const postgresServer = defineStep({
  uses: 'postgres/server',
  summary: 'A PostgreSQL server answers, is new enough and has connections to spare.',
  with: z.strictObject({
    url: Text,
    version: MinimumVersion.optional(),
    maxConnectionsUsed: z.number().min(1).max(100).optional().meta({ description: 'per cent' }),
  }),
  timeout: '30s',
  check: ({ url, version, maxConnectionsUsed }, { signal }) =>
    withPostgres(url, signal, async (connection) => {
      const [found] = await connection.query<Facts & Record<string, unknown>>(facts);
      if (!found) return unsatisfied(`PostgreSQL at ${connection.where} told nothing about itself.`);
      const evidence = {
        asked: 'version, connections, recovery',
        of: connection.where,
        answered: `PostgreSQL ${found.version}, ${found.used} of ${found.limit} connections used, ${found.standby ? 'a standby' : 'primary'}`,
      };
      const used = Math.round((100 * found.used) / found.limit);
      if (version && found.number < numberOf(version)) {
        return unsatisfied(
          `${connection.where} runs PostgreSQL ${found.version}, wanted is ${version}.`,
          evidence,
        );
      }
      if (found.standby) {
        return unsatisfied(`${connection.where} is a standby, wanted is the primary.`, evidence);
      }
      if (maxConnectionsUsed !== undefined && used > maxConnectionsUsed) {
        return unsatisfied(
          `${connection.where} uses ${used} % of its connections, wanted are at most ${maxConnectionsUsed} %.`,
          evidence,
        );
      }
      return satisfied(evidence);
    }),
});

/** `>=14.5` as PostgreSQL numbers its releases since version 10: 140005. */
function numberOf(version: string): number {
  const [major, minor] = version.slice(2).split('.').map(Number);
  return (major ?? 0) * 10_000 + (minor ?? 0);
}

const Scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const Expectation = z
  .strictObject({
    equals: Scalar.optional(),
    min: z.number().optional(),
    max: z.number().optional(),
    rows: z.int().min(0).optional(),
  })
  .refine((expected) => Object.keys(expected).length > 0, 'at least one of equals, min, max, rows');

/** A read-only question to a database is answered as expected; compares the first column of the first row, or the number of rows. */
export const postgresQuery = defineStep({
  uses: 'postgres/query',
  summary: 'A read-only question to a database is answered as expected.',
  with: z.strictObject({ url: Text, sql: z.string().min(1), expect: Expectation }),
  timeout: '30s',
  check: ({ url, sql, expect }, { signal }) =>
    withPostgres(url, signal, async (connection) => {
      const rows = await readOnly(connection, sql);
      const first: unknown = Object.values(rows[0] ?? {})[0];
      const evidence = {
        asked: sql,
        of: connection.where,
        answered: `${rows.length} rows, the first begins with ${shown(first)}`,
      };
      const because = mismatch(expect, first, rows.length);
      return because === undefined
        ? satisfied(evidence)
        : unsatisfied(`The query on ${connection.where} ${because}.`, evidence);
    }),
});

async function readOnly(
  connection: PostgresConnection,
  sql: string,
): Promise<readonly Record<string, unknown>[]> {
  await connection.query('begin transaction read only');
  // The server would go on with a statement whose client has gone; it must end by itself.
  await connection.query("set local statement_timeout = '25s'");
  const rows = await connection.query<Record<string, unknown>>(sql);
  await connection.query('rollback');
  return rows;
}

function mismatch(expected: z.output<typeof Expectation>, value: unknown, rows: number): string | undefined {
  const { equals, min, max } = expected;
  if (expected.rows !== undefined && rows !== expected.rows)
    return `gave ${rows} rows, wanted are ${expected.rows}`;
  if (equals !== undefined && !same(value, equals)) return `gave ${shown(value)}, wanted is ${shown(equals)}`;
  if (min === undefined && max === undefined) return undefined;
  const amount = value === null || value === undefined || value === '' ? Number.NaN : Number(value);
  if (Number.isNaN(amount)) return `gave ${shown(value)}, wanted is a number`;
  if (min !== undefined && amount < min) return `gave ${amount}, wanted is at least ${min}`;
  if (max !== undefined && amount > max) return `gave ${amount}, wanted is at most ${max}`;
  return undefined;
}

/** PostgreSQL's bigint and numeric arrive as text, so a wanted number is also met by its digits. */
function same(value: unknown, wanted: z.output<typeof Scalar>): boolean {
  if (value instanceof Date) return value.toISOString() === wanted;
  if (typeof wanted === 'number' && typeof value === 'string')
    return value !== '' && Number(value) === wanted;
  return (value ?? null) === wanted;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value ?? null);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
