import type { Pool } from 'pg';

/**
 * The local Slack keeps its messages in memory only, so at its start none of them is there any more: forgets where they were
 * and has the newest run, with all runs and watches that are still going, drawn anew.
 */
export async function forgetMessages(pool: Pool): Promise<void> {
  await pool.query('delete from surfaces');
  await pool.query(
    `update streams set drawn = 0
     where kind in ('run', 'watch') and not ended
        or id = (select id from streams where kind = 'run' order by created_at desc limit 1)`,
  );
}
