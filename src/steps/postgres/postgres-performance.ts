import { z } from 'zod';
import { Duration, readable } from '../../duration.ts';
import { Failure } from '../../errors.ts';
import { type Check, defineStep, type StepContext, satisfied, Text, unsatisfied } from '../step.ts';
import { Identifier, type PostgresConnection, withPostgres } from './postgres-connection.ts';
import { requireStatistics } from './postgres-statistics.ts';

const With = z
  .strictObject({
    url: Text.meta({ description: 'the server as seen from Slipway, with its database' }),
    database: Identifier.optional().meta({ description: 'another database of the server to look at' }),
    slowest: Duration.optional().meta({
      description: 'the longest mean time of a statement, as pg_stat_statements has it',
    }),
    minCalls: z.int().min(1).default(10).meta({ description: 'a statement called less often is not judged' }),
    longRunning: Duration.optional().meta({ description: 'no statement runs longer' }),
    idleInTransaction: Duration.optional().meta({
      description: 'no open transaction does nothing for longer',
    }),
    cacheHit: z.number().min(0).max(100).optional().meta({ description: 'per cent at least' }),
    deadTuples: z.number().min(0).max(100).optional().meta({
      description: 'per cent at most of any table with 1000 rows or more',
    }),
  })
  .refine(
    ({ url, database, minCalls, ...budgets }) =>
      Object.values(budgets).some((budget) => budget !== undefined),
    'at least one budget',
  );
type With = z.output<typeof With>;

const Remembered = z.object({ created: z.boolean() });

/** What looking at one budget found: `wrong` is there when it is broken, and goes into a sentence about the database. */
interface Finding {
  readonly found: string;
  readonly wrong?: string;
}

type Statistics = 'ready' | 'not created' | 'not loaded';

/**
 * A database answers quickly: mean times, long statements, idle transactions, cache and dead rows are within their budgets. Apply
 * and undo are about the extension pg_stat_statements only (https://www.postgresql.org/docs/current/pgstatstatements.html).
 */
export const postgresPerformance = defineStep({
  uses: 'postgres/performance',
  summary: 'A database answers within its budgets.',
  with: With,
  timeout: '1m',
  canApply: ({ slowest }) => slowest !== undefined,
  canUndo: ({ slowest }) => slowest !== undefined,
  check: (wanted, { signal }) => inDatabase(wanted, signal, (connection) => judge(wanted, connection)),
  apply: (wanted, { signal }: StepContext) =>
    inDatabase(wanted, signal, async (connection) => {
      if ((await statistics(connection)) === 'not created') {
        const asked = 'create extension if not exists pg_stat_statements';
        await connection.query(asked);
        const evidence = [{ asked, of: connection.where, answered: 'done' }];
        return { evidence, remember: { created: true } };
      }
      const found = await judge(wanted, connection);
      if (found.is === 'unsatisfied') throw new Failure('not-satisfied', found.because);
      return { evidence: [], remember: { created: false } };
    }),
  undo: async (wanted, { signal }, remembered) => {
    if (!Remembered.parse(remembered).created) return [];
    return inDatabase(wanted, signal, async (connection) => {
      const asked = 'drop extension if exists pg_stat_statements';
      await connection.query(asked);
      return [{ asked, of: connection.where, answered: 'done' }];
    });
  },
});

/** Statistics and sessions are those of the database of the connection. */
function inDatabase<T>(
  { url, database }: With,
  signal: AbortSignal,
  use: (connection: PostgresConnection) => Promise<T>,
): Promise<T> {
  return withPostgres(url, signal, use, database === undefined ? {} : { database });
}

async function judge(wanted: With, connection: PostgresConnection): Promise<Check> {
  await requireStatistics(connection);
  const findings: Finding[] = [];
  const { slowest, minCalls, longRunning, idleInTransaction, cacheHit, deadTuples } = wanted;
  if (slowest !== undefined) findings.push(await slow(connection, slowest, minCalls));
  if (longRunning !== undefined) findings.push(await oldest(connection, 'active', longRunning));
  if (idleInTransaction !== undefined)
    findings.push(await oldest(connection, 'idle in transaction', idleInTransaction));
  if (cacheHit !== undefined) findings.push(await cached(connection, cacheHit));
  if (deadTuples !== undefined) findings.push(await dead(connection, deadTuples));
  const evidence = {
    asked: 'pg_stat_statements, pg_stat_activity, pg_stat_database, pg_stat_user_tables',
    of: connection.where,
    answered: findings.map(({ found }) => found).join('; '),
  };
  const wrong = findings.flatMap((finding) => finding.wrong ?? []);
  if (wrong.length === 0) return satisfied(evidence);
  return unsatisfied(`At ${connection.where} ${wrong.join('; ')}.`, evidence);
}

