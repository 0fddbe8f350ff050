import { createPostgresBackend, Queue, Worker, withBackend } from 'bullmq';
import { Redis } from 'ioredis';

/** Where BullMQ keeps its jobs. */
export interface Place {
  readonly databaseUrl: string;
  readonly redisUrl: string | undefined;
}

/** Bare BullMQ jobs of which each adds the next when it ends; `hops` are milliseconds from one's end to the next one's beginning. */
export async function bareJobs(place: Place): Promise<{
  readonly run: (jobs: number) => Promise<readonly number[]>;
  readonly close: () => Promise<void>;
}> {
  const { databaseUrl, redisUrl } = place;
  const clients: Redis[] = [];
  const connect = (): never => {
    if (redisUrl === undefined) {
      return { connectionString: databaseUrl, schema: 'bare', migrate: true, max: 4 } as never;
    }
    const client = new Redis(redisUrl, { maxRetriesPerRequest: null });
    clients.push(client);
    return client as never;
  };
  const onPostgres = withBackend(createPostgresBackend);
  // Both have the same methods; their types differ in the connection.
  const classes = (redisUrl === undefined ? onPostgres : { Queue, Worker }) as unknown as {
    readonly Queue: typeof Queue;
    readonly Worker: typeof Worker;
  };
  const queue = new classes.Queue('bare', { connection: connect() });
  await queue.waitUntilReady();

  let hops: number[] = [];
  let endedAt = 0;
  let finish = (): void => undefined;
  const add = async (left: number): Promise<void> => {
    endedAt = performance.now();
    await queue.add('bare', { left }, { removeOnComplete: true });
  };
  const worker = new classes.Worker(
    'bare',
    async ({ data }: { data: { left: number } }) => {
      hops.push(performance.now() - endedAt);
      if (data.left > 1) await add(data.left - 1);
      else finish();
    },
    { connection: connect(), concurrency: 4 },
  );
  await worker.waitUntilReady();
  return {
    run: async (jobs) => {
      hops = [];
      const done = new Promise<void>((resolve) => {
        finish = resolve;
      });
      await add(jobs);
      await done;
      // The first was added from outside.
      return hops.slice(1);
    },
    close: async () => {
      await worker.close();
      await queue.close();
      for (const client of clients) client.disconnect();
    },
  };
}
