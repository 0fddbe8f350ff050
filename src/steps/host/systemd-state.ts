import { z } from 'zod';
import { Failure } from '../../errors.ts';
import { hostPlace } from '../ssh/ssh-connection.ts';
import { runOn } from '../ssh/ssh-run.ts';
import type { Host, StepContext } from '../step.ts';

/** A unit as systemd tells of it; the words are those of systemctl(1) and org.freedesktop.systemd1(5). */
export interface UnitState {
  readonly load: string;
  /** How its file is installed: `enabled`, `disabled`, `static`, `masked` and others; empty where there is none. */
  readonly file: string;
  readonly active: string;
  readonly sub: string;
  /** Why it last ended: `success`, `exit-code`, `signal`, `timeout`, `start-limit-hit` and others. */
  readonly result: string;
  readonly exitStatus: number;
  /** How often systemd has started it again by itself. */
  readonly restarts: number;
  /** One start of it; each start has another. */
  readonly invocation: string;
  readonly needsReload: boolean;
  /** Milliseconds since it became active. */
  readonly upFor: number;
  /** Milliseconds since 1970 by the host's clock: now, and when its process was started. */
  readonly now: number;
  readonly startedAt: number;
  /** The files that were asked about and are there, with the moment of their last change. */
  readonly files: readonly { readonly path: string; readonly changedAt: number }[];
}

const properties = [
  'LoadState',
  'UnitFileState',
  'ActiveState',
  'SubState',
  'Result',
  'ExecMainStatus',
  'NRestarts',
  'InvocationID',
  'NeedDaemonReload',
  'ActiveEnterTimestampMonotonic',
  'ExecMainStartTimestampMonotonic',
] as const;

const exits = { noSystemd: 41 };

/** The moment of the last change of the file's name, too: a file that was moved into place may have an old date of its own. */
const reading = `unit=$1; shift
systemctl show --no-pager --property=${properties.join(',')} -- "$unit" || exit ${exits.noSystemd}
echo "Uptime=$(cut -d ' ' -f 1 /proc/uptime)"
echo "Now=$(date +%s.%N)"
for path; do stat -c 'File=%.Z %n' -- "$path" 2>/dev/null; done
exit 0`;

const Numeric = z.coerce.number().catch(0);

const Said = z.object({
  LoadState: z.string(),
  UnitFileState: z.string().default(''),
  ActiveState: z.string(),
  SubState: z.string(),
  Result: z.string().default('success'),
  ExecMainStatus: Numeric,
  NRestarts: Numeric,
  InvocationID: z.string().default(''),
  NeedDaemonReload: z.string().default('no'),
  ActiveEnterTimestampMonotonic: Numeric,
  ExecMainStartTimestampMonotonic: Numeric,
  Uptime: Numeric,
  Now: Numeric,
});

/** Reads a unit's state, and when the given files last changed. Throws Failures only, `not-found` where there is no systemd. */
export async function readUnit(
  host: Host,
  name: string,
  paths: readonly string[],
  context: Pick<StepContext, 'signal' | 'log'>,
): Promise<UnitState> {
  const words = ['sh', '-c', reading, 'sh', name, ...paths];
  const { exit, stdout } = await runOn(host, { words, as: 'root', limit: 60_000 }, context);
  if (exit !== 0) {
    throw new Failure(
      'not-found',
      `systemd on ${hostPlace(host)} does not answer (exit code ${exit}); is it there, and is ${name} the name of a unit?`,
    );
  }
  const lines = stdout
    .split('\n')
    .map((line) => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)]);
  const said = Said.parse(Object.fromEntries(lines));
  const started = said.ExecMainStartTimestampMonotonic || said.ActiveEnterTimestampMonotonic;
  const since = (microseconds: number) => said.Uptime * 1_000 - microseconds / 1_000;
  return {
    load: said.LoadState,
    file: said.UnitFileState,
    active: said.ActiveState,
    sub: said.SubState,
    result: said.Result,
    exitStatus: said.ExecMainStatus,
    restarts: said.NRestarts,
    invocation: said.InvocationID,
    needsReload: said.NeedDaemonReload === 'yes',
    upFor: since(said.ActiveEnterTimestampMonotonic),
    now: said.Now * 1_000,
    startedAt: said.Now * 1_000 - since(started),
    files: lines.flatMap(([key, value = '']) => {
      if (key !== 'File') return [];
      const end = value.indexOf(' ');
      return [{ path: value.slice(end + 1), changedAt: Number(value.slice(0, end)) * 1_000 }];
    }),
  };
}

/** The state as evidence shows it, one line. */
export function shownState(state: UnitState): string {
  const { load, file, active, sub, result, restarts } = state;
  return `${load}, ${file || 'no unit file'}, ${active} (${sub}), last result ${result}, restarted ${restarts} times`;
}
