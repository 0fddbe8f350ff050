import { createServer } from 'node:http';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Queues } from './queue/queues.ts';

/** What Slipway counts about itself, for Prometheus. */
export interface Metrics {
  readonly registry: Registry;
  /** Calls to Slack by method and outcome: ok, refused, ratelimited, unreachable. */
  readonly slackCalls: Counter<'method' | 'outcome'>;
  /** Seconds from a click or command to its acknowledgement. */
  readonly acknowledged: Histogram<'kind'>;
}

/** Makes the metrics; queue depths are read when they are asked for. */
export function createMetrics(queues: Pick<Queues, 'depths'>): Metrics {
  const registry = new Registry();
  new Gauge({
    name: 'slipway_queue_jobs',
    help: 'Jobs that wait, are delayed or active.',
    labelNames: ['queue'],
    registers: [registry],
    async collect() {
      for (const [queue, depth] of Object.entries(await queues.depths())) this.set({ queue }, depth);
    },
  });
  return {
    registry,
    slackCalls: new Counter({
      name: 'slipway_slack_calls_total',
      help: 'Calls to Slack by method and outcome.',
      labelNames: ['method', 'outcome'],
      registers: [registry],
    }),
    acknowledged: new Histogram({
      name: 'slipway_acknowledge_seconds',
      help: 'From the arrival of a click or command to its acknowledgement.',
      labelNames: ['kind'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3],
      registers: [registry],
    }),
  };
}

/** Serves `/metrics` and `/healthz` on a port of the loopback interface; returns how to stop that. */
export async function serveMetrics(registry: Registry, port: number): Promise<() => Promise<void>> {
  const server = createServer((request, response) => {
    if (request.url === '/healthz') {
      response.end('ok\n');
      return;
    }
    if (request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => response.setHeader('content-type', registry.contentType).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return () => new Promise((resolve) => server.close(() => resolve()));
}
