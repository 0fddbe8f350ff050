import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../errors.ts';
import { asFailure } from '../failures.ts';
import { hostPlace } from '../ssh/ssh-connection.ts';
import { runOn } from '../ssh/ssh-run.ts';
import type { Evidence, Host, StepContext } from '../step.ts';

/**
 * Logs in anew and, with that login, stops the timer of that name that would take a change back: only who can still get in says that the
 * change may stay. Tries until `within` milliseconds are over; throws `timed-out` then, and the timer does its work.
 */
export async function proveLogin(
  host: Host,
  timer: string,
  within: number,
  context: Pick<StepContext, 'signal' | 'log'>,
): Promise<Evidence> {
  const began = performance.now();
  const late = AbortSignal.timeout(within);
  const signal = AbortSignal.any([context.signal, late]);
  const asked = 'a new login after the change';
  for (;;) {
    try {
      const words = ['systemctl', 'stop', '--', `${timer}.timer`];
      const { exit } = await runOn(host, { words, as: 'root', limit: 20_000 }, { ...context, signal });
      const took = Math.round(performance.now() - began);
      if (exit === 0) return { asked, of: hostPlace(host), answered: `succeeded after ${took} ms` };
      throw lost(host, new Error(`systemctl ended with exit code ${exit}`));
    } catch (error) {
      if (context.signal.aborted) throw asFailure(error, `SSH to ${hostPlace(host)}`, context.signal);
      if (late.aborted) throw lost(host, error);
      await sleep(Math.min(300, within / 10), undefined, { signal }).catch(() => undefined);
    }
  }
}

function lost(host: Host, cause: unknown): Failure {
  return new Failure(
    'timed-out',
    `With the change no new login to ${hostPlace(host)} succeeded, so the host takes it back by itself within a minute; look at what stands between before trying again.`,
    { cause },
  );
}
