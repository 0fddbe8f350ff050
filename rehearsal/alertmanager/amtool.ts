import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';

const Silence = z.object({
  id: z.string(),
  status: z.object({ state: z.enum(['active', 'pending', 'expired']) }),
  comment: z.string(),
  createdBy: z.string(),
  startsAt: z.string(),
  endsAt: z.string(),
  matchers: z.array(
    z.object({
      name: z.string(),
      value: z.string(),
      isRegex: z.boolean(),
      isEqual: z.boolean().default(true),
    }),
  ),
});

/** A silence as amtool shows it. */
export type ShownSilence = z.output<typeof Silence>;

/** Runs Debian's amtool against an Alertmanager and gives what it prints; throws with its words when it fails. */
export async function amtool(url: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('/usr/bin/amtool', [`--alertmanager.url=${url}`, ...args], {
    maxBuffer: 64 * 1_048_576,
  });
  return stdout;
}

/** The silences that an Alertmanager has now: those in force, or with `--expired` the others. */
export async function shownSilences(url: string, ...args: readonly string[]): Promise<ShownSilence[]> {
  return z.array(Silence).parse(JSON.parse(await amtool(url, 'silence', 'query', '--output=json', ...args)));
}
