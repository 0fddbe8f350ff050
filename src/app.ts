import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { WebClient } from '@slack/web-api';
import pg from 'pg';
import type { Logger } from 'pino';
import { createAlertMetrics } from './alerting/alert-metrics.ts';
import { channelOf } from './alerts/board.ts';
import { isSource } from './alerts/source.ts';
import { type AlertingSite, openAlerting } from './app-alerting.ts';
import { openResponse } from './app-response.ts';
import { boltLog } from './bot/bolt-log.ts';
import { openBot } from './bot/bot.ts';
import { createDrawer } from './bot/draw.ts';
import { slackGroups } from './bot/groups.ts';
import { createHomes } from './bot/home/home.ts';
import { slackMessages } from './bot/messages.ts';
import { createPace } from './bot/pace.ts';
import { pictureOf } from './bot/picture-of.ts';
import { sourcePicture } from './bot/source-picture.ts';
import type { Config } from './config.ts';
import { phaseProcess } from './engine/phase-process.ts';
import { refill } from './engine/refill.ts';
import { resumeRuns } from './engine/resume-runs.ts';
import { openRuns } from './engine/runs.ts';
import { timerProcess } from './engine/timers.ts';
import { createMetrics, serveMetrics } from './metrics.ts';
import { startDispatcher } from './queue/dispatcher.ts';
import { type JobsByName, openQueues, unhurried } from './queue/queues.ts';
import { walkProcess } from './response/walk-process.ts';
import { openWalkthroughs } from './response/walkthroughs.ts';
import { openLibrary } from './runbooks/library.ts';
import { runbookForGroup } from './runbooks/resolve.ts';
import { versionResolver } from './source/resolve-version.ts';
import { findStep, steps } from './steps/registry.ts';
import { startEmbeddedPostgres } from './store/embedded-postgres.ts';
import { migrate } from './store/migrate.ts';
import { reach } from './store/reach.ts';
import { fingerprintKey } from './store/record.ts';

/** Which part of the work this process does: everything, or only phases beside a process that does everything. */
export interface Part {
  readonly bot: boolean;
}

/** A running Slipway. */
export interface App {
  /** Stops taking work, lets steps in flight be taken over, and closes everything, newest first. */
  readonly close: () => Promise<void>;
}

/** How often the queue is compared with the streams, and the outbox swept, in milliseconds. */
const refillMs = 5_000;
const sweepMs = 2_000;

/**
 * Opens everything in one straight line, each opening followed by its closer; when one fails, what was opened is closed.
 * Throws `store-unreachable`, `queue-unreachable`, `slack-unreachable` or `slack-refused`.
 */
