import type { Job as BullJob, JobsOptions } from 'bullmq';
import { createPostgresBackend, Queue, Worker, withBackend } from 'bullmq';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { Failure } from '../errors.ts';
import type { OutboxRow } from '../store/outbox.ts';

/** The queues by what works on them: phases of runs, timers and other small errands, Slack messages, and calls to services outside. */
export const queueNames = ['phases', 'timers', 'views', 'calls'] as const;

export type QueueName = (typeof queueNames)[number];

/** BullMQ on either backend, as far as Slipway uses it. */
export interface Queues {
  /** Hands jobs over; a job whose id is already queued or active is ignored, a drawing job is kept for afterwards. */
  readonly add: (rows: readonly OutboxRow[], now: number) => Promise<void>;
  /** Works on a queue until closed; a job that throws is tried again with growing pauses, without end. */
  readonly work: (queue: QueueName, concurrency: number, process: Process) => Promise<void>;
  /** Jobs that wait, are delayed or active, by queue. */
  readonly depths: () => Promise<Readonly<Record<QueueName, number>>>;
  /** Waits for running jobs and closes everything. */
  readonly close: () => Promise<void>;
}

/** Works on one job; `at` is when it was meant to run, in milliseconds since 1970. */
export type Process = (job: {
  readonly name: string;
  readonly data: Record<string, unknown>;
  readonly at: number;
}) => Promise<void>;

/** What works on jobs, by their name. */
export type JobsByName = Readonly<Record<string, (data: unknown) => Promise<void>>>;

/** Where the queue lives and how long a silent worker keeps its jobs, in milliseconds. */
export interface QueueSettings {
  readonly redisUrl?: string | undefined;
  readonly databaseUrl: string;
  /** Keeps installations that share a Redis or a database apart. */
  readonly prefix: string;
  readonly lockMs: number;
  readonly log: Logger;
}

/** Opens the queues on Redis when its URL is given, else on PostgreSQL; throws `queue-unreachable`. */
export async function openQueues(settings: QueueSettings): Promise<Queues> {
  return settings.redisUrl === undefined
    ? onPostgres(settings, settings.databaseUrl)
    : onRedis(settings, settings.redisUrl);
}

/** How long Redis may take to answer, in milliseconds. */
const patience = 3_000;

type Connect = (use: 'add' | 'work') => unknown;

interface Backend {
  readonly connect: Connect;
  /** Whether it answers now. */
  readonly answers: () => Promise<boolean>;
  readonly end: () => Promise<void>;
}

type Classes = Pick<ReturnType<typeof withBackend>, 'Queue' | 'Worker'>;

/**
 * What the streams can tell again need not wait for the disk when it is committed: all of the queue, and what is claimed
 * and forgotten in the outbox.
 */
export const unhurried = '-c synchronous_commit=off';

async function onPostgres(settings: QueueSettings, connectionString: string): Promise<Queues> {
  const classes = withBackend(createPostgresBackend);
  const connection = { connectionString, schema: settings.prefix, migrate: true, max: 4, options: unhurried };
  return open(settings, classes as unknown as Classes, {
    connect: () => connection,
    answers: async () => true,
    end: async () => undefined,
  });
}

async function onRedis(settings: QueueSettings, url: string): Promise<Queues> {
  const probe = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // One that takes the connection and says nothing would be waited for without end.
  const limit = setTimeout(() => probe.disconnect(), patience);
  probe.on('error', () => undefined);
  try {
    await probe.connect();
    await probe.ping();
  } catch (error) {
    const { host, port } = probe.options;
    throw new Failure(
      'queue-unreachable',
      `Redis at ${host}:${port} does not answer (${(error as Error).message}). Check REDIS_URL, or leave it out to queue on PostgreSQL.`,
      { cause: error },
    );
  } finally {
    clearTimeout(limit);
    probe.disconnect();
  }
  const clients: Redis[] = [];
  const connect: Connect = (use) => {
    const client = new Redis(url, {
      // A worker waits for Redis as long as it takes; who adds a job keeps it in the outbox instead.
      ...(use === 'work'
        ? { maxRetriesPerRequest: null }
        : { maxRetriesPerRequest: 1, commandTimeout: patience }),
      retryStrategy: (times) => Math.min(times * 100, 2_000),
    });
    client.on('error', (error) => settings.log.warn({ error: error.message }, 'redis'));
    clients.push(client);
    return client;
  };
  const end = async () => {
    for (const client of clients) client.disconnect();
  };
  const asked = connect('add') as Redis;
  const answers = async () =>
    asked.ping().then(
      () => true,
      () => false,
    );
  return open(settings, { Queue, Worker } as unknown as Classes, { connect, answers, end });
}

