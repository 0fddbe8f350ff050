import { runOn } from '../../src/steps/ssh/ssh-run.ts';
import type { Host } from '../../src/steps/step.ts';
import { fillIns } from './fill-ins.ts';
import { leftOut } from './left-out.ts';
import type { RunbookCommand } from './runbook-files.ts';

/** A command of a runbook that did not end well, as a person needs to read it. */
export interface Fault {
  readonly where: string;
  readonly said: string;
}

const limit = 120_000;

// What a pipe hides: of its parts only the last one's exit code counts.
const complaint =
  /no such file|not found|cannot open|permission denied|(?:unknown|invalid|unrecognized) option|usage:/i;

/** The commands that the host can run: those for it, but the ones that are left out for a reason. */
export function runnable(commands: readonly RunbookCommand[]): readonly RunbookCommand[] {
  return commands.filter(
    ({ place, runbook, script }) =>
      place === undefined && !leftOut.some((one) => one.runbook === runbook && script.includes(one.holds)),
  );
}

/** Runs a command as an operator would who is logged in, each line only when the one before ended with 0. */
async function faultOf(host: Host, { script, where }: RunbookCommand): Promise<Fault | undefined> {
  const filled = Object.entries(fillIns).reduce(
    (text, [example, real]) => text.replaceAll(example, real),
    script,
  );
  const words = ['bash', '-lc', `set -e\n${filled}`];
  const signal = AbortSignal.timeout(limit + 30_000);
  const { exit, stdout, stderr } = await runOn(host, { words, limit }, { signal, log: () => {} });
  if (exit === 0 && !complaint.test(stderr)) return undefined;
  return { where, said: `exit code ${exit}: ${`${stdout}\n${stderr}`.trim().slice(-600)}` };
}

/** Runs commands, so many of them at a time; gives those that failed, in the order in which they stand. */
export async function faultsOf(
  host: Host,
  commands: readonly RunbookCommand[],
  atOnce = 1,
): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  for (let from = 0; from < commands.length; from += atOnce) {
    const some = commands.slice(from, from + atOnce);
    const ran = await Promise.all(some.map((command) => faultOf(host, command)));
    faults.push(...ran.flatMap((fault) => fault ?? []));
  }
  return faults;
}
