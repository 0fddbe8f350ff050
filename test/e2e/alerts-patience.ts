import { setTimeout as delay } from 'node:timers/promises';
import type { Slipway } from '../support/slipway.ts';

/** Waits for what takes Slack its time; throws with `what` after three minutes. */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  for (const end = Date.now() + 180_000; Date.now() < end; await delay(100)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
  }
  throw new Error(`${what}: not within three minutes`);
}

/** Waits until Slack shows everything that is known. */
export async function settled({ pool }: Slipway): Promise<void> {
  await eventually('everything is drawn', async () => {
    const undrawn = await pool.query('select id from streams where drawn < version');
    return undrawn.rowCount === 0;
  });
}
