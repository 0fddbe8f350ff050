import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

/** SQLSTATE classes that pass by themselves: connection, resources, operator intervention, serialization. */
const passing = new Set(['08', '53', '57', '40']);

/** Whether the database (and not the statement or the code) was at fault, so that the same may succeed soon. */
export function isPassing(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return passing.has(error.code?.slice(0, 2) ?? '');
  if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) return false;
  // The driver gives a lost connection no code; anything else foreseen carries a name of its own.
  return error.name === 'Error' || error.name === 'AggregateError';
}

/** Does work again while the database is away, for at most `span` milliseconds; the work must be harmless to repeat. */
export async function persist<T>(span: number, work: () => Promise<T>): Promise<T> {
  const end = Date.now() + span;
  for (let wait = 50; ; wait = Math.min(wait * 2, 1_000)) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) || Date.now() + wait > end) throw error;
      await delay(wait);
    }
  }
}