async function statistics(connection: PostgresConnection): Promise<Statistics> {
  const [row] = await connection.query<{ loaded: boolean; created: boolean }>(
    `select exists (select 1 from pg_settings where name = 'pg_stat_statements.max') as "loaded",
            exists (select 1 from pg_extension where extname = 'pg_stat_statements') as "created"`,
  );
  if (!row?.loaded) return 'not loaded';
  return row.created ? 'ready' : 'not created';
}

interface Slow extends Record<string, unknown> {
  readonly mean: number;
  readonly calls: string;
  readonly statement: string;
}

async function slow(connection: PostgresConnection, budget: number, minCalls: number): Promise<Finding> {
  const state = await statistics(connection);
  if (state === 'not loaded') {
    const wrong =
      'pg_stat_statements is not loaded, so mean times are not known; add it to shared_preload_libraries in postgresql.conf and restart the server';
    return { found: wrong, wrong };
  }
  if (state === 'not created') {
    const wrong = 'the extension pg_stat_statements is loaded but not created in this database';
    return { found: wrong, wrong };
  }
  // Only these kinds have their constants taken out; the text of others, such as alter role, may hold secrets.
  const rows = await connection.query<Slow>(
    `select mean_exec_time::float8 as "mean", calls::text as "calls",
            left(regexp_replace(query, '\\s+', ' ', 'g'), 120) as "statement"
       from pg_stat_statements
      where dbid = (select oid from pg_database where datname = current_database())
        and calls >= $1::bigint and query ~* '^\\s*(select|insert|update|delete|merge|with)\\y'
      order by mean_exec_time desc limit 3`,
    [minCalls],
  );
  const told = rows.map(
    ({ mean, calls, statement }) => `${Math.round(mean * 10) / 10} ms (${calls} calls): ${statement}`,
  );
  const found = `slowest mean times: ${told.join(', ') || 'none'}`;
  const over = rows.filter(({ mean }) => mean > budget).length;
  if (over === 0) return { found };
  return {
    found,
    wrong: `the mean time of a statement is over ${budget} ms: ${told.slice(0, over).join(', ')}`,
  };
}

interface Session extends Record<string, unknown> {
  readonly pid: number;
  readonly user: string;
  readonly application: string;
  readonly age: number;
}

async function oldest(
  connection: PostgresConnection,
  state: 'active' | 'idle in transaction',
  budget: number,
): Promise<Finding> {
  const since = state === 'active' ? 'query_start' : 'state_change';
  const rows = await connection.query<Session>(
    `select pid, coalesce(usename, '')::text as "user", application_name as "application",
            (extract(epoch from clock_timestamp() - ${since}) * 1000)::float8 as "age"
       from pg_stat_activity
      where backend_type = 'client backend' and datname = current_database() and pid <> pg_backend_pid()
        and state in ($1::text, $1::text || ' (aborted)') and ${since} is not null
      order by ${since} limit 5`,
    [state],
  );
  const told = rows.map(
    ({ pid, user, application, age }) =>
      `${user}${application && `/${application}`} pid ${pid} ${readable(age)}`,
  );
  const name = state === 'active' ? 'running statements' : 'idle transactions';
  const over = rows.filter(({ age }) => age > budget).length;
  const found = `oldest ${name}: ${told.join(', ') || 'none'}`;
  if (over === 0) return { found };
  return { found, wrong: `${name} are older than ${readable(budget)}: ${told.slice(0, over).join(', ')}` };
}

async function cached(connection: PostgresConnection, budget: number): Promise<Finding> {
  const [row] = await connection.query<{ hit: number; read: number }>(
    `select blks_hit::float8 as "hit", blks_read::float8 as "read"
       from pg_stat_database where datname = current_database()`,
  );
  const [hit, all] = [row?.hit ?? 0, (row?.hit ?? 0) + (row?.read ?? 0)];
  if (all === 0) return { found: 'cache: nothing was read yet' };
  // Rounded down, since almost all is not all.
  const percent = Math.floor((1_000 * hit) / all) / 10;
  const found = `cache hit ${percent} % of ${all} blocks`;
  return percent >= budget ? { found } : { found, wrong: `${found}, wanted are at least ${budget} %` };
}

async function dead(connection: PostgresConnection, budget: number): Promise<Finding> {
  const rows = await connection.query<{ table: string; percent: number }>(
    `select relid::regclass::text as "table",
            round(100.0 * n_dead_tup / (n_live_tup + n_dead_tup), 1)::float8 as "percent"
       from pg_stat_user_tables where n_live_tup + n_dead_tup >= 1000
      order by 2 desc limit 5`,
  );
  const told = rows.map(({ table, percent }) => `${table} ${percent} %`);
  const over = rows.filter(({ percent }) => percent > budget).length;
  const found = `dead rows: ${told.join(', ') || 'no table of 1000 rows'}`;
  if (over === 0) return { found };
  return { found, wrong: `dead rows are more than ${budget} % of ${told.slice(0, over).join(', ')}; vacuum` };
}
