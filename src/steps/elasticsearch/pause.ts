import { setTimeout as sleep } from 'node:timers/promises';
import { asFailure } from '../failures.ts';

/** Waits so many milliseconds before the cluster is asked again; throws a Failure as soon as the signal aborts. */
export async function pause(span: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(span, undefined, { signal });
  } catch (error) {
    throw asFailure(error, 'Elasticsearch', signal);
  }
}
