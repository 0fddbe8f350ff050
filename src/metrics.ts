import type { Server } from 'node:http';
import express from 'express';
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
  const app = express();
  app.disable('x-powered-by');
  app.get('/healthz', (_request, response) => {
    response.type('text').send('ok\n');
  });
  app.get('/metrics', async (_request, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  });
  const server = await new Promise<Server>((resolve, reject) => {
    const listening = app.listen(port, '127.0.0.1', (error) => (error ? reject(error) : resolve(listening)));
  });
  return () => new Promise((resolve) => server.close(() => resolve()));
}
