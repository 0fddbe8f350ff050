import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeControlGroups, removeControlGroups } from './control-groups.ts';

/** A booting or running machine, whose processes all end with this one, however it ends. */
export interface Machine {
  readonly isDead: () => boolean;
  /** Its first process as this machine numbers it. */
  readonly firstProcess: () => Promise<number>;
  /** The last part of what systemd-nspawn complained about. */
  readonly said: () => string;
  readonly stop: () => Promise<void>;
}

/** Goes into the control groups that are named first, and becomes the command after them. */
const inGroups = 'until [ "$1" = -- ]; do echo $$ >"$1/cgroup.procs"; shift; done; shift; exec "$@"';

// Its own process namespace ends with its parent, even when that is killed; systemd-nspawn alone would leave the machine running.
const tied = ['/usr/bin/unshare', '--mount', '--pid', '--mount-proc', '--fork', '--kill-child'];

/** Starts systemd on a throw-away copy of a root folder; `binds` are folders and files of this machine, by their path there. */
export async function bootMachine(
  name: string,
  root: string,
  binds: Readonly<Record<string, string>>,
): Promise<Machine> {
  const groups = await makeControlGroups(name);
  const shown = Object.entries(binds).map(([there, here]) => `--bind-ro=${here}:${there}`);
  const child = spawn(
    '/usr/bin/setpriv',
    [
      '--pdeathsig=KILL',
      ...['sh', '-ec', inGroups, 'sh', ...groups, '--'],
      ...tied,
      'systemd-nspawn',
      '--quiet',
      '--register=no',
      '--keep-unit',
      '--kill-signal=SIGRTMIN+3',
      '--volatile=overlay',
      '--console=pipe',
      '--network-veth',
      '--capability=all',
      `--machine=${name}`,
      `--directory=${root}`,
      ...shown,
      '--boot',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2_000);
  });
  child.on('error', (error) => {
    said += error.message;
  });
  const isDead = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  const killAtExit = () => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  return {
    isDead,
    firstProcess: async () => childOf(await childOf(child.pid ?? 0)),
    said: () => said.trim(),
    stop: async () => {
      process.off('exit', killAtExit);
      await end(child, isDead);
      await removeControlGroups(groups);
    },
  };
}

async function end(child: ChildProcess, isDead: () => boolean): Promise<void> {
  if (isDead()) return;
  const ended = once(child, 'exit');
  const nspawn = await childOf(child.pid ?? 0).catch(() => undefined);
  if (nspawn !== undefined) process.kill(nspawn, 'SIGTERM');
  await Promise.race([ended, sleep(nspawn === undefined ? 0 : 10_000, undefined, { ref: false })]);
  if (isDead()) return;
  child.kill('SIGKILL');
  await ended;
}

async function childOf(pid: number): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const child = Number(children.trim().split(' ').at(-1));
  if (!child) throw new Error(`the process ${pid} has no child yet`);
  return child;
}
