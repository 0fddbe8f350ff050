import { setTimeout as delay } from 'node:timers/promises';

/** Waits until something is there, looking every few milliseconds; throws with `what` after ten seconds. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  for (const end = Date.now() + 10_000; Date.now() < end; await delay(10)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
  }
  throw new Error(`${what}: not within ten seconds`);
}
