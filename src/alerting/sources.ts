import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { AlertMetrics } from './alert-metrics.ts';
import type { Alertmanagers } from './alertmanager.ts';
import type { Alerts } from './alerts.ts';
import { createLooker } from './look.ts';
import type { Pager } from './pagerduty-events.ts';
import type { Patience } from './reconcile.ts';
import { sourceStream } from './source-streams.ts';
import { listenToWatchdog, WatchdogPageJob } from './watchdog.ts';

/** What sources of alerts need of the rest. */
export interface SourcesParts {
  readonly alerts: Alerts;
  readonly alertmanagers: Alertmanagers;
  readonly pager: Pager;
  readonly metrics?: Pick<AlertMetrics, 'drift'>;
  readonly log: Logger;
  readonly patience?: Partial<Patience>;
  /** How often the watchdogs are looked for, in milliseconds. */
  readonly checkEvery?: number;
}

/** The sources of alerts, apart from the alerts themselves: whether they answer, what they lost, and their watchdogs. */
export interface Sources {
  /** As `deliver` of the alerts, but a watchdog is only heard: webhooks come in by this way. */
  readonly deliver: Alerts['deliver'];
  /** Works on a job `watchdog-page` of the queue `calls` (data: source, turn). Throws what trying again may help. */
  readonly workOnPage: (data: unknown) => Promise<void>;
  /** Looks once at a source's Alertmanagers and repairs what it can; does nothing for a source without any. */
  readonly look: (source: string) => Promise<void>;
  /** Looks once whether all watchdogs were heard lately. */
  readonly checkWatchdogs: () => Promise<void>;
  /** Begins to look at everything again and again; gives how to stop that, which waits for looks that are under way. */
  readonly start: () => () => Promise<void>;
}

/** How long an Alertmanager must have run to be believed that something is no longer there, in milliseconds. */
const settled = 300_000;

/** Binds the sources of the configuration to their Alertmanagers, streams and watchdogs. */
export function openSources(parts: SourcesParts): Sources {
  const { alerts, alertmanagers, pager, metrics, log, checkEvery = 15_000 } = parts;
  const { config, now } = alerts.parts;
  const all = new Map(
    Object.values(config.sources).map((source) => {
      const stream = sourceStream(alerts, source);
      const patience = { settled, unreached: source.driftAfter, ...parts.patience };
      const looker = createLooker({
        alerts,
        source,
        patience,
        api: alertmanagers(source.name),
        tell: async (news) => {
          if (news.type === 'Compare') metrics?.drift.set({ source: source.name }, news.count);
          await stream.tell(news);
        },
      });
      const watchdog = listenToWatchdog({ source, stream, deliver: alerts.deliver, pager, now });
      return [source.name, { source, looker, watchdog }];
    }),
  );
  const look = async (name: string): Promise<void> => {
    const one = all.get(name);
    if (one !== undefined && one.source.alertmanagers.length > 0) await one.looker.look();
  };
  const checkWatchdogs = async (): Promise<void> => {
    for (const { watchdog } of all.values()) await watchdog.check();
  };
  return {
    deliver: async (name, delivery, via) => {
      const take = all.get(name)?.watchdog.take ?? alerts.deliver;
      return take(name, delivery, via);
    },
    workOnPage: async (data) => {
      const { source, turn } = WatchdogPageJob.parse(data);
      await all.get(source)?.watchdog.page(turn);
    },
    look,
    checkWatchdogs,
    start: () => {
      const stopping = new AbortController();
      const { signal } = stopping;
      const again = async (every: number, what: string, work: () => Promise<void>): Promise<void> => {
        while (!signal.aborted) {
          // A look that fails tells of itself, and the next one may be better.
          await work().catch((error: unknown) => log.warn({ error, what }, 'a source was not looked at'));
          await delay(every, undefined, { signal }).catch(() => undefined);
        }
      };
      const running = [
        again(checkEvery, 'watchdogs', checkWatchdogs),
        ...[...all.values()]
          .filter(({ source }) => source.alertmanagers.length > 0)
          .map(({ source }) => again(source.pollEvery, source.name, () => look(source.name))),
      ];
      return async () => {
        stopping.abort();
        await Promise.all(running);
      };
    },
  };
}
