import { setTimeout as delay } from 'node:timers/promises';
import { sha256 } from '../../canonical.ts';
import { Failure } from '../../errors.ts';
import { homesSince, newestChange, noteHomeDrawn, noteOpened } from '../../store/homes.ts';
import { homeBlocks } from '../blocks/home/home-blocks.ts';
import type { HomeFacts } from '../blocks/home/home-facts.ts';
import type { BotParts } from '../bot-parts.ts';
import { oneAtATime } from '../one-at-a-time.ts';
import type { Pace } from '../pace.ts';
import { type FactParts, homeFacts, homePerson, type Links } from './home-facts.ts';

/** What home tabs are drawn with. */
export interface HomesParts extends FactParts, Pick<BotParts, 'log'> {
  readonly messages: Pick<BotParts['messages'], 'link' | 'publish'>;
}

/** The home tabs of everybody. */
export interface Homes {
  /** Somebody opened theirs: it is drawn now, and kept fresh for a while. */
  readonly opened: (person: string) => Promise<void>;
  /** Draws those that differ until it is stopped, which waits for the call in flight. */
  readonly start: () => () => Promise<void>;
}

/** How often it is asked whether anything has changed, and how often all is drawn although nothing seems to have, in milliseconds. */
const lookEvery = 2_000;
const anyway = 60_000;

/** With many people drawing takes a while, and the last must not be shown what the first was, in milliseconds. */
const staleAfter = 5_000;

/** For how long after somebody opened theirs it is kept fresh: Slack tells of each time that it is opened. */
const kept = 12 * 3_600_000;

/** Home tabs over Slack's `views.publish`, within its limits; what is not drawn for now is drawn at the next look. */
export function createHomes(bot: HomesParts, pace: Pace): Homes {
  const { pool } = bot.runs.parts;
  const links: Links = new Map();
  const inTurn = oneAtATime();

  const draw = async (person: string, facts: HomeFacts, shown: string | undefined): Promise<void> => {
    const blocks = homeBlocks(await homePerson(bot, person), facts);
    const digest = sha256(blocks);
    if (digest === shown) return;
    await pace.turn('views.publish', person, shown === undefined);
    await bot.messages.publish(person, blocks);
    await noteHomeDrawn(pool, { person, digest }, bot.now());
  };
  const drawAll = async (isStopped: () => boolean): Promise<void> => {
    const homes = await homesSince(pool, bot.now() - kept);
    if (homes.length === 0) return;
    let facts = await homeFacts(bot, links);
    for (const { person, digest } of homes) {
      if (isStopped()) return;
      if (bot.now() - facts.now > staleAfter) facts = await homeFacts(bot, links);
      await inTurn(person, () => draw(person, facts, digest)).catch(async (error: unknown) => {
        if (!(error instanceof Failure) || error.code !== 'slack-refused') throw error;
        // One whom Slack refuses, such as somebody who has left, must not keep the others from theirs.
        bot.log.warn({ error, person }, 'home tab refused');
        await noteHomeDrawn(pool, { person, digest }, bot.now());
      });
    }
  };
  return {
    opened: async (person) => {
      await noteOpened(pool, person, bot.now());
      await inTurn(person, async () => draw(person, await homeFacts(bot, links), undefined));
    },
    start: () => {
      const stop = new AbortController();
      let seen = '';
      let drawnAt = 0;
      const look = async (): Promise<void> => {
        const newest = await newestChange(pool);
        if (newest === seen && bot.now() - drawnAt < anyway) return;
        await drawAll(() => stop.signal.aborted);
        seen = newest;
        drawnAt = bot.now();
      };
      const run = async (): Promise<void> => {
        while (!stop.signal.aborted) {
          await look().catch((error: unknown) => bot.log.warn({ error }, 'home tabs not drawn'));
          await delay(lookEvery, undefined, { signal: stop.signal }).catch(() => undefined);
        }
      };
      const running = run();
      return async () => {
        stop.abort();
        await running;
      };
    },
  };
}
