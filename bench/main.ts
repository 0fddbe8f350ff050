import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis } from '../rehearsal/world/redis.ts';
import { startEmbeddedPostgres } from '../src/store/embedded-postgres.ts';
import { bareJobs, type Place } from './bare-jobs.ts';
import { engine } from './engine.ts';
import { type Figure, median, quantile, table } from './figures.ts';
import { slack } from './slack.ts';

const size = { phases: 20, steps: 10 };
const rounds = 5;
const megabyte = 2 ** 20;

const dir = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
const closers: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true })];
// The servers end with this process; their folder would stay.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
    process.exit(1);
  });
}
try {
  const databases = ['engine_postgres', 'engine_redis', 'whole'];
  const postgres = await startEmbeddedPostgres({ dir: join(dir, 'postgres'), databases });
  closers.push(() => postgres.stop());
  const redis = await startRedis({ dir: join(dir, 'redis') });
  if (redis !== undefined) closers.push(() => redis.stop());

  const places = [
    ['PostgreSQL', { databaseUrl: postgres.urlOf('engine_postgres'), redisUrl: undefined }],
    ...(redis === undefined
      ? []
      : [['Redis', { databaseUrl: postgres.urlOf('engine_redis'), redisUrl: redis.url }] as const]),
  ] as const satisfies readonly (readonly [string, Place])[];

  console.log(`${size.phases} phases of ${size.steps} steps, ${rounds} runs on each queue\n`);
  for (const [name, place] of places) {
    console.log(`Queue on ${name}`);
    console.log(`${table(await engineFigures(place, join(dir, name)))}\n`);
  }
  if (redis === undefined)
    console.log('Queue on Redis: left out; get it with: apt-get install redis-server\n');
  console.log('Slack, with a gate before each phase');
  const place = { databaseUrl: postgres.urlOf('whole'), redisUrl: undefined };
  console.log(table(await slackFigures(place, join(dir, 'whole'))));
} finally {
  for (const close of closers.reverse()) await close();
}

async function engineFigures(place: Place, folder: string): Promise<readonly Figure[]> {
  const bare = await bareJobs(place);
  const ours = await engine(place, folder, size);
  const bareHops: number[] = [];
  const hops: number[] = [];
  const steps: number[] = [];
  const wholes: number[] = [];
  // The first round of each warms up.
  await bare.run(size.phases);
  await ours.run();
  // In turns, because whatever else the machine does should slow both.
  for (let round = 0; round < rounds; round += 1) {
    bareHops.push(...(await bare.run(size.phases)));
    const spans = await ours.run();
    hops.push(...spans.hops);
    steps.push(...spans.steps);
    wholes.push(spans.whole);
  }
  await ours.close();
  await bare.close();
  return [
    { what: 'bare BullMQ job to job, median', value: median(bareHops), unit: 'ms' },
    { what: 'phase to phase, median', value: median(hops), unit: 'ms' },
    { what: 'phase to phase ÷ bare', value: median(hops) / median(bareHops), unit: '×', goal: 2 },
    { what: 'step, median', value: median(steps), unit: 'ms', goal: 3 },
    { what: 'step, p95', value: quantile(steps, 0.95), unit: 'ms' },
    { what: 'whole run, median', value: median(wholes), unit: 'ms' },
  ];
}

async function slackFigures(place: Place, folder: string): Promise<readonly Figure[]> {
  const { acknowledged, redrawn, calls, readyAfter, memory } = await slack(place, folder, size);
  return [
    {
      what: `click to acknowledged, p99 of ${acknowledged.length}`,
      value: quantile(acknowledged, 0.99),
      unit: 'ms',
      goal: 100,
    },
    { what: 'click to acknowledged, median', value: median(acknowledged), unit: 'ms' },
    {
      what: `click to redrawn, p95 of ${redrawn.length}`,
      value: quantile(redrawn, 0.95),
      unit: 'ms',
      goal: 1_000,
    },
    { what: 'click to redrawn, median', value: median(redrawn), unit: 'ms' },
    { what: 'Slack calls of the deployment', value: calls, unit: '' },
    { what: 'start to ready, warm database', value: readyAfter, unit: 'ms', goal: 2_000 },
    ...(memory === undefined
      ? []
      : [{ what: 'resident memory afterwards', value: memory / megabyte, unit: 'MB', goal: 200 }]),
  ];
}
