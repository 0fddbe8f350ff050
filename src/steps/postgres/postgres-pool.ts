import { z } from 'zod';
import { type Check, defineStep, satisfied, Text, unsatisfied } from '../step.ts';
import { Identifier, type PostgresConnection, withPostgres } from './postgres-connection.ts';
import { requireStatistics } from './postgres-statistics.ts';

const With = z
  .strictObject({
    url: Text.meta({ description: 'the database as seen from Slipway' }),
    user: Identifier.optional().meta({ description: "the application's role" }),
    application: z.string().min(1).optional().meta({ description: "the application's `application_name`" }),
    size: z.int().min(1).meta({ description: 'connections in the pool of one process, with its overflow' }),
    processes: z
      .int()
      .min(1)
      .default(1)
      .meta({ description: 'such as the workers of gunicorn on all hosts' }),
    maxUsedPercent: z.number().min(1).max(100).default(80).meta({
      description: 'of the pools, by connections that are in a transaction or run a statement',
    }),
  })
  .refine(
    ({ user, application }) => user !== undefined || application !== undefined,
    'user or application, or both',
  );
type With = z.output<typeof With>;

interface Found extends Record<string, unknown> {
  readonly open: number;
  readonly busy: number;
  readonly others: number;
  readonly limit: number;
}

/**
 * The pools of an application have connections to spare, and the server has room for all of them at once: within the role's limit,
 * and within max_connections without those kept for superusers.
 */
export const postgresPool = defineStep({
  uses: 'postgres/pool',
  summary: 'The connection pools of an application have room, and the server has room for them.',
  with: With,
  timeout: '30s',
  check: (wanted, { signal }) => withPostgres(wanted.url, signal, (connection) => judge(wanted, connection)),
});

async function judge(wanted: With, connection: PostgresConnection): Promise<Check> {
  await requireStatistics(connection);
  const { user, application, maxUsedPercent, size, processes } = wanted;
  const [found] = await connection.query<Found>(
    `with clients as (
       select state, (usename = $1::text or $1::text is null)
                 and (application_name = $2::text or $2::text is null) as own
         from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid())
     select (select count(*)::int from clients where own) as "open",
            (select count(*)::int from clients where own and state <> 'idle') as "busy",
            (select count(*)::int from clients where not own) as "others",
            current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
              - coalesce(current_setting('reserved_connections', true)::int, 0) as "limit"`,
    [user ?? null, application ?? null],
  );
  const [role] = await connection.query<{ limit: number; superuser: boolean }>(
    'select rolconnlimit as "limit", rolsuper as "superuser" from pg_roles where rolname = $1::text',
    [user ?? null],
  );
  const { open = 0, busy = 0, others = 0, limit = 0 } = found ?? {};
  const who = [user, application].filter((name) => name !== undefined).join('/');
  const capacity = size * processes;
  const used = Math.round((1_000 * busy) / capacity) / 10;
  const roleLimit = role && !role.superuser && role.limit >= 0 ? role.limit : undefined;
  const pools = `${processes} × ${size} = ${capacity} connections`;
  const evidence = {
    asked: `connections of ${who} against pools of ${pools}`,
    of: connection.where,
    answered: `${open} open, ${busy} of them busy (${used} %); ${others} of others; the server has ${limit} for all, the role ${roleLimit ?? 'no limit of its own'}`,
  };
  const wrong: string[] = [];
  if (user !== undefined && !role) wrong.push(`there is no role ${user}`);
  if (used > maxUsedPercent)
    wrong.push(
      `${who} uses ${busy} of its ${capacity} connections (${used} %), wanted are at most ${maxUsedPercent} %`,
    );
  if (open > capacity) wrong.push(`${who} has ${open} connections open, more than its pools of ${pools}`);
  if (roleLimit !== undefined && capacity > roleLimit) {
    wrong.push(
      `the pools of ${pools} exceed the role's limit of ${roleLimit}; raise it with alter role ${user} connection limit`,
    );
  }
  if (capacity + others > limit) {
    wrong.push(
      `the pools of ${pools} and ${others} connections of others exceed the ${limit} that the server has for all; raise max_connections or make the pools smaller`,
    );
  }
  if (wrong.length === 0) return satisfied(evidence);
  return unsatisfied(`At ${connection.where} ${wrong.join('; ')}.`, evidence);
}
