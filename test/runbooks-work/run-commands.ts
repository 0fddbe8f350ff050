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

/** Runs a command as an operator would who is logged in, each line only when the one before ended with 0; gives its output. */
export async function runCommand(
  host: Host,
  { script, where }: RunbookCommand,
): Promise<{ readonly stdout: string } | { readonly fault: Fault }> {
  const filled = Object.entries(fillIns).reduce(
    (text, [example, real]) => text.replace(example, real),
    script,
  );
  const words = ['bash', '-lc', `set -e\n${filled}`];
  const signal = AbortSignal.timeout(limit + 30_000);
  const { exit, stdout, stderr } = await runOn(host, { words, limit }, { signal, log: () => {} });
  if (exit === 0 && !complaint.test(stderr)) return { stdout };
  return { fault: { where, said: `exit code ${exit}: ${`${stdout}\n${stderr}`.trim().slice(-600)}` } };
}

/** Runs read-only commands one after the other; gives those that failed. */
export async function faultsOf(host: Host, commands: readonly RunbookCommand[]): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  for (const command of commands) {
    const ran = await runCommand(host, command);
    if ('fault' in ran) faults.push(ran.fault);
  }
  return faults;
}
