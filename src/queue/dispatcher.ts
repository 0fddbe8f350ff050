import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { batch, nextDue, sendDue } from '../store/outbox.ts';
import type { Queues } from './queues.ts';

/** Hands the outbox to the queue. */
export interface Dispatcher {
  /** Says that something was committed that may be handed over at `due`, in milliseconds since 1970; at once by default. */
  readonly nudge: (due?: number) => void;
  readonly close: () => Promise<void>;
}

/** Starts handing over: at each nudge, when a row becomes due, and every `sweepMs` for what a crash left behind. */
export function startDispatcher(
  pool: Pool,
  queues: Pick<Queues, 'add'>,
  options: { readonly now: () => number; readonly sweepMs: number; readonly log: Logger },
): Dispatcher {
  const { now, sweepMs, log } = options;
  let running: Promise<void> | undefined;
  /** When somebody said that a row would be due, after the last pass began. */
  let wanted = Number.POSITIVE_INFINITY;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let firesAt = Number.POSITIVE_INFINITY;

  const sleepUntil = (at: number): void => {
    clearTimeout(timer);
    firesAt = at;
    timer = setTimeout(start, Math.max(0, at - now()));
  };
  const run = async (): Promise<void> => {
    let next = now() + sweepMs;
    try {
      while ((await sendDue(pool, now(), (rows) => queues.add(rows, now()))) === batch);
      const due = await nextDue(pool);
      if (due !== undefined) next = Math.min(next, Math.max(due, now() + 5));
    } catch (error) {
      log.warn({ error }, 'outbox not handed over');
    }
    running = undefined;
    if (!isClosed) sleepUntil(Math.min(next, wanted));
  };
  const start = (): void => {
    clearTimeout(timer);
    wanted = Number.POSITIVE_INFINITY;
    firesAt = Number.POSITIVE_INFINITY;
    running = run();
  };
  const nudge = (due: number = now()): void => {
    if (isClosed) return;
    wanted = Math.min(wanted, due);
    if (running !== undefined) return;
    if (wanted <= now()) start();
    else if (wanted < firesAt) sleepUntil(wanted);
  };
  start();
  return {
    nudge,
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
