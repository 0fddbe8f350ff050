import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { boardOf } from '../alerts/board.ts';
import { dropLease, type FirstPost, takeLease, takeLeaseToPost } from '../store/leases.ts';
import type { Claim } from './board-calls.ts';

/** How long a process that died keeps others from drawing its channels, and how often a claim is renewed, in milliseconds. */
const span = 15_000;
const renewEvery = 4_000;

/** Claims of channels for the process of this name, by leases of the database. */
export function boardClaims(
  pool: Pool,
  owner: string,
  log: Logger,
): (channel: string, post?: FirstPost) => Promise<Claim> {
  return async (channel, post) => {
    const id = boardOf(channel);
    let heldUntil = 0;
    const take = async (first?: FirstPost): Promise<boolean> => {
      const asked = performance.now();
      const { isTaken, isNoted } =
        first === undefined
          ? { isTaken: await takeLease(pool, id, owner, span), isNoted: false }
          : await takeLeaseToPost(pool, id, owner, span, first);
      heldUntil = isTaken ? asked + span : 0;
      return isNoted;
    };
    const isNoted = await take(post);
    const renewing = setInterval(() => {
      take().catch((error: unknown) => log.warn({ error, channel }, 'claim not renewed'));
    }, renewEvery);
    return {
      isNoted,
      holds: () => performance.now() < heldUntil,
      release: async () => {
        clearInterval(renewing);
        if (heldUntil === 0) return;
        await dropLease(pool, id, owner).catch((error: unknown) =>
          log.warn({ error, channel }, 'not released'),
        );
      },
    };
  };
}
