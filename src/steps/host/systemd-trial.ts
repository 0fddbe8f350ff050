import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../errors.ts';
import { asFailure } from '../failures.ts';
import { hostPlace } from '../ssh/ssh-connection.ts';
import { runOn } from '../ssh/ssh-run.ts';
import type { Evidence, Host, StepContext } from '../step.ts';

type Context = Pick<StepContext, 'signal' | 'log'>;

/**
 * Logs in anew and, with that login, stops the timer of that name that would take a change back: only who can still get in says that the
 * change may stay. Tries until `within` milliseconds are over; throws `timed-out` then, and the timer does its work.
 */
export async function proveLogin(
  host: Host,
  timer: string,
  within: number,
  context: Context,
): Promise<Evidence> {
  try {
    return await loginAnew(host, ['systemctl', 'stop', '--', `${timer}.timer`], within, context);
  } catch (error) {
    if (context.signal.aborted) throw error;
    throw new Failure(
      'timed-out',
      `With the change no new login to ${hostPlace(host)} succeeded, so the host takes it back by itself when its trial is over; look at what stands between before trying again.`,
      { cause: error },
    );
  }
}

/** Runs a command with a new login, which right after a reload of the SSH server may have to be tried again; throws Failures only. */
export async function loginAnew(
  host: Host,
  words: readonly string[],
  within: number,
  context: Context,
): Promise<Evidence> {
  const began = performance.now();
  const late = AbortSignal.timeout(within);
  const signal = AbortSignal.any([context.signal, late]);
  for (;;) {
    try {
      const { exit } = await runOn(host, { words, as: 'root', limit: 20_000 }, { ...context, signal });
      const took = Math.round(performance.now() - began);
      const answered = `succeeded after ${took} ms`;
      if (exit === 0) return { asked: 'a new login after the change', of: hostPlace(host), answered };
      throw new Failure('command-failed', `${words.join(' ')} on ${hostPlace(host)} ended with ${exit}.`);
    } catch (error) {
      const failure = asFailure(error, `SSH to ${hostPlace(host)}`, signal);
      if (signal.aborted || failure.code === 'authentication-failed') throw failure;
      await sleep(Math.min(300, within / 10), undefined, { signal }).catch(() => undefined);
    }
  }
}
