import type { Logger } from 'pino';
import { again } from './again.ts';
import type { AlertMetrics } from './alerting/alert-metrics.ts';
import { openAlertmanagers } from './alerting/alertmanager.ts';
import { openAlerts } from './alerting/alerts.ts';
import { audit, type Finding } from './alerting/auditor.ts';
import { escalateWork } from './alerting/escalate.ts';
import { openIngest } from './alerting/ingest.ts';
import { openOnCall } from './alerting/on-call.ts';
import { pageWork } from './alerting/page.ts';
import { openPageDrift } from './alerting/pagerduty-drift.ts';
import { openPager } from './alerting/pagerduty-events.ts';
import { openPagerDutyRest } from './alerting/pagerduty-rest.ts';
import { forgetWebhooks, pagerdutyWebhook } from './alerting/pagerduty-webhook.ts';
import { refillGroups } from './alerting/refill-groups.ts';
import { refillSources } from './alerting/refill-sources.ts';
import { openSilences } from './alerting/silences.ts';
import { openSources } from './alerting/sources.ts';
import type { Episode } from './alerts/alert.ts';
import { messageKeyOf } from './alerts/board.ts';
import type { AlertGroup } from './alerts/group.ts';
import type { AlertsConfig } from './alerts/surroundings.ts';
import { digestMessage } from './bot/blocks/alerts/digest-message.ts';
import { groupMessage } from './bot/blocks/alerts/group-message.ts';
import { type Board, createBoard } from './bot/board.ts';
import { boardClaims } from './bot/board-claims.ts';
import type { BotParts } from './bot/bot-parts.ts';
import type { Groups } from './bot/groups.ts';
import type { Messages } from './bot/messages.ts';
import type { Pace } from './bot/pace.ts';
import { changedSince } from './engine/changed-since.ts';
import type { Runs } from './engine/runs.ts';
import type { Dispatcher } from './queue/dispatcher.ts';
import type { JobsByName, Queues } from './queue/queues.ts';
import { placesOf } from './store/surfaces.ts';

/** What alerting is opened from; `closers` are called the newest first. */
export interface AlertingSite {
  readonly config: AlertsConfig;
  readonly runs: Runs;
  /** Names this process among all. */
  readonly owner: string;
  /** Whether there is a runbook here for a group's alerts. */
  readonly hasRunbook: (group: AlertGroup, episodes: readonly Episode[]) => boolean;
  readonly queues: Queues;
  readonly dispatcher: Dispatcher;
  readonly groups: Groups;
  readonly messages: Messages;
  readonly pace: Pace;
  readonly metrics: AlertMetrics;
  readonly log: Logger;
  readonly closers: (readonly [name: string, close: () => Promise<unknown>])[];
}

/** What brings alerts to people, as the rest of the program needs it. */
export interface Alerting {
  readonly forBot: Required<Pick<BotParts, 'alerts' | 'silences' | 'onCall'>>;
  readonly board: Board;
  /** How many channels may have a board at work. */
  readonly channels: number;
  readonly calls: JobsByName;
  readonly timers: JobsByName;
}

/** How often the queue is compared with the groups, everything else is looked over, and what is old is forgotten, in milliseconds. */
const refillMs = 20_000;
const lookOverMs = 60_000;
const forgetMs = 3_600_000;

/** Opens what brings alerts to people in one straight line, each opening followed by its closer. */
export async function openAlerting(site: AlertingSite): Promise<Alerting> {
  const { config, runs, owner, queues, dispatcher, groups, messages, pace, metrics, log, closers } = site;
  const { pool, now } = runs.parts;
  const alerts = openAlerts({
    pool,
    config,
    now,
    nudge: (due) => {
      dispatcher.nudge(due);
      board.wake();
    },
    drawNow: (channel) => board.drawNow(channel),
    drawOpened: (opened, committed) => board.drawOpened(opened, committed),
    changedSince: (environment, since) => changedSince(runs, environment, since),
    observe: metrics.observe,
  });
  const board = createBoard({
    pool,
    messages,
    pace,
    now,
    log,
    episodes: alerts.episodes,
    claim: boardClaims(pool, owner, log),
    hasRunbook: site.hasRunbook,
    canDeclare: runs.parts.config.incidents !== undefined,
    groupMessage,
    digestMessage,
    onFirstPost: ({ severity, since }) => metrics.toSlack.observe({ severity }, (now() - since) / 1_000),
  });
  closers.push(['board', async () => board.stop()]);

  const alertmanagers = openAlertmanagers(config.sources, { now });
  const silences = openSilences({ alerts, now, alertmanagers });
  const { pagerduty } = config;
  const pager = openPager(pagerduty);
  const rest = pagerduty && openPagerDutyRest(pagerduty);
  const sources = openSources({ alerts, alertmanagers, pager, metrics, log });
  const link = async (group: AlertGroup): Promise<string | undefined> => {
    const place = (await placesOf(pool, group.id)).find(({ key }) => key === messageKeyOf(group));
    return place?.channel && place.ts ? messages.link(place.channel, place.ts) : undefined;
  };
  const page = pageWork({ alerts, pager, rest, users: pagerduty?.users ?? {}, link, metrics, log });

  const onCall = openOnCall({ config, pagerduty: rest?.turns, now });
  const keys = Object.keys(pagerduty?.keys ?? {});
  const { policies } = config.settings;
  const escalating = { alerts, policies, keys, onCall, members: groups.members, now };
  const refill = () => Promise.all([refillGroups(pool, queues, now()), refillSources(pool, queues, now())]);
  await refill();
  const auditing = { ...escalating, pool, log, found: ({ found }: Finding) => metrics.lost.inc({ found }) };
  const drift = rest && openPageDrift({ pool, alerts, pager, rest, log });
  closers.push(
    ['refill of alerts', again('refill of alerts', refillMs, refill, log)],
    ['auditor', again('auditor', lookOverMs, () => audit(auditing, now()), log)],
    ['pages', again('pages', lookOverMs, async () => drift?.(now()), log)],
    ['seen webhooks', again('seen webhooks', forgetMs, () => forgetWebhooks(pool, now()), log)],
  );

  const ingest = await openIngest({
    alerts: { ...alerts, deliver: sources.deliver },
    ...(pagerduty && { pagerduty: pagerdutyWebhook({ alerts, settings: pagerduty, rest, log }) }),
    metrics,
    log,
  });
  closers.push(['webhooks', () => ingest.close()], ['sources of alerts', sources.start()]);
  const channels = new Set(config.settings.routes.map(({ channel }) => channel)).size;
  return {
    forBot: { alerts, silences, onCall },
    board,
    channels,
    calls: { silence: silences.work, 'watchdog-page': sources.workOnPage, page },
    timers: { escalate: escalateWork(escalating) },
  };
}