async function open(
  settings: QueueSettings,
  classes: Classes,
  { connect, answers, end }: Backend,
): Promise<Queues> {
  const { log, prefix, lockMs } = settings;
  const workers: Worker[] = [];
  const queues = new Map<QueueName, Queue>();
  for (const name of queueNames) {
    const queue = new classes.Queue(name, {
      connection: connect('add') as never,
      prefix,
    }) as unknown as Queue;
    queue.on('error', (error) => log.warn({ error: error.message, queue: name }, 'queue'));
    await queue.waitUntilReady();
    queues.set(name, queue);
  }
  const queueOf = (name: string): Queue => {
    const queue = queues.get(name as QueueName);
    if (queue === undefined) throw new RangeError(`no queue ${name}`);
    return queue;
  };
  return {
    add: async (rows, now) => {
      for (const name of queueNames) {
        const jobs = rows.filter((row) => row.queue === name).map((row) => bullJob(row, now));
        const [only, ...others] = jobs;
        // The bulk insert of the PostgreSQL backend takes several times as long as that of one job.
        if (only !== undefined && others.length === 0)
          await queueOf(name).add(only.name, only.data, only.opts);
        else if (only !== undefined) await queueOf(name).addBulk(jobs);
      }
    },
    work: async (name, concurrency, process) => {
      const worker = new classes.Worker(
        name,
        async (job: BullJob) =>
          process({ name: job.name, data: job.data, at: job.timestamp + (job.opts.delay ?? 0) }),
        {
          connection: connect('work') as never,
          prefix,
          concurrency,
          lockDuration: lockMs,
          stalledInterval: Math.max(500, lockMs / 2),
          // Attempts are fenced in PostgreSQL, so a stalled job may always be taken up again.
          maxStalledCount: 1_000_000,
          settings: { backoffStrategy: growing },
        },
      ) as unknown as Worker;
      worker.on('error', (error) => log.warn({ error: error.message, queue: name }, 'worker'));
      worker.on('failed', (job, error) => log.warn({ job: job?.id, error: error.message }, 'job failed'));
      workers.push(worker);
      await worker.waitUntilReady();
    },
    depths: async () => {
      const counts = await Promise.all(
        queueNames.map(async (name) => [
          name,
          await queueOf(name).getJobCountByTypes('wait', 'delayed', 'active'),
        ]),
      );
      return Object.fromEntries(counts);
    },
    close: async () => {
      // A worker waits for its last call to be answered; where nothing answers, its jobs are taken over after their lease.
      const isThere = await answers();
      if (!isThere) await end();
      await Promise.all(workers.map((worker) => worker.close(!isThere)));
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      await end();
    },
  };
}

/** Pauses between attempts, in milliseconds: half a second at first, at most ten. */
function growing(attemptsMade: number): number {
  return Math.min(500 * 2 ** Math.min(attemptsMade - 1, 10), 10_000);
}

function bullJob({ id, queue, name, data, runAt }: OutboxRow, now: number) {
  const opts: JobsOptions = {
    attempts: 1_000_000,
    backoff: { type: 'custom' },
    removeOnComplete: true,
    removeOnFail: true,
    ...(runAt === null ? {} : { delay: Math.max(0, runAt - now) }),
    // A change that comes while a message is being drawn must be drawn afterwards; all else is one job for good.
    ...(queue === 'views' ? { deduplication: { id, keepLastIfActive: true } } : { jobId: id }),
  };
  return { name, data, opts };
}
