import type { Pool } from 'pg';
import type { SourceState } from '../alerts/source.ts';
import { sourceJobs } from '../alerts/source.ts';
import type { Queues } from '../queue/queues.ts';
import { openStreams } from '../store/record.ts';

/** Asks the queue again for everything that sources of alerts say should be in it; what is queued already is ignored there. */
export async function refillSources(pool: Pool, queues: Pick<Queues, 'add'>, now: number): Promise<void> {
  const jobs = (await openStreams<SourceState>(pool, 'alert-source')).flatMap(sourceJobs);
  await queues.add(
    jobs.map((job) => ({ ...job, runAt: null })),
    now,
  );
}
