import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AlertGroup } from '../../src/alerts/group.ts';
import { groupMessage } from '../../src/bot/blocks/alerts/group-message.ts';
import { load } from '../../src/store/streams.ts';
import { describeWith } from '../support/parts.ts';
import { until } from '../support/until.ts';
import { type BoardProcess, type Slack, startBoardProcess } from './board-process.ts';
import { type BoardSite, channel, startBoardSite, warning } from './board-site.ts';

const log = pino({ level: process.env.TEST_LOG ?? 'silent' });
const carol = { via: 'slack', id: 'U0CAROL' } as const;

/** What comes of a group's commit: its process may not hear of it, or another process was faster. */
type Commit = 'is heard' | 'is not heard' | 'is of another' | 'is never';

type Move =
  | { readonly kind: 'open'; readonly commit: Commit; readonly isCritical: boolean; readonly by: number }
  | {
      readonly kind: 'change';
      readonly which: number;
      readonly to: 'acknowledged' | 'resolved' | 'flaps';
      readonly by: number;
    }
  | { readonly kind: 'draw' | 'die' | 'stop'; readonly by: number }
  | { readonly kind: 'slack'; readonly is: Slack; readonly by: number };

interface Step {
  readonly move: Move;
  /** How long nothing else happens afterwards, in milliseconds; not even a turn when undefined. */
  readonly pause: number | undefined;
}

const by = fc.nat(1);
const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('open' as const),
      commit: fc.constantFrom<Commit[]>('is heard', 'is heard', 'is not heard', 'is of another', 'is never'),
      isCritical: fc.boolean(),
      by,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('change' as const),
      which: fc.nat(3),
      to: fc.constantFrom('acknowledged' as const, 'resolved' as const, 'flaps' as const),
      by,
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('draw' as const), by }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('die' as const, 'stop' as const), by }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('slack' as const),
      is: fc.constantFrom<Slack[]>('answers', 'answers', 'is dark', 'is not heard', 'is busy'),
      by,
    }),
  },
);
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({ move, pause: fc.constantFrom(undefined, undefined, 0, 5, 40) }),
  { minLength: 5, maxLength: 20, size: 'max' },
);

describeWith('local-slack', 'whatever becomes of two processes that draw one channel', () => {
  let site: BoardSite;
  let groups = 0;
  let processes = 0;

  beforeAll(async () => {
    site = await startBoardSite({ workspace: { limits: 'off' } });
  });
  afterAll(() => site.stop());

  test('each group has one message in the end, which shows it as it is', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (story) => {
        const ids = await play(story);

        for (const [name, id] of ids) {
          const loaded = await load<AlertGroup>(site.store.pool, id);
          if (loaded === undefined) throw new Error(`there is no ${name}`);
          const [head] = groupMessage({ group: loaded.state, episodes: [], now: Date.now() });
          const shown = site.heads().filter((text) => text.includes(` ${name} `));
          expect(shown, name).toEqual([head?.text]);
        }
        expect(await site.undrawn()).toBe(0);
        expect(await strays(site)).toEqual([]);
      }),
      { numRuns: 12, endOnFailure: true },
    );
  }, 240_000);

  /** Plays a story and lets everything calm down; returns the groups that opened. */
  async function play(story: readonly Step[]): Promise<ReadonlyMap<string, string>> {
    const start = (): BoardProcess => startBoardProcess(site, `process ${++processes}`, log);
    const alive = [start(), start()];
    const opened = new Map<string, string>();
    const under: Promise<unknown>[] = [];
    const at = (index: number): BoardProcess => alive[index % 2] ?? start();
    for (const process of alive) await process.board.draw(channel);
    for (const { move, pause } of story) {
      const process = at(move.by);
      switch (move.kind) {
        case 'open': {
          const name = `G${++groups}`;
          const { opened: group, commit } = site.opening(name, move.isCritical ? {} : warning());
          const committing = move.commit === 'is never' ? Promise.resolve(false) : commit();
          process.board.drawOpened(group, heard(committing, move.commit));
          under.push(committing);
          await committing;
          if (move.commit === 'is never') break;
          opened.set(name, group.group.id);
          if (move.commit === 'is of another') at(move.by + 1).board.drawNow(channel);
          break;
        }
        case 'change': {
          const id = [...opened.values()].at(-1 - move.which);
          if (id === undefined) break;
          await change(id, move.to);
          process.board.drawNow(channel);
          break;
        }
        case 'draw':
          under.push(process.board.draw(channel).catch(() => undefined));
          break;
        case 'die':
          await process.die();
          alive[move.by] = start();
          break;
        case 'stop':
          process.board.stop();
          alive[move.by] = start();
          break;
        case 'slack':
          process.slack = move.is;
      }
      if (pause !== undefined) await delay(pause);
    }
    for (const process of alive) process.slack = 'answers';
    // As the queue would: each change has its job, which goes to any process and is tried again.
    for (let turn = 0; ; turn += 1) {
      const process = at(turn);
      const isDrawn = await process.board.draw(channel).then(
        () => true,
        () => false,
      );
      if (isDrawn && (await site.undrawn()) === 0) break;
      if (turn > 2_000) throw new Error('the boards left something');
      await delay(5);
    }
    await Promise.all(under);
    for (const process of alive) process.board.stop();
    await until('all are idle', () => alive.every((process) => process.isIdle()));
    return opened;
  }

  async function change(id: string, to: 'acknowledged' | 'resolved' | 'flaps'): Promise<void> {
    const { state } = (await load<AlertGroup>(site.store.pool, id)) ?? {};
    if (state === undefined) return;
    const now = Date.now();
    const isFiring = state.status === 'firing';
    if (to === 'acknowledged' && isFiring) {
      await site.happen(id, 'Acknowledged', { acknowledged: { by: carol, at: now } });
    } else if (to === 'resolved' && isFiring) {
      await site.happen(id, 'GroupClosed', { status: 'resolved', closedAt: now, closedBecause: 'resolved' });
    } else if (to === 'flaps' && !isFiring) {
      await site.happen(id, 'GroupOpened', { status: 'firing', round: state.round + 1, flapping: true });
    }
  }
});

async function heard(committing: Promise<boolean>, commit: Commit): Promise<boolean> {
  const isCommitted = await committing;
  if (commit === 'is not heard') throw new Error('connection lost');
  return isCommitted && commit === 'is heard';
}

/** Messages that are noted of groups that never opened. */
async function strays({ store }: BoardSite): Promise<readonly string[]> {
  const { rows } = await store.pool.query<{ stream: string }>(
    "select stream from surfaces where stream like 'group-%' and stream not in (select id from streams)",
  );
  return rows.map(({ stream }) => stream);
}
