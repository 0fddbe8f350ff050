import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The folder of the plans within the folder of the runbooks. */
export function planFolder(runbooks: string): string {
  return join(runbooks, 'deploy');
}

/** The names of the plans in a folder of runbooks, sorted: its `deploy/*.yaml` without the ending; none when there is no such folder. */
export async function planNames(runbooks: string): Promise<string[]> {
  const files = await readdir(planFolder(runbooks)).catch(() => []);
  return files
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();
}
