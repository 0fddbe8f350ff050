import { setTimeout as delay } from 'node:timers/promises';

/**
 * Runs work under a time limit in milliseconds and an outer signal. The work's own signal aborts on either; work that
 * does not heed it is left behind, so that nothing can hang its caller.
 */
export async function within<T>(
  limit: number,
  outer: AbortSignal,
  tooLate: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  outer.throwIfAborted();
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(tooLate()), limit);
  const stop = () => controller.abort(outer.reason);
  outer.addEventListener('abort', stop, { once: true });
  const aborted = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason), { once: true });
  });
  try {
    return await Promise.race([work(controller.signal), aborted]);
  } catch (error) {
    // Whatever the client made of the abort, the reason for it is what people should read.
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', stop);
    aborted.catch(() => undefined);
  }
}

/** Waits for a span in milliseconds, or until the signal aborts; never throws. */
export async function pause(span: number, signal: AbortSignal): Promise<void> {
  await delay(span, undefined, { signal }).catch(() => undefined);
}
