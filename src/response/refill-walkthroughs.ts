import type { Pool } from 'pg';
import type { Queues } from '../queue/queues.ts';
import type { OutboxRow } from '../store/outbox.ts';
import { openStreams } from '../store/record.ts';
import { walkthroughJobs } from '../walkthroughs/jobs.ts';
import type { Walkthrough } from '../walkthroughs/walkthrough.ts';

/**
 * Asks the queue again for the steps of opened runbooks that should be at work: at start for an empty queue, and now and then
 * for one that was flushed. What is queued already is ignored there.
 */
export async function refillWalkthroughs(
  pool: Pool,
  queues: Pick<Queues, 'add'>,
  now: number,
): Promise<void> {
  const open = await openStreams<Walkthrough>(pool, 'walkthrough');
  const jobs = open.flatMap(walkthroughJobs);
  await queues.add(
    jobs.map(({ at, ...job }): OutboxRow => ({ ...job, runAt: at ?? null })),
    now,
  );
}
