import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeProgram } from './launchers.ts';
import { programsIn } from './played-root.ts';
import { linkRealPrograms, realProgramsIn } from './real-programs.ts';
import { shellPrograms } from './shell-programs.ts';

/** A played host that runs: what its commands find in their environment, and how it is shut down. */
export interface Machine {
  readonly env: Readonly<Record<string, string>> & { readonly PLAYED_ROOT: string };
  readonly stop: () => Promise<void>;
}

interface MachineOptions {
  /** The folder that is the host's own. */
  readonly root: string;
  /** Where the rehearsal lies as JavaScript: beside this file once it is built. */
  readonly compiled?: string;
}

const folders = [
  ...['etc/ssl/certs', 'etc/ssl/private', 'etc/systemd/system', 'srv', 'run', 'tmp', 'root'],
  ...['usr/sbin', 'var/cache/apt', 'var/lib/apt', 'var/lib/dpkg', 'var/lib/played', 'var/log'],
];

/**
 * Boots a played host in a folder: its accounts are files there, and its programs are stand-ins, which keep their state there too,
 * and those of this machine that can change nothing of it. Stand-ins for Node need the rehearsal to be built; without that they are
 * left out, and what they stand for is not played.
 */
export async function bootMachine({ root, compiled }: MachineOptions): Promise<Machine> {
  for (const folder of folders) mkdirSync(join(root, folder), { recursive: true });
  if (!existsSync(join(root, 'etc/passwd'))) {
    writeFileSync(join(root, 'etc/passwd'), `root:x:0:0:root:${root}/root:/bin/sh\n`);
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\n');
  }
  for (const [name, script] of Object.entries(shellPrograms)) writeProgram(root, name, script);
  linkRealPrograms(root);
  const env = {
    PATH: `${programsIn(root)}:${realProgramsIn(root)}`,
    PLAYED_PATH: realProgramsIn(root),
    PLAYED_ROOT: root,
    HOME: join(root, 'root'),
    TMPDIR: join(root, 'tmp'),
    LANG: 'C.UTF-8',
  };
  const init = join(compiled ?? fileURLToPath(new URL('.', import.meta.url)), 'programs/init.js');
  if (!existsSync(init)) return { env, stop: async () => {} };

  // In a group of its own, so that Ctrl-C leaves the order in which all is stopped to the caller.
  const child = spawn(process.execPath, [init], { env, stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const ended = once(child, 'exit');
  const booted = await Promise.race([once(child.stdout, 'data').then(() => true), ended.then(() => false)]);
  if (!booted) throw new Error(`the played host in ${root} did not boot`);
  return {
    env,
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
