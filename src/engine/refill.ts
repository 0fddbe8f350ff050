import type { Pool } from 'pg';
import type { Deployment } from '../deploy/deployment.ts';
import { jobsDue } from '../deploy/jobs.ts';
import { type Watch, watchJobs } from '../deploy/watch.ts';
import type { Queues } from '../queue/queues.ts';
import { undrawnBoards } from '../store/board.ts';
import type { OutboxRow } from '../store/outbox.ts';
import { openStreams } from '../store/record.ts';
import { undrawnStreams } from '../store/surfaces.ts';

/** A run that ended has one last errand, which a queue that is flushed just then would lose. */
const justEnded = 10 * 60_000;

/**
 * Asks the queue again for everything that the streams say should be in it: at start for an empty queue, and now and
 * then for one that was flushed. What is queued already is ignored there.
 */
export async function refill(pool: Pool, queues: Pick<Queues, 'add'>, now: number): Promise<void> {
  const runs = await openStreams<Deployment>(pool, 'run', justEnded);
  const watches = await openStreams<Watch>(pool, 'watch', 0);
  const jobs = [...runs.flatMap(jobsDue), ...watches.flatMap(watchJobs)].map(
    ({ at, ...job }): OutboxRow => ({ ...job, runAt: at ?? null }),
  );
  // The card of a run at work shows how long it has taken; one that waits for people stands still.
  const atWork = runs.filter(({ phases }) =>
    Object.values(phases).some(({ status }) => status === 'running'),
  );
  const undrawn = [...(await undrawnStreams(pool)), ...(await undrawnBoards(pool))];
  const draws = [...new Set([...undrawn, ...atWork.map(({ id }) => id)])].map(
    (stream): OutboxRow => ({
      id: `draw.${stream}`,
      queue: 'views',
      name: 'draw',
      data: { stream },
      runAt: null,
    }),
  );
  await queues.add([...jobs, ...draws], now);
}
