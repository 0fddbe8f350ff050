import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that can be told from a later one with the same number by the tick at which it was started. */
export interface Running {
  readonly pid: number;
  readonly ticks: string;
}

/** The process of that number now; undefined when there is none, or only what its parent has not taken notice of yet. */
export function runningAs(pid: number): Running | undefined {
  try {
    // After the name in parentheses, which may hold anything, come the state and, as the 20th, the start (proc(5)).
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : { pid, ticks: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

export function isRunning({ pid, ticks }: Running): boolean {
  return runningAs(pid)?.ticks === ticks;
}

/** Ends a process and its group: politely, and after five seconds for good. */
export async function endProcess(one: Running): Promise<void> {
  if (!isRunning(one)) return;
  signal(one, 'SIGTERM');
  for (let tries = 0; tries < 250 && isRunning(one); tries += 1) await sleep(20);
  if (isRunning(one)) signal(one, 'SIGKILL');
}

/** Each unit leads a group of its own, so that its children end with it. */
function signal({ pid }: Running, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-pid, name);
  } catch {
    // It has ended in between.
  }
}
