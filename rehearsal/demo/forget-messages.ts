import type { Pool } from 'pg';

/**
 * The local Slack keeps its messages in memory only, so at its start none of them is there any more: forgets where they were
 * and has the runs that are still going, or else the newest one, drawn anew.
 */
export async function forgetMessages(pool: Pool): Promise<void> {
  await pool.query('delete from surfaces');
  await pool.query(
    `update streams set drawn = 0
     where kind = 'run' and (not ended or id = (
       select id from streams where kind = 'run' order by created_at desc limit 1))`,
  );
}
