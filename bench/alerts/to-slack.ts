import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { stringify } from 'yaml';
import { hasAlertmanager, startAlertmanager } from '../../rehearsal/alertmanager/alertmanager.ts';
import { sendAlerts } from '../../rehearsal/alertmanager/send-alerts.ts';
import { startWorkspace } from '../../rehearsal/slack/workspace.ts';
import { freePort } from '../../rehearsal/world/free-port.ts';
import { bareJobs } from '../bare-jobs.ts';
import { type Figure, median, quantile } from '../figures.ts';
import { idlePlan } from '../plan.ts';
import { startProgram } from '../program.ts';

/** So many groups, one after the other, in turn over so many channels, each of which takes about one message a second. */
const groups = 120;

/** The first ones, as the first hops of the queue, are not measured: new connections have their statements to prepare. */
const warmUp = 20;
const channels = 25;
const pause = 75;

const clock = (): number => performance.timeOrigin + performance.now();

/**
 * From the moment when an alert is posted to Alertmanager until its message arrives at Slack: by Alertmanager's own Slack
 * receiver, and by its webhook and Slipway, for the same groups. Between two groups one commit and one hop of the queue are measured
 * on the same PostgreSQL: a machine that was idle for a moment takes longer for each of them, as it does for a group.
 */
export async function toSlackFigures(databaseUrl: string): Promise<readonly Figure[] | string> {
  if (!hasAlertmanager()) return 'left out; get it with: apt-get install prometheus-alertmanager';
  const dir = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
  const closers: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true })];
  try {
    const own = await startSink();
    closers.push(own.close);
    const places = Array.from({ length: channels }, (_, index) => ({
      id: `C0BENCH${index}`,
      name: `bench-${index}`,
      members: ['U0SLIPWAY', 'U0ALICE'],
    }));
    const workspace = await startWorkspace({ dir: join(dir, 'slack'), channels: places, now: clock });
    closers.push(() => workspace.stop());
    const port = await freePort();
    await mkdir(join(dir, 'runbooks/deploy'), { recursive: true });
    await writeFile(join(dir, 'runbooks/deploy/bench.yaml'), stringify(idlePlan(1, 1, false)));
    await writeFile(join(dir, 'slipway.yaml'), stringify(configOf(places, port)));
    const program = await startProgram({
      ...workspace.env,
      DATABASE_URL: databaseUrl,
      BENCH_TOKEN: 'bench',
      SLIPWAY_CONFIG: join(dir, 'slipway.yaml'),
    });
    closers.push(() => program.stop());
    const alertmanager = await startAlertmanager({
      dir: join(dir, 'alertmanager'),
      webhookUrl: `http://127.0.0.1:${port}/alerts/alertmanager/bench`,
      token: 'bench',
      slackUrl: own.url,
      groupBy: ['alertname', 'service'],
    });
    closers.push(() => alertmanager.stop());

    const commit = await openCommits(databaseUrl);
    closers.push(commit.close);
    const bare = await bareJobs({ databaseUrl, redisUrl: undefined });
    closers.push(bare.close);
    const commits: number[] = [];
    const hops: number[] = [];

    const posted = new Map<string, number>();
    for (let index = 0; index < groups; index += 1) {
      const service = `service-${index}-of-${groups}`;
      const channel = `bench-${index % channels}`;
      posted.set(service, clock());
      const labels = { alertname: 'HighLatency', service, channel, severity: 'warning' };
      await sendAlerts(alertmanager.url, [{ labels, annotations: { summary: `${service} is slow` } }]);
      await delay(pause);
      commits.push(await commit.once());
      hops.push(...(await bare.run(2)));
      await delay(pause);
    }
    const ours = () =>
      workspace.gateway.calls.filter(({ method, ok }) => method === 'chat.postMessage' && ok);
    const until = clock() + 60_000;
    while (clock() < until && (ours().length < groups || own.arrived.size < groups)) await delay(200);

    const arrivals = [...posted].map(([service, at]) => {
      const message = ours().find(({ args }) => JSON.stringify(args.blocks).includes(service));
      return { own: (own.arrived.get(service) ?? Number.NaN) - at, ours: (message?.at ?? Number.NaN) - at };
    });
    return figuresOf(arrivals, median(commits.slice(warmUp)), median(hops.slice(warmUp)));
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

function figuresOf(
  arrivals: readonly { readonly own: number; readonly ours: number }[],
  commit: number,
  hop: number,
): readonly Figure[] {
  const seen = arrivals.slice(warmUp).filter(({ own, ours }) => !Number.isNaN(own) && !Number.isNaN(ours));
  const own = seen.map((one) => one.own);
  const ours = seen.map((one) => one.ours);
  const sum = median(own) + commit + hop;
  return [
    { what: "Alertmanager's own Slack receiver, median", value: median(own), unit: 'ms' },
    { what: "Alertmanager's own Slack receiver, p99", value: quantile(own, 0.99), unit: 'ms' },
    { what: 'one commit, median', value: commit, unit: 'ms' },
    { what: 'one hop of the queue, median', value: hop, unit: 'ms' },
    { what: 'webhook and Slipway, median', value: median(ours), unit: 'ms' },
    { what: 'webhook and Slipway, p99', value: quantile(ours, 0.99), unit: 'ms' },
    { what: 'Slipway ÷ (own + commit + hop)', value: median(ours) / sum, unit: '×', goal: 1.5 },
    {
      what: `groups that did not arrive, of ${arrivals.length}`,
      value: arrivals.filter(({ own, ours }) => Number.isNaN(own) || Number.isNaN(ours)).length,
      unit: '',
      goal: 0,
    },
  ];
}

/** Takes what Alertmanager's Slack receiver sends, and notes when the first message of each service came. */
async function startSink() {
  const arrived = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const at = clock();
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const service = /service-\d+-of-\d+/.exec(Buffer.concat(parts).toString('utf8'))?.[0];
    if (service !== undefined && !arrived.has(service)) arrived.set(service, at);
    response.end('ok');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    arrived,
    url: `http://127.0.0.1:${port}/services/bench`,
    close: () => new Promise((closed) => server.close(closed)),
  };
}

/** Inserts a row and commits it, on a connection of its own; says how many milliseconds that took. */
async function openCommits(databaseUrl: string) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('create table commits (id bigserial primary key, body text not null)');
  return {
    once: async (): Promise<number> => {
      const startedAt = performance.now();
      await client.query('insert into commits (body) values ($1::text)', ['row']);
      return performance.now() - startedAt;
    },
    close: () => client.end(),
  };
}

function configOf(places: readonly { readonly id: string; readonly name: string }[], port: number): unknown {
  const routes = places.map(({ id, name }) => ({ name, match: [`channel="${name}"`], channel: id }));
  return {
    groups: { deployers: ['U0ALICE'] },
    environments: {
      production: {
        channel: places[0]?.id,
        plan: 'bench',
        may: { deploy: ['deployers'], rollback: ['deployers'], lock: ['deployers'] },
      },
    },
    alerts: {
      listen: `127.0.0.1:${port}`,
      may: { respond: ['deployers'], silence: ['deployers'] },
      sources: { bench: { credential: { bearer: { env: 'BENCH_TOKEN' } } } },
      routes: [...routes, { name: 'rest', channel: places[0]?.id }],
    },
  };
}
