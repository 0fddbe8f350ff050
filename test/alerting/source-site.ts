import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import {
  type Alertmanager,
  type AlertmanagerOptions,
  startAlertmanager,
} from '../../rehearsal/alertmanager/alertmanager.ts';
import { type PostedAlert, sendAlerts } from '../../rehearsal/alertmanager/send-alerts.ts';
import { freePort } from '../../rehearsal/world/free-port.ts';
import { openAlertmanagers } from '../../src/alerting/alertmanager.ts';
import { type Alerts, openAlerts } from '../../src/alerting/alerts.ts';
import { openIngest } from '../../src/alerting/ingest.ts';
import type { PageEvent } from '../../src/alerting/pagerduty-events.ts';
import type { Patience } from '../../src/alerting/reconcile.ts';
import { openSilences, type Silences } from '../../src/alerting/silences.ts';
import { openSources, type Sources } from '../../src/alerting/sources.ts';
import type { AlertGroup } from '../../src/alerts/group.ts';
import type { SourceState } from '../../src/alerts/source.ts';
import type { Watchdog } from '../../src/alerts/surroundings.ts';
import { load } from '../../src/store/streams.ts';
import { type TestStore, testStore } from '../support/store.ts';
import { sourceOf } from './group-of.ts';

/** Webhooks, looks and silences of one source `prod`, between real Alertmanagers and a real database. */
export interface SourceSite {
  readonly store: TestStore;
  readonly alertmanagers: Alertmanager[];
  readonly alerts: Alerts;
  readonly sources: Sources;
  readonly silences: Silences;
  /** Which Alertmanager delivered, and whether its group fired, for each webhook. */
  readonly delivered: readonly string[];
  /** What PagerDuty was told. */
  readonly paged: readonly PageEvent[];
  /** Sends alerts to all Alertmanagers, as Prometheus does. */
  readonly fire: (...alerts: readonly PostedAlert[]) => Promise<void>;
  readonly look: () => Promise<void>;
  readonly groups: () => Promise<readonly AlertGroup[]>;
  readonly source: () => Promise<SourceState | undefined>;
  /** Lets time pass for Slipway alone. */
  readonly skip: (span: number) => void;
  readonly startAlertmanager: (name: string, options?: Partial<AlertmanagerOptions>) => Promise<Alertmanager>;
  readonly close: () => Promise<void>;
}

interface SourceSiteOptions {
  readonly peers?: number;
  /** Addresses that are asked instead of those of the Alertmanagers. */
  readonly addresses?: readonly string[];
  readonly alertmanager?: Partial<AlertmanagerOptions>;
  readonly patience?: Partial<Patience>;
  readonly watchdog?: Watchdog;
  /** In milliseconds; without it, what has not come is lost at once. */
  readonly driftAfter?: number;
}

/** Starts everything; without being told otherwise, Alertmanager is believed at once. */
export async function startSourceSite(options: SourceSiteOptions = {}): Promise<SourceSite> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-source-'));
  const store = await testStore();
  const log = pino({ level: process.env.TEST_LOG ?? 'silent' });
  const ports = await Promise.all(Array.from({ length: options.peers ?? 1 }, () => freePort()));
  const addresses = options.addresses ?? ports.map((port) => `http://127.0.0.1:${port}`);
  let passed = 0;
  const now = () => Date.now() + passed;
  const { watchdog, driftAfter = 0 } = options;
  const prod = sourceOf(addresses, { driftAfter, ...(watchdog && { watchdog }) });
  const alerts = openAlerts({
    pool: store.pool,
    config: {
      listen: { host: '127.0.0.1', port: 0 },
      maxBytes: 1_000_000,
      sources: { prod },
      settings: {
        routes: [{ name: 'all', match: [], channel: 'C0ONCALL' }],
        severities: {},
        quietHours: {},
        schedules: {},
        policies: {},
        flapping: { episodes: 50, within: 60_000 },
        relateWithin: 0,
        may: { respond: [], silence: [] },
        endSilences: false,
      },
    },
    now,
    nudge: () => undefined,
    changedSince: async () => [],
  });
  const apis = openAlertmanagers({ prod }, { now, limits: { time: 30_000 } });
  const paged: PageEvent[] = [];
  const sources = openSources({
    alerts,
    alertmanagers: apis,
    pager: { send: async (event) => void paged.push(event) },
    log,
    patience: { settled: 0, ...options.patience },
  });
  const delivered: string[] = [];
  const deliver: Alerts['deliver'] = async (source, delivery, via) => {
    const fires = delivery.alerts.some(({ status }) => status === 'firing');
    const done = await sources.deliver(source, delivery, via);
    delivered.push(`${delivery.externalUrl} ${fires ? 'firing' : 'resolved'}`);
    return done;
  };
  const ingest = await openIngest({ alerts: { ...alerts, deliver }, log });
  const started: Alertmanager[] = [];
  const start: SourceSite['startAlertmanager'] = async (name, more = {}) => {
    const one = await startAlertmanager({
      dir: join(dir, name),
      webhookUrl: `http://127.0.0.1:${ingest.port}/alerts/alertmanager/prod`,
      token: 'letmein',
      ...options.alertmanager,
      ...more,
    });
    started.push(one);
    return one;
  };
  const alertmanagers: Alertmanager[] = [];
  for (const [index, port] of ports.entries())
    alertmanagers.push(await start(`peer-${index}`, { port, ...options.alertmanager }));
  return {
    store,
    alertmanagers,
    alerts,
    sources,
    delivered,
    silences: openSilences({ alerts, alertmanagers: apis, now }),
    paged,
    fire: (...all) =>
      sendAlerts(
        alertmanagers.map(({ url }) => url),
        all,
      ),
    look: () => sources.look('prod'),
    groups: async () => {
      const { rows } = await store.pool.query<{ state: AlertGroup }>(
        "select state from streams where kind = 'alerts' order by created_at",
      );
      return rows.map(({ state }) => state);
    },
    source: async () => (await load<SourceState>(store.pool, 'source-prod'))?.state,
    skip: (span) => {
      passed += span;
    },
    startAlertmanager: start,
    close: async () => {
      await Promise.all(started.map((one) => one.kill()));
      await ingest.close();
      await store.drop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
