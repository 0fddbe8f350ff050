import type { Pool } from 'pg';
import type { AlertGroup } from '../alerts/group.ts';

/** Alert groups that opened shortly after a run changed something, those that fire first; at most ten. */
export async function groupsNear(pool: Pool, run: string): Promise<readonly AlertGroup[]> {
  const { rows } = await pool.query<{ state: AlertGroup }>(
    `select state from streams
     where kind = 'alerts' and state -> 'related' @> jsonb_build_array(jsonb_build_object('run', $1::text))
     order by state ->> 'status', changed_at desc limit 10`,
    [run],
  );
  return rows.map(({ state }) => state);
}
