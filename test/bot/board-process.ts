import { WebAPIRateLimitedError } from '@slack/web-api';
import type pg from 'pg';
import type { Logger } from 'pino';
import { digestMessage } from '../../src/bot/blocks/alerts/digest-message.ts';
import { groupMessage } from '../../src/bot/blocks/alerts/group-message.ts';
import { type Board, createBoard } from '../../src/bot/board.ts';
import { boardClaims } from '../../src/bot/board-claims.ts';
import type { Messages } from '../../src/bot/messages.ts';
import { createPace } from '../../src/bot/pace.ts';
import { Failure } from '../../src/errors.ts';
import { type BoardSite, faster } from './board-site.ts';

/** How Slack treats a process: it answers, hears nothing of it, is not heard by it, or has had enough of it. */
export type Slack = 'answers' | 'is dark' | 'is not heard' | 'is busy';

/** A process that draws boards, as far as Slack and the database can tell. */
export interface BoardProcess {
  readonly board: Board;
  slack: Slack;
  /** Ends it as SIGKILL does: what it has sent arrives, nothing else happens, and nothing is given back. What it claimed runs out. */
  readonly die: () => Promise<void>;
  readonly isIdle: () => boolean;
}

/** Starts one by a name that no other had, with a pace that does not make a test wait. */
export function startBoardProcess({ store, messages }: BoardSite, name: string, log: Logger): BoardProcess {
  let isDead = false;
  const sent = new Set<Promise<unknown>>();
  const living = async <T>(call: () => Promise<T>): Promise<T> => {
    if (isDead) throw new Error('the process is dead');
    const answer = call();
    sent.add(answer);
    try {
      const value = await answer;
      if (isDead) throw new Error('the process is dead');
      return value;
    } finally {
      sent.delete(answer);
    }
  };
  const query = (...asked: [pg.QueryConfig, [unknown[]?]]) => living(() => store.pool.query(...asked));
  const pool: pg.Pool = Object.create(store.pool, { query: { value: query } });
  const pace = createPace(undefined, faster(200));
  const board = createBoard({
    pool,
    now: Date.now,
    pace,
    messages: treated(messages, () => process.slack, living),
    log,
    claim: boardClaims(pool, name, log),
    episodes: async () => [],
    groupMessage,
    digestMessage,
    onFirstPost: () => undefined,
  });
  const process: BoardProcess = {
    board,
    slack: 'answers',
    die: async () => {
      isDead = true;
      board.stop();
      await Promise.allSettled(sent);
      await store.pool.query('delete from leases where owner = $1::text', [name]);
    },
    isIdle: () => sent.size === 0,
  };
  return process;
}

/** Messages of a process that Slack treats so. */
function treated(
  messages: Messages,
  slack: () => Slack,
  living: <T>(call: () => Promise<T>) => Promise<T>,
): Messages {
  const told = async <T>(call: () => Promise<T>): Promise<T> => {
    const cause = new WebAPIRateLimitedError(1);
    if (slack() === 'is busy') throw new Failure('slack-unreachable', 'Too many calls.', { cause });
    if (slack() === 'is dark') throw new Failure('slack-unreachable', 'Nobody is there.');
    const answer = await living(call);
    if (slack() === 'is not heard') throw new Failure('slack-unreachable', 'The answer never came.');
    return answer;
  };
  return {
    ...messages,
    post: (...call) => told(() => messages.post(...call)),
    update: (...call) => told(() => messages.update(...call)),
    find: (...call) => told(() => messages.find(...call)),
  };
}