export async function openApp(config: Config, part: Part, log: Logger): Promise<App> {
  const closers: (readonly [name: string, close: () => Promise<unknown>])[] = [];
  const close = async (): Promise<void> => {
    for (const [name, closer] of closers.splice(0).reverse()) {
      await closer().catch((error: unknown) => log.error({ error, name }, 'not closed'));
    }
  };
  try {
    const databaseUrl = config.databaseUrl?.reveal() ?? (await embedded(config, closers));
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 16 });
    closers.push(['pool', () => pool.end()]);
    pool.on('error', (error) => log.warn({ error: error.message }, 'database connection lost'));
    await reach(pool, databaseUrl);
    await migrate(pool);

    const queues = await openQueues({
      redisUrl: config.redisUrl?.reveal(),
      databaseUrl,
      prefix: 'slipway',
      lockMs: config.leaseMs,
      log,
    });
    closers.push(['queues', () => queues.close()]);
    const now = () => Date.now();
    const handover = new pg.Pool({ connectionString: databaseUrl, max: 2, options: unhurried });
    closers.push(['handover', () => handover.end()]);
    handover.on('error', (error) => log.warn({ error: error.message }, 'database connection lost'));
    const dispatcher = startDispatcher(handover, queues, { now, sweepMs, log });
    closers.push(['dispatcher', () => dispatcher.close()]);

    const runs = openRuns({
      pool,
      config,
      now,
      steps,
      findStep,
      fingerprintKey: await fingerprintKey(pool),
      resolve: versionResolver(process.env),
      nudge: dispatcher.nudge,
    });
    await resumeRuns(runs);
    const walkthroughs = openWalkthroughs(runs);
    const owner = `${hostname()}/${process.pid}/${randomUUID()}`;
    const phases = phaseProcess(runs, { owner, newId: randomUUID, log });
    closers.push(['phases', () => phases.stop()]);
    const walks = walkProcess({ runs, walkthroughs, owner, newId: randomUUID, log });
    closers.push(['steps of runbooks', () => walks.stop()]);

    const metrics = createMetrics(queues);
    if (config.metricsPort !== undefined) {
      closers.push(['metrics', await serveMetrics(metrics.registry, config.metricsPort)]);
    }

    if (part.bot) {
      const client = new WebClient(config.slack.botToken.reveal(), {
        logger: boltLog(log),
        ...(config.slack.apiUrl === undefined ? {} : { slackApiUrl: config.slack.apiUrl }),
        // Drawing keeps its own pace and knows what an uncertain answer means; a retry here would hide it.
        retryConfig: { retries: 0 },
        rejectRateLimitedCalls: true,
        timeout: 10_000,
      });
      const pace = createPace();
      const messages = slackMessages(client, pace, metrics);
      const groups = slackGroups(config.groups, client, now);
      const picture = (stream: string) =>
        response.picture(stream) ??
        (isSource(stream) ? sourcePicture(pool, stream) : pictureOf(runs, stream));
      const drawer = createDrawer({ pool, messages, pace, now, log, picture });
      closers.push(['drawer', async () => drawer.stop()]);
      const alertMetrics = createAlertMetrics(metrics.registry);
      const library = await openLibrary(join(config.runbooks, 'incidents'), { now, log });
      closers.push(['runbooks', () => library.close()]);
      const shared = { runs, owner, queues, dispatcher, groups, messages, pace, log, closers };
      const hasRunbook: AlertingSite['hasRunbook'] = (group, episodes) =>
        runbookForGroup(library, group, episodes) !== undefined;
      const alerting =
        config.alerts &&
        (await openAlerting({ ...shared, config: config.alerts, metrics: alertMetrics, hasRunbook }));
      const response = await openResponse({
        settings: config.incidents,
        library,
        walkthroughs,
        ...{ runs, queues, groups, messages, client, log, closers },
        onCall: alerting?.forBot.onCall,
        alerts: alerting?.forBot.alerts,
      });
      // A board at work keeps its place until its channel has calmed down, which must not hold up anything else.
      const places = 8 + (alerting?.channels ?? 0);
      await queues.work('views', places, async ({ data }) => {
        const stream = String(data.stream);
        const channel = channelOf(stream);
        await (channel === undefined ? drawer.draw(stream) : alerting?.board.draw(channel));
      });
      const ofRuns = timerProcess(runs);
      const timers = { ...alerting?.timers, ...response.timers };
      await queues.work('timers', 4, async (job) => (timers[job.name] ?? (() => ofRuns(job)))(job.data));
      const calls: JobsByName = { ...alerting?.calls, ...response.calls };
      await queues.work('calls', 8, async ({ name, data }) => {
        const work = calls[name];
        if (work === undefined) throw new RangeError(`nothing here works on a job ${name}`);
        await work(data);
      });
      const parts = {
        ...{ runs, groups, messages, client, metrics, log, now },
        ...alerting?.forBot,
        ...response.forBot,
      };
      const homes = createHomes(parts, pace);
      const bot = await openBot(config.slack, parts, homes);
      closers.push(['bot', () => bot.close()], ['home tabs', homes.start()]);
    }
    await queues.work('phases', config.concurrency, (job) =>
      job.name === 'walk-step' ? walks.process(job.data) : phases.process(job),
    );
    await refill(pool, queues, now());
    const timer = setInterval(() => {
      refill(pool, queues, now()).catch((error: unknown) => log.warn({ error }, 'queue not refilled'));
    }, refillMs);
    closers.push(['refill', async () => clearInterval(timer)]);
    return { close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function embedded(
  config: Config,
  closers: (readonly [name: string, close: () => Promise<unknown>])[],
): Promise<string> {
  const postgres = await startEmbeddedPostgres({
    dir: join(config.dataDir, 'postgres'),
    databases: ['slipway'],
  });
  closers.push(['embedded PostgreSQL', () => postgres.stop()]);
  return postgres.url;
}
