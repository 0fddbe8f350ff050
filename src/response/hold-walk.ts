import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { dropLease, takeLease } from '../store/leases.ts';

/** A lease that is renewed until it is released; `signal` aborts when it is lost or this process is closing. */
export interface Hold {
  readonly signal: AbortSignal;
  /** Looks now and then whether what is held is still this worker's, since another may have had the lease in between. */
  readonly keepWhile: (isMine: () => Promise<boolean>) => void;
  /** Aborts the signal: nothing that this worker does may be written any more. */
  readonly giveUp: () => void;
  readonly release: () => Promise<void>;
}

/** What holding needs. */
export interface Holding {
  readonly pool: Pool;
  readonly now: () => number;
  readonly newId: () => string;
  /** Names this process. */
  readonly owner: string;
  /** How long a lease stays without a sign of life, in milliseconds. */
  readonly leaseMs: number;
  /** Aborts when this process is closing. */
  readonly closing: AbortSignal;
  readonly log: Logger;
}

/** Why a signal aborts when somebody else may be at work, or this process is closing: the next worker looks for itself. */
const lost = new Error('Another worker may have taken over this step.');

/** Takes a lease so that nobody else works on the same; undefined when somebody else has it, or this process is closing. */
export async function holdWalk(lease: string, holding: Holding): Promise<Hold | undefined> {
  const { pool, now, newId, leaseMs, closing, log } = holding;
  if (closing.aborted) return undefined;
  // Two jobs in one process exclude each other as well.
  const owner = `${holding.owner}/${newId()}`;
  let renewedAt = now();
  if (!(await takeLease(pool, lease, owner, leaseMs))) return undefined;
  const controller = new AbortController();
  const giveUp = () => controller.abort(lost);
  let isMine = async (): Promise<boolean> => true;
  const renew = async (): Promise<void> => {
    // The lease counts from when it was asked for, since that is the latest that the database may count from.
    const at = now();
    try {
      if (await takeLease(pool, lease, owner, leaseMs)) renewedAt = at;
      else giveUp();
      if (!(await isMine())) giveUp();
    } catch (error) {
      log.warn({ error, lease }, 'lease not renewed');
    }
  };
  let renewing: Promise<void> | undefined;
  const timer = setInterval(
    () => {
      // Also when the database says nothing at all.
      if (now() - renewedAt >= leaseMs) giveUp();
      renewing ??= renew().finally(() => {
        renewing = undefined;
      });
    },
    Math.max(50, leaseMs / 4),
  );
  closing.addEventListener('abort', giveUp);
  if (closing.aborted) giveUp();
  return {
    signal: controller.signal,
    keepWhile: (check) => {
      isMine = check;
    },
    giveUp,
    release: async () => {
      clearInterval(timer);
      closing.removeEventListener('abort', giveUp);
      // A renewal on its way would take the lease again once it is dropped.
      await renewing;
      await dropLease(pool, lease, owner);
    },
  };
}
