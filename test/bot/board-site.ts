import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { WebClient } from '@slack/web-api';
import { pino } from 'pino';
import { startWorkspace, type Workspace, type WorkspaceOptions } from '../../rehearsal/slack/workspace.ts';
import { boardOf } from '../../src/alerts/board.ts';
import type { AlertGroup, OpenedGroup } from '../../src/alerts/group.ts';
import { digestMessage } from '../../src/bot/blocks/alerts/digest-message.ts';
import { groupMessage } from '../../src/bot/blocks/alerts/group-message.ts';
import { type Board, createBoard } from '../../src/bot/board.ts';
import type { BoardDrawing, Claim } from '../../src/bot/board-calls.ts';
import { boltLog } from '../../src/bot/bolt-log.ts';
import { type Messages, slackMessages } from '../../src/bot/messages.ts';
import { createPace, type Rate, rates } from '../../src/bot/pace.ts';
import { createMetrics } from '../../src/metrics.ts';
import { append, load } from '../../src/store/streams.ts';
import { changeOf, countOf, type TestStore, testStore } from '../support/store.ts';
import { groupOf } from './blocks/alerts/sample-group.ts';

/** A board over a local Slack behind the strict gateway, and groups that a test opens and changes. */
export interface BoardSite {
  readonly store: TestStore;
  readonly workspace: Workspace;
  readonly board: Board;
  readonly messages: Messages;
  /** Opens a group of this name, as the rules would, unless `change` says otherwise; returns its id. */
  readonly open: (name: string, change?: Partial<AlertGroup>) => Promise<string>;
  /** A group that opens when it is committed. */
  readonly opening: (name: string, change?: Partial<AlertGroup>) => Opening;
  /** Something happens to a group. */
  readonly happen: (id: string, type: string, change: Partial<AlertGroup>) => Promise<void>;
  /** What stands in the channel and not in a thread, in the order of the channel. */
  readonly heads: () => readonly string[];
  /** Draws as the queue would: again after each failure and each change, until nothing is left; throws when the board left something. */
  readonly drawn: () => Promise<void>;
  readonly undrawn: () => Promise<number>;
  /** How often a group was loaded with all that its message shows. */
  readonly loads: () => number;
  readonly stop: () => Promise<void>;
}

interface Opening {
  readonly opened: OpenedGroup;
  readonly commit: () => Promise<boolean>;
}

/** The channel of the board. */
export const channel = 'C0ALERTS';

/** Starts everything; `speed` lets Slack's limits and our pace run faster by the same factor. */
export async function startBoardSite(
  options: {
    readonly speed?: number;
    readonly workspace?: Partial<WorkspaceOptions>;
    readonly groupMessage?: BoardDrawing['groupMessage'];
  } = {},
): Promise<BoardSite> {
  const { speed = 1 } = options;
  const store = await testStore();
  const dir = await mkdtemp(join(tmpdir(), 'slipway-board-'));
  const began = Date.now();
  const workspace = await startWorkspace({
    dir,
    limits: 'slack',
    now: () => began + (Date.now() - began) * speed,
    ...options.workspace,
  });
  const log = pino({ level: process.env.TEST_LOG ?? 'fatal' });
  const client = new WebClient(workspace.env.SLACK_BOT_TOKEN, {
    logger: boltLog(log),
    slackApiUrl: workspace.env.SLACK_API_URL,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 10_000,
  });
  const pace = createPace(undefined, faster(speed));
  const messages = slackMessages(client, pace, createMetrics({ depths: async () => noJobs }));
  const board = createBoard({
    claim: undisputed,
    pool: store.pool,
    now: Date.now,
    pace,
    messages,
    log,
    episodes: async () => {
      loads += 1;
      return [];
    },
    groupMessage: options.groupMessage ?? groupMessage,
    digestMessage,
    onFirstPost: () => undefined,
  });
  let loads = 0;
  const undrawn = async () => {
    const { rows } = await store.pool.query<{ count: number }>(
      'select count(*)::int as count from streams where drawn < version',
    );
    return rows[0]?.count ?? 0;
  };
  let openedLast = 0;
  const opening = (name: string, change: Partial<AlertGroup> = {}): Opening => {
    const id = `group-${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
    // Two that open within the same millisecond have no order.
    const at = Math.max(Date.now(), openedLast + 1);
    openedLast = at;
    const labels = { alertname: name };
    const group = groupOf({
      id,
      groupLabels: labels,
      commonLabels: labels,
      commonAnnotations: {},
      openedAt: at,
      changes: [],
      ...change,
    });
    const events = [{ type: 'GroupOpened', at }];
    return {
      opened: { group, version: events.length, episodes: [], happened: events.map(({ type }) => type) },
      commit: async () => {
        const written = changeOf(id, { kind: 'alerts', state: group, draws: boardOf(channel), events });
        return (await append(store.pool, [written])) === 'appended';
      },
    };
  };
  return {
    store,
    workspace,
    opening,
    board,
    messages,
    undrawn,
    loads: () => loads,
    heads: () =>
      workspace.people
        .messages(channel)
        .filter(({ thread_ts }) => thread_ts === undefined)
        .map(({ text }) => text),
    open: async (name, change) => {
      const { opened, commit } = opening(name, change);
      await commit();
      board.wake();
      return opened.group.id;
    },
    happen: async (id, type, change) => {
      const loaded = await load<AlertGroup>(store.pool, id);
      if (loaded === undefined) throw new Error(`there is no ${id}`);
      const { state, version, hash } = loaded;
      await append(store.pool, [
        changeOf(id, {
          kind: 'alerts',
          from: { version, hash },
          state: { ...state, ...change },
          draws: boardOf(channel),
          events: [{ type, at: Date.now() }],
        }),
      ]);
      board.wake();
    },
    drawn: async () => {
      for (;;) {
        const before = await countOf(store.pool, 'events');
        const isDone = await board.draw(channel).then(
          () => true,
          () => false,
        );
        if ((await undrawn()) === 0) return;
        if (!isDone) await delay(300);
        else if ((await countOf(store.pool, 'events')) === before)
          throw new Error('the board left something');
      }
    },
    stop: async () => {
      board.stop();
      await workspace.stop();
      await store.drop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** A group that is not so bad. */
export function warning(change: Partial<AlertGroup> = {}): Partial<AlertGroup> {
  return { routing: { route: 'usual', channel, severity: 'warning' }, ...change };
}

const noJobs = { phases: 0, timers: 0, views: 0, calls: 0 };

/** A pace and its limits, so many times as fast. */
export function faster(speed: number): Readonly<Record<keyof typeof rates, Rate>> {
  const of = (rate: Rate): Rate => ({ ...rate, perSecond: rate.perSecond * speed });
  return {
    'chat.postMessage': of(rates['chat.postMessage']),
    'chat.update': of(rates['chat.update']),
    'conversations.history': of(rates['conversations.history']),
    'conversations.replies': of(rates['conversations.replies']),
    'views.publish': of(rates['views.publish']),
  };
}

/** A claim as a process has it that is alone. */
export const undisputed = async (): Promise<Claim> => ({
  isNoted: false,
  holds: () => true,
  release: async () => undefined,
});
