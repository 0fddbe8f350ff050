import type { Pool } from 'pg';
import type { AlertGroup } from '../alerts/group.ts';
import { groupJobs } from '../alerts/jobs.ts';
import type { Queues } from '../queue/queues.ts';
import { busyGroups } from '../store/board.ts';
import type { OutboxRow } from '../store/outbox.ts';

/**
 * Asks the queue again for everything that alert groups say should be in it: at start for an empty queue, and now and then
 * for one that was flushed. What is queued already is ignored there.
 */
export async function refillGroups(pool: Pool, queues: Pick<Queues, 'add'>, now: number): Promise<void> {
  const jobs = (await busyGroups(pool)).flatMap((group: AlertGroup) => groupJobs(group));
  await queues.add(
    jobs.map(({ at, ...job }): OutboxRow => ({ ...job, runAt: at ?? null })),
    now,
  );
}
