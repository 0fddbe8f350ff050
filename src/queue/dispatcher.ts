import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { nextDue, sendDue } from '../store/outbox.ts';
import type { Queues } from './queues.ts';

/** Hands the outbox to the queue. */
export interface Dispatcher {
  /** Says that something was committed, so that it is handed over at once. */
  readonly nudge: () => void;
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
  let isNudged = false;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;

  const pass = async (): Promise<void> => {
    do {
      isNudged = false;
      while ((await sendDue(pool, now(), (rows) => queues.add(rows, now()))) > 0);
    } while (isNudged && !isClosed);
  };
  const rest = async (): Promise<number> => {
    const due = await nextDue(pool);
    return due === undefined ? sweepMs : Math.min(sweepMs, Math.max(5, due - now()));
  };
  const run = async (): Promise<void> => {
    clearTimeout(timer);
    let wait = sweepMs;
    try {
      await pass();
      wait = await rest();
    } catch (error) {
      log.warn({ error }, 'outbox not handed over');
    }
    running = undefined;
    if (isClosed) return;
    if (isNudged) nudge();
    else timer = setTimeout(nudge, wait);
  };
  const nudge = (): void => {
    isNudged = true;
    if (running === undefined && !isClosed) running = run();
  };
  nudge();
  return {
    nudge,
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
