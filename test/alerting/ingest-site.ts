import type { RequestHandler } from 'express';
import type pg from 'pg';
import { pino } from 'pino';
import { Counter, Registry } from 'prom-client';
import type { Alerts } from '../../src/alerting/alerts.ts';
import { openAlerts } from '../../src/alerting/alerts.ts';
import type { Limits } from '../../src/alerting/ingest.ts';
import { openIngest } from '../../src/alerting/ingest.ts';
import type { RelatedRun } from '../../src/alerts/group.ts';
import type { AlertsConfig } from '../../src/alerts/surroundings.ts';
import { Secret } from '../../src/secret.ts';

const source = { alertmanagers: [], pollEvery: 60_000, driftAfter: 60_000 };

/** Two sources, of which `main` sends a bearer token and `other` a password, and one route that takes everything. */
export const alertsConfig: AlertsConfig = {
  listen: { host: '127.0.0.1', port: 0 },
  maxBytes: 4_000_000,
  sources: {
    main: { ...source, name: 'main', credential: { bearer: new Secret('MAIN', 'token-of-main') } },
    other: {
      ...source,
      name: 'other',
      credential: { user: 'am', password: new Secret('OTHER', 'pass:word') },
    },
  },
  settings: {
    routes: [{ name: 'all', match: [], channel: 'C0ALERTS', environment: 'production' }],
    severities: {},
    quietHours: {},
    schedules: {},
    policies: {},
    flapping: { episodes: 50, within: 60_000 },
    relateWithin: 600_000,
    may: { respond: [], silence: [] },
    endSilences: true,
  },
};

/** A running ingest with what it counted and said. */
export interface IngestSite {
  readonly url: string;
  readonly alerts: Alerts;
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  readonly counted: () => Promise<Readonly<Record<string, number>>>;
  /** Sends a body to the source `main` with its credential, unless it is said otherwise; gives the status and what came back. */
  readonly send: (body: unknown, about?: Sent) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

interface Sent {
  readonly source?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: unknown;
}

/** Starts the ingest of alert groups that are kept in a database. */
export async function ingestSite(
  pool: pg.Pool,
  about: {
    readonly config?: Partial<AlertsConfig>;
    readonly limits?: Partial<Limits>;
    readonly pagerduty?: RequestHandler;
    readonly related?: readonly RelatedRun[];
  } = {},
): Promise<IngestSite> {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const registry = new Registry();
  const webhooks = new Counter({
    name: 'webhooks',
    help: 'by source and outcome',
    labelNames: ['source', 'outcome'],
    registers: [registry],
  });
  const alerts = openAlerts({
    pool,
    config: { ...alertsConfig, ...about.config },
    now: () => Date.now(),
    nudge: () => undefined,
    changedSince: async () => about.related ?? [],
  });
  const { pagerduty, limits } = about;
  const ingest = await openIngest({
    alerts,
    log,
    metrics: { webhooks },
    ...(pagerduty && { pagerduty }),
    ...(limits && { limits }),
  });
  const url = `http://127.0.0.1:${ingest.port}`;
  return {
    url,
    alerts,
    lines,
    counted: async () => {
      const { values } = await webhooks.get();
      return Object.fromEntries(
        values.map(({ labels, value }) => [`${labels.source} ${labels.outcome}`, value]),
      );
    },
    send: async (
      body,
      { source: name = 'main', headers = { authorization: 'Bearer token-of-main' } } = {},
    ) => {
      const isRaw = typeof body === 'string' || body instanceof Uint8Array;
      const response = await fetch(`${url}/alerts/alertmanager/${name}`, {
        method: 'POST',
        headers: { ...headers },
        body: isRaw ? body : JSON.stringify(body),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, json: JSON.parse(text) };
    },
    close: ingest.close,
  };
}
