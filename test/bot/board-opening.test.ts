import type pg from 'pg';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { boardOf } from '../../src/alerts/board.ts';
import type { AlertGroup } from '../../src/alerts/group.ts';
import { digestMessage } from '../../src/bot/blocks/alerts/digest-message.ts';
import { groupMessage } from '../../src/bot/blocks/alerts/group-message.ts';
import { type Board, createBoard } from '../../src/bot/board.ts';
import { boardClaims } from '../../src/bot/board-claims.ts';
import type { Messages } from '../../src/bot/messages.ts';
import { createPace } from '../../src/bot/pace.ts';
import { Failure } from '../../src/errors.ts';
import { dropLease, takeLease } from '../../src/store/leases.ts';
import { load } from '../../src/store/streams.ts';
import { placesOf } from '../../src/store/surfaces.ts';
import { describeWith } from '../support/parts.ts';
import { until } from '../support/until.ts';
import { type BoardSite, channel, startBoardSite, warning } from './board-site.ts';

const log = pino({ level: 'silent' });

/** What the board of a process did, in its order: `post`, `edit`, `find`, and `look` for a look at all groups. */
type Done = 'post' | 'edit' | 'find' | 'look';

type Slack = 'answers' | 'is dark' | 'is not heard';

describeWith('local-slack', 'a group that opens', () => {
  let site: BoardSite | undefined;
  const boards: Board[] = [];

  afterEach(async () => {
    for (const board of boards.splice(0)) board.stop();
    await site?.stop();
    site = undefined;
  });

  const start = async (): Promise<BoardSite> => {
    site = await startBoardSite();
    return site;
  };
  /** The board of a process of its own. */
  const boardOfProcess = (
    own: BoardSite,
    { name = 'one', slack = (): Slack => 'answers' }: { name?: string; slack?: () => Slack } = {},
  ) => {
    const done: Done[] = [];
    const board = createBoard({
      pool: watched(own.store.pool, () => done.push('look')),
      now: Date.now,
      pace: createPace(),
      messages: told(own.messages, done, slack),
      log,
      claim: boardClaims(own.store.pool, name, log),
      episodes: async () => [],
      groupMessage,
      digestMessage,
      onFirstPost: () => undefined,
    });
    boards.push(board);
    return { board, done };
  };
  const drawn = (own: BoardSite, groups = 1) =>
    until('all are drawn', async () => names(own).length >= groups && (await own.undrawn()) === 0);

  test('in a calm channel is posted without a look at the others, once and as it is', async () => {
    const own = await start();
    const { board, done } = boardOfProcess(own);
    await board.draw(channel);
    done.length = 0;
    const { opened, commit } = own.opening('G0', warning());

    board.drawOpened(opened, commit());

    await drawn(own);
    await board.draw(channel);
    expect(done[0]).toBe('post');
    expect(done.filter((one) => one !== 'look')).toEqual(['post']);
    expect(names(own)).toEqual(['G0']);
    expect(await placesOf(own.store.pool, opened.group.id)).toMatchObject([
      { key: 'message-1', channel, postingSince: null },
    ]);
  });

  test('is not posted before it is committed', async () => {
    const own = await start();
    const { board, done } = boardOfProcess(own);
    await board.draw(channel);
    done.length = 0;
    const { opened, commit } = own.opening('G0', warning());
    let say = (_: boolean): void => undefined;
    const committed = new Promise<boolean>((resolve) => {
      say = resolve;
    });

    board.drawOpened(opened, committed);
    await until(
      'its post was noted',
      async () => (await placesOf(own.store.pool, opened.group.id)).length > 0,
    );
    // Time enough for a post, if one were made.
    for (let turn = 0; turn < 20; turn += 1) await own.undrawn();
    const before = [...done];
    say(await commit());

    await drawn(own);
    expect(before).not.toContain('post');
    expect(names(own)).toEqual(['G0']);
  });

  test('and takes long to be committed holds up no other, and is posted when it is', async () => {
    const own = await start();
    const { board, done } = boardOfProcess(own);
    await board.draw(channel);
    const { opened, commit } = own.opening('G0', warning());
    let say = (_: boolean): void => undefined;
    const committed = new Promise<boolean>((resolve) => {
      say = resolve;
    });

    board.drawOpened(opened, committed);
    await own.open('G1');
    board.drawNow(channel);
    await drawn(own);
    const before = names(own);
    say(await commit());

    await drawn(own, 2);
    expect(before).toEqual(['G1']);
    expect(names(own)).toEqual(['G1', 'G0']);
    expect(done.filter((one) => one === 'post')).toHaveLength(2);
  });

  test('while its process stops is left to the next one', async () => {
    const own = await start();
    const [one, other] = [boardOfProcess(own), boardOfProcess(own, { name: 'other' })];
    await one.board.draw(channel);
    const { opened, commit } = own.opening('G0', warning());

    one.board.stop();
    one.board.drawOpened(opened, commit());
    await until('it has opened', async () => (await own.undrawn()) === 1);
    await until('the channel is free', () =>
      other.board.draw(channel).then(
        () => true,
        () => false,
      ),
    );

    expect(one.done).not.toContain('post');
    expect(names(own)).toEqual(['G0']);
  });

  test('names its labels in the order in which they stand ever after', async () => {
    const own = await start();
    const { board } = boardOfProcess(own);
    await board.draw(channel);
    const labels = { cluster: 'eu', instance: 'db-1', job: 'node' };
    const { opened, commit } = own.opening('G0', warning({ groupLabels: labels, commonLabels: labels }));

    board.drawOpened(opened, commit());
    await until('it is posted', () => own.heads().length === 1);

    const loaded = await load<AlertGroup>(own.store.pool, opened.group.id);
    const [head] = loaded ? groupMessage({ group: loaded.state, episodes: [], now: Date.now() }) : [];
    expect(own.heads()).toEqual([head?.text]);
    expect(head?.text).toContain('job=node');
  });

  test.each([
    ['was not committed', async () => false],
    ['failed to be committed', async () => Promise.reject(new Error('connection lost'))],
  ])('and %s is not posted, and is when it opens after all', async (_, committed) => {
    const own = await start();
    const { board, done } = boardOfProcess(own);
    await board.draw(channel);
    const { opened, commit } = own.opening('G0', warning());

    board.drawOpened(opened, committed());
    await board.draw(channel);
    const before = [names(own), await placesOf(own.store.pool, opened.group.id)];
    board.drawOpened(opened, commit());

    await drawn(own);
    expect(before).toEqual([[], []]);
    expect(names(own)).toEqual(['G0']);
    expect(done.filter((one) => one !== 'look')).toEqual(['post']);
  });

  test('in a channel that this process has not seen calm is drawn in the order of all', async () => {
    const own = await start();
    const { board, done } = boardOfProcess(own);
    await own.open('G0');
    const { opened, commit } = own.opening('G1', warning());

    board.drawOpened(opened, commit());

    await drawn(own, 2);
    expect(done[0]).toBe('look');
    expect(names(own)).toEqual(['G0', 'G1']);
  });

  test('waits for a critical one that Slack did not take', async () => {
    const own = await start();
    let isDark = false;
    const { board } = boardOfProcess(own, { slack: () => (isDark ? 'is dark' : 'answers') });
    await board.draw(channel);
    isDark = true;
    await own.open('G0');
    await board.draw(channel).catch(() => undefined);
    isDark = false;
    const { opened, commit } = own.opening('G1', warning());

    board.drawOpened(opened, commit());

    await drawn(own, 2);
    expect(names(own)).toEqual(['G0', 'G1']);
  });

  test('is left to the process that draws the channel', async () => {
    const own = await start();
    const [one, other] = [boardOfProcess(own), boardOfProcess(own, { name: 'other' })];
    await one.board.draw(channel);
    await takeLease(own.store.pool, boardOf(channel), 'other', 60_000);
    const { opened, commit } = own.opening('G0', warning());

    one.board.drawOpened(opened, commit());
    await one.board.draw(channel).catch(() => undefined);
    const before = [names(own), await placesOf(own.store.pool, opened.group.id)];
    await other.board.draw(channel);

    expect(before).toEqual([[], []]);
    expect(one.done).not.toContain('post');
    expect(names(own)).toEqual(['G0']);
  });

  test('is not posted again where another process was faster', async () => {
    const own = await start();
    const [one, other] = [boardOfProcess(own), boardOfProcess(own, { name: 'other' })];
    await one.board.draw(channel);
    const { opened, commit } = own.opening('G0', warning());
    const committed = await commit();
    await other.board.draw(channel);

    one.board.drawOpened(opened, Promise.resolve(committed));
    await one.board.draw(channel);

    expect(one.done).not.toContain('post');
    expect(names(own)).toEqual(['G0']);
  });

  test('is posted once when the process dies between the post and its answer', async () => {
    const own = await start();
    const one = boardOfProcess(own, { slack: () => 'is not heard' });
    const other = boardOfProcess(own, { name: 'other' });
    await one.board.draw(channel);
    const { opened, commit } = own.opening('G0', warning());

    one.board.drawOpened(opened, commit());
    await until('it stands there', () => names(own).length > 0);
    one.board.stop();
    await dropLease(own.store.pool, boardOf(channel), 'one');
    await other.board.draw(channel);

    expect(other.done).toContain('find');
    expect(other.done).not.toContain('post');
    expect(names(own)).toEqual(['G0']);
    expect(await own.undrawn()).toBe(0);
  });
});

/** The groups that have a message of their own, however often. */
function names(shown: BoardSite): readonly string[] {
  return shown.heads().flatMap((text) => /^\S+ (G\d)/.exec(text)?.[1] ?? []);
}

/** A pool that tells when all groups of a channel are looked at. */
function watched(pool: pg.Pool, looked: () => void): pg.Pool {
  const query = (asked: pg.QueryConfig, ...values: [unknown[]?]) => {
    if (asked.name === 'undrawn-groups') looked();
    return pool.query(asked, ...values);
  };
  return Object.create(pool, { query: { value: query } });
}

/** Messages that tell what is done with them; what is not heard of was taken all the same. */
function told(messages: Messages, done: Done[], slack: () => Slack): Messages {
  const unheard = () => new Failure('slack-unreachable', 'The answer never came.');
  return {
    ...messages,
    post: async (...call) => {
      done.push('post');
      if (slack() === 'is dark') throw unheard();
      const at = await messages.post(...call);
      if (slack() === 'is not heard') throw unheard();
      return at;
    },
    update: (...call) => {
      done.push('edit');
      return messages.update(...call);
    },
    find: (...call) => {
      done.push('find');
      return messages.find(...call);
    },
  };
}
