import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { Express, RequestHandler, Response } from 'express';
import express from 'express';
import type { Logger } from 'pino';
import type { AlertsConfig } from '../alerts/surroundings.ts';
import { readWebhook } from '../alerts/webhook.ts';
import type { Capacity } from './admission.ts';
import { admission } from './admission.ts';
import type { AlertMetrics } from './alert-metrics.ts';
import type { Alerts } from './alerts.ts';
import { proves } from './credential.ts';
import type { Outcome } from './ingest-faults.ts';
import { faults, putOff, refuse } from './ingest-faults.ts';
import { readJson } from './read-json.ts';

/** What webhooks need of the rest. */
export interface IngestParts {
  readonly alerts: Pick<Alerts, 'deliver'> & {
    readonly parts: { readonly config: Pick<AlertsConfig, 'listen' | 'maxBytes' | 'sources'> };
  };
  /** Serves `POST /alerts/pagerduty`; `request.body` is a Buffer with the bytes as they came, which the signature covers. */
  readonly pagerduty?: RequestHandler;
  readonly metrics?: Pick<AlertMetrics, 'webhooks'>;
  readonly log: Logger;
  readonly limits?: Partial<Limits>;
}

/** How much is taken in at a time, and how long a sender may take over its headers and over the whole request, in milliseconds. */
export interface Limits extends Capacity {
  readonly headers: number;
  readonly request: number;
}

const usual: Limits = { requests: 500, large: 4, largeFrom: 1_048_576, headers: 10_000, request: 30_000 };

/** The largest webhook of PagerDuty is far smaller (https://developer.pagerduty.com/docs/webhooks-overview). */
const pagerDutyBytes = 1_048_576;

/** Serves webhooks on `config.listen` until it is closed, which waits for those that are under way. */
export async function openIngest(
  parts: IngestParts,
): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const { listen } = parts.alerts.parts.config;
  const limits = { ...usual, ...parts.limits };
  const app = routes(parts, limits);
  const server = createServer(
    {
      headersTimeout: limits.headers,
      requestTimeout: limits.request,
      connectionsCheckingInterval: Math.min(limits.headers, 5_000),
      keepAliveTimeout: 65_000,
    },
    app,
  );
  server.maxConnections = 2 * limits.requests;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(listen.port, listen.host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : listen.port,
    close: () => closed(server, limits.request),
  };
}

function closed(server: Server, patience: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), patience);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function routes(parts: IngestParts, limits: Limits): Express {
  const { alerts, pagerduty, log, metrics } = parts;
  const { maxBytes, sources } = alerts.parts.config;
  const count = (response: Response, outcome: Outcome) => {
    const source: unknown = response.locals.source;
    if (typeof source === 'string') metrics?.webhooks.inc({ source, outcome });
  };
  const app = express();
  app.disable('x-powered-by');
  app.get('/alerts/healthz', (_request, response) => {
    response.type('text').send('ok\n');
  });
  app.post(
    '/alerts/alertmanager/:source',
    authenticated(sources, (response, source) => {
      count(response, 'unauthorized');
      log.warn({ source }, 'a webhook came without the credential of its source');
    }),
    admission(limits, (_request, response) => {
      count(response, 'unavailable');
      log.warn({ source: response.locals.source }, 'a webhook was put off: too many are under way');
      putOff(response, 'Too many webhooks are under way.');
    }),
    express.raw({ type: () => true, limit: maxBytes }),
    async ({ params: { source }, body }, response) => {
      const json = readJson(bytesOf(body));
      const read = json.ok ? readWebhook(json.value) : json;
      if (!read.ok) {
        count(response, 'refused');
        log.error({ source, because: read.because }, 'a webhook was refused, and will not be sent again');
        refuse(response, 400, read.because);
        return;
      }
      await alerts.deliver(source, read.webhook, 'webhook');
      count(response, 'accepted');
      response.json({});
    },
  );
  if (pagerduty !== undefined) {
    app.post('/alerts/pagerduty', express.raw({ type: () => true, limit: pagerDutyBytes }), whole, pagerduty);
  }
  app.use((_request, response) => refuse(response, 404, 'There is nothing here.'));
  app.use(faults({ log, count, maxBytes }));
  return app;
}

/** Lets a request through that proves to be of the source in its path; an unknown source answers as a wrong credential does, so that names cannot be probed. */
function authenticated(
  sources: AlertsConfig['sources'],
  failed: (response: Response, source: string) => void,
): RequestHandler<{ source: string }> {
  return ({ params: { source }, headers }, response, next) => {
    const known = Object.hasOwn(sources, source) ? sources[source] : undefined;
    response.locals.source = known === undefined ? 'unknown' : source;
    if (proves(headers.authorization, known?.credential)) {
      next();
      return;
    }
    failed(response, source.slice(0, 100));
    response.set('WWW-Authenticate', 'Bearer, Basic realm="alerts", charset="UTF-8"');
    refuse(response, 401, 'The credential is missing or wrong.');
  };
}

/** A request without a body has an empty one. */
const whole: RequestHandler = (request, _response, next) => {
  request.body = bytesOf(request.body);
  next();
};

function bytesOf(body: unknown): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}
