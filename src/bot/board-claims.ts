import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { boardOf } from '../alerts/board.ts';
import { dropLease, takeLease } from '../store/leases.ts';
import type { Claim } from './board-calls.ts';

/** How long a process that died keeps others from drawing its channels, and how often a claim is renewed, in milliseconds. */
const span = 15_000;
const renewEvery = 4_000;

/** Claims of channels for the process of this name, by leases of the database. */
export function boardClaims(pool: Pool, owner: string, log: Logger): (channel: string) => Promise<Claim> {
  return async (channel) => {
    const id = boardOf(channel);
    let heldUntil = 0;
    const take = async (): Promise<void> => {
      const asked = performance.now();
      heldUntil = (await takeLease(pool, id, owner, span)) ? asked + span : 0;
    };
    await take();
    const renewing = setInterval(() => {
      take().catch((error: unknown) => log.warn({ error, channel }, 'claim not renewed'));
    }, renewEvery);
    return {
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
