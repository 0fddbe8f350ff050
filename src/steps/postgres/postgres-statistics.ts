import { Failure } from '../../errors.ts';
import type { PostgresConnection } from './postgres-connection.ts';

/**
 * Throws a Failure when this account sees only its own statements and sessions, because then counting them tells nothing
 * (https://www.postgresql.org/docs/current/predefined-roles.html).
 */
export async function requireStatistics(connection: PostgresConnection): Promise<void> {
  const [row] = await connection.query<{ sees: boolean }>(
    `select pg_has_role(current_user, 'pg_read_all_stats', 'usage') as "sees"`,
  );
  if (row?.sees) return;
  throw new Failure(
    'permission-denied',
    `${connection.user} at ${connection.where} does not see the sessions and statements of others; run grant pg_read_all_stats to ${connection.user}, or use another account.`,
  );
}
