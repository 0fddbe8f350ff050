import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where the trees that a systemd keeps its services in are mounted, by their name in cgroups(7): version 1, both, version 2. */
const trees = [
  ['name=systemd', '/sys/fs/cgroup/systemd'],
  ['', '/sys/fs/cgroup/unified'],
  ['', '/sys/fs/cgroup'],
] as const;

/**
 * Makes control groups of that name for one machine and gives their folders. Machines that shared theirs would share those of
 * services with the same name, and one machine's systemd removes the group into which another is about to start a service.
 */
export async function makeControlGroups(name: string): Promise<readonly string[]> {
  const lines = (await readFile('/proc/self/cgroup', 'utf8')).trim().split('\n');
  const own = new Map(lines.map((line) => line.split(':')).map(([, tree = '', path = '/']) => [tree, path]));
  const folders = trees
    .filter(([, mounted]) => existsSync(join(mounted, 'cgroup.procs')))
    .map(([tree, mounted]) => join(mounted, own.get(tree) ?? '/', name));
  for (const folder of folders) await mkdir(folder, { recursive: true });
  return folders;
}

/** Removes control groups with those below them, as soon as their processes have ended; throws when they do not within 10 s. */
export async function removeControlGroups(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    for (const until = performance.now() + 10_000; !(await isRemoved(folder)); await sleep(20)) {
      if (performance.now() > until) throw new Error(`processes in ${folder} do not end`);
    }
  }
}

async function isRemoved(folder: string): Promise<boolean> {
  try {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true });
    const below = entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name));
    for (const group of [folder, ...below].reverse()) await rmdir(group);
    return true;
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'EBUSY') return false;
    throw error;
  }
}
