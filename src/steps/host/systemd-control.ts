import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../errors.ts';
import { lastLine } from '../../text.ts';
import { asFailure } from '../failures.ts';
import { hostPlace } from '../ssh/ssh-connection.ts';
import { runOn } from '../ssh/ssh-run.ts';
import type { Evidence, Host, StepContext } from '../step.ts';
import { readUnit, type UnitState } from './systemd-state.ts';

type Context = Pick<StepContext, 'signal' | 'log'>;

/** Runs systemctl on a host as root; throws `command-failed` with its last line when it refuses. `limit` in milliseconds. */
export async function systemctl(
  host: Host,
  words: readonly string[],
  context: Context,
  limit = 60_000,
): Promise<Evidence> {
  const command = { words: ['systemctl', '--no-ask-password', ...words], as: 'root', limit };
  const { exit, stdout, stderr } = await runOn(host, command, context);
  const asked = `systemctl ${words.join(' ')}`;
  if (exit === 0) return { asked, of: hostPlace(host), answered: `${stdout}${stderr}`.trim() || 'done' };
  const last = lastLine(stderr);
  throw new Failure(
    'command-failed',
    `${asked} on ${hostPlace(host)} failed: ${last || `exit code ${exit}`}`,
  );
}

/** Reads a unit; when it became active only a moment ago, waits until it must have settled and reads it again. */
export async function readSettled(
  host: Host,
  name: string,
  paths: readonly string[],
  settled: number,
  context: Context,
): Promise<{ readonly earlier: UnitState; readonly state: UnitState }> {
  const earlier = await readUnit(host, name, paths, context);
  const isComing = earlier.active === 'active' || earlier.active === 'activating';
  if (!isComing || (earlier.active === 'active' && earlier.upFor >= settled))
    return { earlier, state: earlier };
  const rest = earlier.active === 'active' ? settled - Math.max(0, earlier.upFor) : settled;
  await pause(host, rest + 50, context);
  return { earlier, state: await readUnit(host, name, paths, context) };
}

/** Waits so many milliseconds; throws `aborted` or `timed-out` when the signal comes first. */
async function pause(host: Host, span: number, { signal }: Context): Promise<void> {
  try {
    await sleep(span, undefined, { signal });
  } catch (error) {
    throw asFailure(error, hostPlace(host), signal);
  }
}

/** The words of the service itself first; systemd's own about it only when there are none. */
const telling = `journalctl --quiet --no-pager --output=cat --lines=20 --since="@$2" --unit="$1"
printf '\\0'
journalctl --quiet --no-pager --output=cat --lines=20 --since="@$2" "_SYSTEMD_UNIT=$1"`;

/**
 * The last twenty journal lines of a unit since a moment (milliseconds since 1970, by the host's clock) go into the log; gives the last
 * that the service itself wrote, or the empty text.
 */
export async function tellJournal(
  host: Host,
  name: string,
  since: number,
  context: Context,
): Promise<string> {
  const words = ['sh', '-c', telling, 'sh', name, String(Math.floor(since / 1_000))];
  const { stdout } = await runOn(host, { words, as: 'root', limit: 30_000 }, context);
  const [all = '', own = ''] = stdout.split('\0');
  context.log(`journal of ${name}:\n${all.trim()}\n`);
  const lines = own.split('\n').filter((line) => line.trim() !== '');
  return (lines.at(-1) ?? '').trim().slice(0, 300);
}
