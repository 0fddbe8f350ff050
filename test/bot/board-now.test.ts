import type pg from 'pg';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { boardOf } from '../../src/alerts/board.ts';
import { digestMessage } from '../../src/bot/blocks/alerts/digest-message.ts';
import { groupMessage } from '../../src/bot/blocks/alerts/group-message.ts';
import { type Board, createBoard } from '../../src/bot/board.ts';
import { boardClaims } from '../../src/bot/board-claims.ts';
import { createPace } from '../../src/bot/pace.ts';
import { takeLease } from '../../src/store/leases.ts';
import { describeWith } from '../support/parts.ts';
import { until } from '../support/until.ts';
import { type BoardSite, channel, startBoardSite, warning } from './board-site.ts';

const log = pino({ level: 'silent' });

describeWith('local-slack', 'a board that is drawn at once', () => {
  let site: BoardSite | undefined;
  const boards: Board[] = [];

  afterEach(async () => {
    for (const board of boards.splice(0)) board.stop();
    await site?.stop();
    site = undefined;
  });

  /** The board of another process, which shares the database and the workspace. */
  const boardOfProcess = (
    { store, messages }: BoardSite,
    owner: string,
    pool: pg.Pool = store.pool,
  ): Board => {
    const board = createBoard({
      pool,
      now: Date.now,
      pace: createPace(),
      messages,
      log,
      claim: boardClaims(store.pool, owner, log),
      episodes: async () => [],
      groupMessage,
      digestMessage,
      onFirstPost: () => undefined,
    });
    boards.push(board);
    return board;
  };
  /** The groups that have a message of their own, however often. */
  const names = (shown: BoardSite) => shown.heads().flatMap((text) => /^\S+ (G\d)/.exec(text)?.[1] ?? []);

  test('shows what was committed while it was at work, each group once, without a job', async () => {
    const own = await startBoardSite({ speed: 10 });
    site = own;
    for (let index = 0; index < 6; index += 1) {
      await own.open(`G${index}`, warning());
      own.board.drawNow(channel);
      own.board.drawNow(channel);
    }

    await until('all are drawn', async () => (await own.undrawn()) === 0);

    expect(names(own).toSorted()).toEqual(['G0', 'G1', 'G2', 'G3', 'G4', 'G5']);
    expect(own.workspace.gateway.violations).toEqual([]);
  });

  test('looks again when something was committed after its last look', async () => {
    const own = await startBoardSite();
    site = own;
    const looks = held(own.store.pool);
    const board = boardOfProcess(own, 'own', looks.pool);

    board.drawNow(channel);
    await until('it has looked', () => looks.seen() > 0);
    await own.open('G0', warning());
    board.drawNow(channel);
    looks.letGo();

    await until('it is drawn', async () => (await own.undrawn()) === 0);
    expect(names(own)).toEqual(['G0']);
  });

  test('is drawn by one of two processes at a time, so that nothing is posted twice', async () => {
    const own = await startBoardSite({ speed: 10 });
    site = own;
    const [one, other] = [boardOfProcess(own, 'one'), boardOfProcess(own, 'other')];
    for (let index = 0; index < 5; index += 1) await own.open(`G${index}`, warning());

    const outcomes = await Promise.allSettled([one.draw(channel), other.draw(channel)]);
    await until('all are drawn', async () => {
      await other.draw(channel).catch(() => undefined);
      return (await own.undrawn()) === 0;
    });

    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([
      { status: 'rejected', reason: expect.objectContaining({ code: 'fenced' }) },
    ]);
    expect(names(own).toSorted()).toEqual(['G0', 'G1', 'G2', 'G3', 'G4']);
  });

  test('waits for a process that died for no longer than its claim lasts', async () => {
    const own = await startBoardSite();
    site = own;
    const board = boardOfProcess(own, 'alive');
    await own.open('G0', warning());
    await takeLease(own.store.pool, boardOf(channel), 'dead', 1_500);

    const refused = await board.draw(channel).catch((error: unknown) => error);
    await until('the claim is over', () =>
      board.draw(channel).then(
        () => true,
        () => false,
      ),
    );

    expect(refused).toMatchObject({ code: 'fenced' });
    expect(names(own)).toEqual(['G0']);
  });
});

/** A pool that keeps what a look at the groups has found until it is let go. */
function held(pool: pg.Pool) {
  let letGo = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let seen = 0;
  const query = async (asked: pg.QueryConfig, ...values: [unknown[]?]) => {
    const found = await pool.query(asked, ...values);
    if (asked.name === 'undrawn-groups') {
      seen += 1;
      await gate;
    }
    return found;
  };
  const slow: pg.Pool = Object.create(pool, { query: { value: query } });
  return { pool: slow, seen: () => seen, letGo: () => letGo() };
}
