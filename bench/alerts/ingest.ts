import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { pino } from 'pino';
import { openAlerts } from '../../src/alerting/alerts.ts';
import { openIngest } from '../../src/alerting/ingest.ts';
import type { AlertsConfig } from '../../src/alerts/surroundings.ts';
import { Secret } from '../../src/secret.ts';
import { migrate } from '../../src/store/migrate.ts';
import { type Figure, median, quantile } from '../figures.ts';
import { bareInserts } from './bare-inserts.ts';
import type { Order, Sent } from './senders.ts';

const senders = 100;
/** A multiple of the webhooks that a group gets. */
const each = 30;
const rounds = 5;
const megabyte = 2 ** 20;

const config: AlertsConfig = {
  listen: { host: '127.0.0.1', port: 0 },
  maxBytes: 32 * megabyte,
  sources: {
    bench: {
      name: 'bench',
      credential: { bearer: new Secret('BENCH', 'bench') },
      alertmanagers: [],
      pollEvery: 60_000,
      driftAfter: 60_000,
    },
  },
  settings: {
    routes: [{ name: 'all', match: [], channel: 'C0BENCH' }],
    severities: {},
    quietHours: {},
    schedules: {},
    policies: {},
    flapping: { episodes: 4, within: 3_600_000 },
    relateWithin: 1_800_000,
    may: { respond: [], silence: [] },
    endSilences: true,
  },
};

/** How many webhooks are committed in a second, beside a loop that does nothing but commit a row each. */
export async function ingestFigures(databaseUrl: string): Promise<readonly Figure[]> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 16 });
  // Its connections may still be ending when the server does.
  pool.on('error', () => undefined);
  await migrate(pool);
  const alerts = openAlerts({
    pool,
    config,
    now: () => Date.now(),
    nudge: () => undefined,
    changedSince: async () => [],
  });
  const { port, close } = await openIngest({ alerts, log: pino({ level: 'fatal' }) });
  const child = fork(fileURLToPath(new URL('./senders.js', import.meta.url)));
  const bare = await bareInserts(databaseUrl);
  const send = async (from: number): Promise<Sent> => {
    const order: Order = { port, token: 'bench', senders, from, each };
    child.send(order);
    const [message] = await Promise.race([once(child, 'message'), once(child, 'exit').then(ended)]);
    return message as Sent;
  };
  const ours: number[] = [];
  const bares: number[] = [];
  const answers: number[] = [];
  // The first round of each warms up. In turns, because whatever else the machine does should slow both.
  for (let round = 0; round <= rounds; round += 1) {
    const rate = await bare.run(1_000);
    const sent = await send(round * each);
    if (round === 0) continue;
    bares.push(rate);
    ours.push((senders * each * 1_000) / sent.took);
    answers.push(...sent.answers);
  }
  const memory = process.memoryUsage.rss();
  const kept = await countOf(pool, 'alerts');
  child.disconnect();
  await close();
  await bare.close();
  await pool.end();
  const lost = senders * each * (rounds + 1) - kept;
  return [
    { what: 'bare insert and commit, median', value: median(bares), unit: '/s' },
    { what: 'webhooks committed, median', value: median(ours), unit: '/s', least: 1_000 },
    { what: 'webhooks ÷ bare', value: median(ours) / median(bares), unit: '×', least: 0.5 },
    { what: 'webhook to answer, median', value: median(answers), unit: 'ms' },
    {
      what: `webhook to answer, p99 of ${answers.length}`,
      value: quantile(answers, 0.99),
      unit: 'ms',
      goal: 1_000,
    },
    { what: 'alerts that were answered and are not there', value: lost, unit: '', goal: 0 },
    { what: 'resident memory afterwards', value: memory / megabyte, unit: 'MB' },
  ];
}

function ended(): never {
  throw new Error('the senders ended before they had sent everything');
}

async function countOf(pool: pg.Pool, table: string): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(`select count(*)::int as count from ${table}`);
  return rows[0]?.count ?? Number.NaN;
}
