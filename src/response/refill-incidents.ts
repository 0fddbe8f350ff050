import type { Pool } from 'pg';
import type { Incident } from '../incidents/incident.ts';
import { incidentJobs } from '../incidents/jobs.ts';
import type { Queues } from '../queue/queues.ts';
import type { OutboxRow } from '../store/outbox.ts';
import { openStreams } from '../store/record.ts';

/**
 * Asks the queue again for everything that incidents say should be in it: at start for an empty queue, and now and then for one
 * that was flushed. What is queued already is ignored there.
 */
export async function refillIncidents(pool: Pool, queues: Pick<Queues, 'add'>, now: number): Promise<void> {
  const jobs = (await openStreams<Incident>(pool, 'incident')).flatMap(incidentJobs);
  await queues.add(
    jobs.map(({ at, ...job }): OutboxRow => ({ ...job, runAt: at ?? null })),
    now,
  );
}
